// RUN: moe-opt --pass-pipeline='builtin.module(func.func(kernel-form-slices{limit=4000 least-slices=4}),canonicalize)' --split-input-file %s | FileCheck %s
// RUN: moe-opt --pass-pipeline='builtin.module(kernel-evaluate)' --split-input-file %s | grep ' rms ' > %t.before
// RUN: moe-opt --pass-pipeline='builtin.module(func.func(kernel-form-slices{limit=4000 least-slices=4}),kernel-evaluate)' --split-input-file %s | grep ' rms ' > %t.after
// RUN: diff %t.before %t.after
// RUN: moe-opt --pass-pipeline='builtin.module(func.func(kernel-form-slices))' --split-input-file %s | FileCheck %s --check-prefix=SMALL
// RUN: moe-opt --pass-pipeline='builtin.module(func.func(kernel-narrow-products{always},kernel-fuse-rows,kernel-form-slices{limit=4000 least-slices=4}),canonicalize)' --split-input-file %s | FileCheck %s --check-prefix=BF16

// With nothing above the limit nothing changes.
// SMALL-NOT: kernel.slices

#q = affine_map<(b, n, t, j, c) -> (b, t, n, c)>
#k = affine_map<(b, n, t, j, c) -> (b, t + j, n, c)>
#pe = affine_map<(b, n, t, j, c) -> (c, j)>
#s = affine_map<(b, n, t, j, c) -> (b, n, t, j)>
#id = affine_map<(b, n, t, j) -> (b, n, t, j)>
#dk = affine_map<(b, n, e, j, c) -> (b, e, n, c)>
#dkq = affine_map<(b, n, e, j, c) -> (b, e - j, n, c)>
#dks = affine_map<(b, n, e, j, c) -> (b, n, e - j, j)>

