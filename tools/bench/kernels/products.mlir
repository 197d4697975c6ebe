// Products as they stand in a training step, for `moe-run-kernels --profile 20 [--profile-threads 2] [--cold]` (docs/kernels.md): the output layer of SMoE-small for 512 tokens and 20,000 words, a square one, and
// the experts of DefaultMoe with their gradients.

#mk = affine_map<(m, n, k) -> (m, k)>
#kn = affine_map<(m, n, k) -> (k, n)>
#nk = affine_map<(m, n, k) -> (n, k)>
#km = affine_map<(m, n, k) -> (k, m)>
#mn = affine_map<(m, n, k) -> (m, n)>

func.func @logits(%x: tensor<512x128xf32>, %w: tensor<20000x128xf32>) -> tensor<512x20000xf32> {
  %y = kernel.contract %x, %w {extents = array<i64: 512, 20000, 128>, maps = [#mk, #nk, #mn]} : tensor<512x128xf32>, tensor<20000x128xf32> -> tensor<512x20000xf32>
  return %y : tensor<512x20000xf32>
}

func.func @logits_dx(%d: tensor<512x20000xf32>, %w: tensor<20000x128xf32>) -> tensor<512x128xf32> {
  %y = kernel.contract %d, %w {extents = array<i64: 512, 128, 20000>, maps = [#mk, #kn, #mn]} : tensor<512x20000xf32>, tensor<20000x128xf32> -> tensor<512x128xf32>
  return %y : tensor<512x128xf32>
}

func.func @logits_dw(%d: tensor<512x20000xf32>, %x: tensor<512x128xf32>) -> tensor<20000x128xf32> {
  %y = kernel.contract %d, %x {extents = array<i64: 20000, 128, 512>, maps = [#km, #kn, #mn]} : tensor<512x20000xf32>, tensor<512x128xf32> -> tensor<20000x128xf32>
  return %y : tensor<20000x128xf32>
}

func.func @square(%x: tensor<1024x1024xf32>, %w: tensor<1024x1024xf32>) -> tensor<1024x1024xf32> {
  %y = kernel.contract %x, %w {extents = array<i64: 1024, 1024, 1024>, maps = [#mk, #kn, #mn]} : tensor<1024x1024xf32>, tensor<1024x1024xf32> -> tensor<1024x1024xf32>
  return %y : tensor<1024x1024xf32>
}

func.func @experts(%x: tensor<4096x256xf32>, %w: tensor<8x256x704xf32>, %d: tensor<4096x704xf32>) -> (tensor<4096x704xf32>, tensor<4096x256xf32>, tensor<8x256x704xf32>) {
  %offsets = kernel.constant dense<[0, 500, 1030, 1500, 2048, 2600, 3100, 3600, 4096]> : tensor<9xi32>
  %y = kernel.grouped_contract %x, %w, %offsets : tensor<4096x256xf32>, tensor<8x256x704xf32>, tensor<9xi32> -> tensor<4096x704xf32>
  %dx = kernel.grouped_contract %d, %w, %offsets {transpose_w} : tensor<4096x704xf32>, tensor<8x256x704xf32>, tensor<9xi32> -> tensor<4096x256xf32>
  %dw = kernel.grouped_outer %x, %d, %offsets : tensor<4096x256xf32>, tensor<4096x704xf32>, tensor<9xi32> -> tensor<8x256x704xf32>
  return %y, %dx, %dw : tensor<4096x704xf32>, tensor<4096x256xf32>, tensor<8x256x704xf32>
}
