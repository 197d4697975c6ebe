// RUN: moe-opt %s --kernel-print-plan -o /dev/null | FileCheck %s

// The gradient of %w takes the place of what it was made of, and stays there. That of %v is added to what is there: it has a buffer of its own.
// CHECK: @train: launches: 4, bytes of arena: 128
// CHECK: grad 'v' f32[4, 4]{{$}}
// CHECK: grad 'w' f32[4, 4] in arena[0, 64)
// CHECK-NEXT: loss 'loss' f32[4, 4]{{$}}
// CHECK-NEXT: 0: row x1 (param 'w') -> (arena[0, 64))
// CHECK-NEXT: 1: row x1 (arena[0, 64)) -> (arena[0, 64))
// CHECK-NEXT: 2: row x1 (param 'w', grad 'v') -> (grad 'v', arena[64, 128))
// CHECK-NEXT: 3: row x1 (arena[64, 128)) -> (loss 'loss')
#id = affine_map<(d0, d1) -> (d0, d1)>
func.func @train(%w: tensor<4x4xf32> {moe.arg = {kind = "param", name = "w"}}, %old: tensor<4x4xf32> {moe.arg = {kind = "grad", name = "v"}})
    -> (tensor<4x4xf32> {moe.res = {kind = "grad", name = "w"}}, tensor<4x4xf32> {moe.res = {kind = "grad", name = "v"}},
        tensor<4x4xf32> {moe.res = {kind = "loss", name = "loss"}}) {
  %a = kernel.row (%w : tensor<4x4xf32>) attributes {extents = array<i64: 4, 4>, row_rank = 0 : i64, maps = [#id, #id]} {
  ^bb0(%x: f32):
    %y = arith.mulf %x, %x : f32
    kernel.yield %y : f32
  } -> (tensor<4x4xf32>)
  %g = kernel.row (%a : tensor<4x4xf32>) attributes {extents = array<i64: 4, 4>, row_rank = 0 : i64, maps = [#id, #id]} {
  ^bb0(%x: f32):
    %y = arith.mulf %x, %x : f32
    kernel.yield %y : f32
  } -> (tensor<4x4xf32>)
  %s, %b = kernel.row (%w, %old : tensor<4x4xf32>, tensor<4x4xf32>) attributes {extents = array<i64: 4, 4>, row_rank = 0 : i64, maps = [#id, #id, #id, #id]} {
  ^bb0(%x: f32, %o: f32):
    %y = arith.addf %x, %o : f32
    %z = arith.mulf %x, %o : f32
    kernel.yield %y, %z : f32, f32
  } -> (tensor<4x4xf32>, tensor<4x4xf32>)
  %loss = kernel.row (%b : tensor<4x4xf32>) attributes {extents = array<i64: 4, 4>, row_rank = 0 : i64, maps = [#id, #id]} {
  ^bb0(%x: f32):
    %y = arith.mulf %x, %x : f32
    kernel.yield %y : f32
  } -> (tensor<4x4xf32>)
  return %g, %s, %loss : tensor<4x4xf32>, tensor<4x4xf32>, tensor<4x4xf32>
}