// Attention of 2 rows and 2 heads and its derivative, with something between the two that needs the one and is needed by the other. Scores and weights exist for one
// row and head at a time; the derivative computes them again. The gradient of what all rows and heads share is summed up from a part of each.
// CHECK-LABEL: func.func @attention
// CHECK-SAME: %[[Q:[a-z0-9]+]]: tensor<2x64x2x8xf32>, %[[K:[a-z0-9]+]]: tensor<2x127x2x8xf32>, %[[PE:[a-z0-9]+]]: tensor<8x64xf32>
// CHECK: %[[O:.*]] = kernel.slices(%[[Q]], %[[PE]], %[[K]] : {{.*}}) attributes {dims = [array<i64: 0, 1>, array<i64: 0, 1>, array<i64: 0, 1>], extents = array<i64: 2, 2>} {
// CHECK: kernel.contract
// CHECK: kernel.row
// CHECK: %[[Y:.*]] = kernel.contract
// CHECK-NEXT: kernel.yield %[[Y]] : tensor<2x64x2x8xf32>
// CHECK: %[[D:.*]] = kernel.row(%[[O]] : tensor<2x64x2x8xf32>)
// CHECK: %[[G:.*]]:2 = kernel.slices({{.*}}%[[D]]{{.*}} extents = array<i64: 2, 2>} {
// CHECK-COUNT-2: kernel.contract
// CHECK: math.exp
// CHECK: arith.subf
// CHECK: kernel.contract {{.*}} -> tensor<2x127x2x8xf32>
// CHECK: kernel.contract {{.*}} -> tensor<2x2x8x64xf32>
// CHECK-NEXT: kernel.yield {{.*}} : tensor<2x127x2x8xf32>, tensor<2x2x8x64xf32>
// CHECK: %[[DPE:.*]] = kernel.row(%[[G]]#1 : tensor<2x2x8x64xf32>) attributes {extents = array<i64: 8, 64, 2, 2>{{.*}} row_rank = 2
// CHECK: kernel.reduce sum
// CHECK: return %[[O]], %[[G]]#0, %[[DPE]]
// With factors in bf16 the weights leave their row twice, rounded and not: both are computed again, together, and the derivative is one group.
// BF16-LABEL: func.func @attention
// BF16: kernel.slices
// BF16: %[[P:.*]] = kernel.row({{.*}} : tensor<2x2x64x64xf32>)
// BF16: kernel.yield %{{[^,]*}} : bf16
// BF16-NEXT: } -> (tensor<2x2x64x64xbf16>)
// BF16: kernel.contract %[[P]], %{{.*}} -> tensor<2x64x2x8xf32>
// BF16-NEXT: kernel.yield %{{[^,]*}} : tensor<2x64x2x8xf32>
// BF16: kernel.slices({{[^x]*}}tensor<2x64x2x8xbf16>, tensor<2x127x2x8xbf16>, tensor<2x64x2x8xbf16>, tensor<8x64xbf16>)
// BF16: math.exp
// BF16: } -> (tensor<2x2x64x64xbf16>, tensor<2x2x64x64xf32>)
// BF16: kernel.yield {{.*}} : tensor<2x127x2x8xf32>, tensor<2x2x8x64xf32>
// BF16-NOT: kernel.slices
// BF16: return
func.func @attention(%q: tensor<2x64x2x8xf32>, %k: tensor<2x127x2x8xf32>, %pe: tensor<8x64xf32>) -> (tensor<2x64x2x8xf32>, tensor<2x127x2x8xf32>, tensor<8x64xf32>) {
  %0 = kernel.contract %q, %pe {extents = array<i64: 2, 2, 64, 64, 8>, maps = [#q, #pe, #s]} : tensor<2x64x2x8xf32>, tensor<8x64xf32> -> tensor<2x2x64x64xf32>
  %w = kernel.row(%0 : tensor<2x2x64x64xf32>) attributes {extents = array<i64: 2, 2, 64, 64>, maps = [#id, #id], row_rank = 1 : i64} {
  ^bb0(%x: f32):
    %z = math.exp %x : f32
    %n = kernel.reduce sum %z : f32
    %r = arith.divf %z, %n : f32
    kernel.yield %r : f32
  } -> (tensor<2x2x64x64xf32>)
  %o = kernel.contract %w, %k {extents = array<i64: 2, 2, 64, 64, 8>, maps = [#s, #k, #q]} : tensor<2x2x64x64xf32>, tensor<2x127x2x8xf32> -> tensor<2x64x2x8xf32>
  %d = kernel.row(%o : tensor<2x64x2x8xf32>) attributes {extents = array<i64: 2, 64, 2, 8>, maps = [#id, #id], row_rank = 0 : i64} {
  ^bb0(%x: f32):
    %y = arith.mulf %x, %x : f32
    kernel.yield %y : f32
  } -> (tensor<2x64x2x8xf32>)
  %dw = kernel.contract %d, %k {extents = array<i64: 2, 2, 64, 64, 8>, maps = [#q, #k, #s]} : tensor<2x64x2x8xf32>, tensor<2x127x2x8xf32> -> tensor<2x2x64x64xf32>
  %ds = kernel.row(%dw, %w : tensor<2x2x64x64xf32>, tensor<2x2x64x64xf32>) attributes {extents = array<i64: 2, 2, 64, 64>, maps = [#id, #id, #id], row_rank = 1 : i64} {
  ^bb0(%x: f32, %p: f32):
    %a = arith.mulf %x, %p : f32
    %t = kernel.reduce sum %a : f32
    %u = arith.subf %x, %t : f32
    %r = arith.mulf %u, %p : f32
    kernel.yield %r : f32
  } -> (tensor<2x2x64x64xf32>)
  %dv = kernel.contract %d, %w {extents = array<i64: 2, 2, 127, 64, 8>, guard_sizes = array<i64: 64>, guards = affine_map<(b, n, e, j, c) -> (e - j)>, maps = [#dkq, #dks, #dk]} : tensor<2x64x2x8xf32>, tensor<2x2x64x64xf32> -> tensor<2x127x2x8xf32>
  %dpe = kernel.contract %q, %ds {extents = array<i64: 2, 2, 64, 64, 8>, maps = [#q, #s, #pe]} : tensor<2x64x2x8xf32>, tensor<2x2x64x64xf32> -> tensor<8x64xf32>
  return %o, %dv, %dpe : tensor<2x64x2x8xf32>, tensor<2x127x2x8xf32>, tensor<8x64xf32>
}

// -----

#a = affine_map<(t, v, c) -> (t, c)>
#b = affine_map<(t, v, c) -> (c, v)>
#y = affine_map<(t, v, c) -> (t, v)>
#id = affine_map<(t, v) -> (t, v)>
#t = affine_map<(t, v) -> (t)>

// A slice of a linear layer would be a product of a vector: it stays whole, however large.
// CHECK-LABEL: func.func @layer
// CHECK-NOT: kernel.slices
// CHECK: return
func.func @layer(%x: tensor<16x4xf32>, %w: tensor<4x100xf32>) -> tensor<16xf32> {
  %0 = kernel.contract %x, %w {extents = array<i64: 16, 100, 4>, maps = [#a, #b, #y]} : tensor<16x4xf32>, tensor<4x100xf32> -> tensor<16x100xf32>
  %1 = kernel.row(%0 : tensor<16x100xf32>) attributes {extents = array<i64: 16, 100>, maps = [#id, #t], row_rank = 1 : i64} {
  ^bb0(%e: f32):
    %s = kernel.reduce max %e : f32
    kernel.yield %s : f32
  } -> (tensor<16xf32>)
  return %1 : tensor<16xf32>
}

// -----

#q = affine_map<(b, t, j, c) -> (b, t, c)>
#k = affine_map<(b, t, j, c) -> (b, j, c)>
#s = affine_map<(b, t, j, c) -> (b, t, j)>
#id = affine_map<(b, t, j) -> (b, t, j)>
#tj = affine_map<(b, t, j) -> (t, j, b)>

// Weights that the caller gets must exist whole, and sums over the rows of the batch as large as the scores are no partial sums.
// CHECK-LABEL: func.func @seen
// CHECK-NOT: kernel.slices
// CHECK: return
func.func @seen(%q: tensor<4x16x8xf32>, %k: tensor<4x16x8xf32>) -> (tensor<4x16x16xf32>, tensor<4x16x8xf32>) {
  %0 = kernel.contract %q, %k {extents = array<i64: 4, 16, 16, 8>, maps = [#q, #k, #s]} : tensor<4x16x8xf32>, tensor<4x16x8xf32> -> tensor<4x16x16xf32>
  %w = kernel.row(%0 : tensor<4x16x16xf32>) attributes {extents = array<i64: 4, 16, 16>, maps = [#id, #id], row_rank = 0 : i64} {
  ^bb0(%x: f32):
    %z = math.tanh %x : f32
    kernel.yield %z : f32
  } -> (tensor<4x16x16xf32>)
  %o = kernel.contract %w, %k {extents = array<i64: 4, 16, 16, 8>, maps = [#s, #k, #q]} : tensor<4x16x16xf32>, tensor<4x16x8xf32> -> tensor<4x16x8xf32>
  return %w, %o : tensor<4x16x16xf32>, tensor<4x16x8xf32>
}

// CHECK-LABEL: func.func @summed
// CHECK-NOT: kernel.slices
// CHECK: return
func.func @summed(%q: tensor<4x16x8xf32>, %k: tensor<4x16x8xf32>) -> tensor<16x16xf32> {
  %0 = kernel.contract %q, %k {extents = array<i64: 4, 16, 16, 8>, maps = [#q, #k, #s]} : tensor<4x16x8xf32>, tensor<4x16x8xf32> -> tensor<4x16x16xf32>
  %w = kernel.row(%0 : tensor<4x16x16xf32>) attributes {extents = array<i64: 16, 16, 4>, maps = [affine_map<(t, j, b) -> (b, t, j)>, affine_map<(t, j, b) -> (t, j)>], row_rank = 1 : i64} {
  ^bb0(%x: f32):
    %z = kernel.reduce sum %x : f32
    kernel.yield %z : f32
  } -> (tensor<16x16xf32>)
  return %w : tensor<16x16xf32>
}
