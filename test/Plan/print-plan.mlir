// RUN: moe-opt %s --kernel-print-plan -o /dev/null | FileCheck %s

// The moment is updated in place: its old value is read at the index that is written. The parameter too, although the
// moment's op reads it first. The squared gradient needs the arena; the product that follows it lies in the same bytes.
// CHECK: kernels: 1, bytes of constants: 64
// CHECK: @update: launches: 4, bytes of arena: 64
// CHECK-NEXT: param 'w' f32[4, 4] = normal(0.5)
// CHECK-NEXT: opt 'm.w' f32[4, 4]
// CHECK-NEXT: grad 'w' f32[4, 4]
// CHECK-NEXT: 0: row x1 (grad 'w') -> (arena[0, 64)) {{.*}}print-plan.mlir:[[#@LINE+12]]:
// CHECK-NEXT: 1: row x1 (arena[0, 64), constant[0, 64)) -> (arena[0, 64))
// CHECK-NEXT: 2: row x1 (opt 'm.w', arena[0, 64)) -> (opt 'm.w')
// CHECK-NEXT: 3: row x1 (param 'w', opt 'm.w') -> (param 'w')
// CHECK: largest at the peak:
// CHECK-NEXT: 64 bytes {{.*}}print-plan.mlir
#id = affine_map<(d0, d1) -> (d0, d1)>
func.func @update(%w: tensor<4x4xf32> {moe.arg = {kind = "param", name = "w", init = {dist = "normal", value = 0.5 : f64}}},
                  %m: tensor<4x4xf32> {moe.arg = {kind = "opt", name = "m.w"}},
                  %g: tensor<4x4xf32> {moe.arg = {kind = "grad", name = "w"}})
    -> (tensor<4x4xf32> {moe.res = {kind = "param", name = "w"}},
        tensor<4x4xf32> {moe.res = {kind = "opt", name = "m.w"}}) {
  %s = kernel.row (%g : tensor<4x4xf32>) attributes {extents = array<i64: 4, 4>, row_rank = 0 : i64, maps = [#id, #id]} {
  ^bb0(%a: f32):
    %b = arith.mulf %a, %a : f32
    kernel.yield %b : f32
  } -> (tensor<4x4xf32>)
  %c = kernel.constant dense<3.0> : tensor<4x4xf32>
  %p = kernel.row (%s, %c : tensor<4x4xf32>, tensor<4x4xf32>) attributes {extents = array<i64: 4, 4>, row_rank = 0 : i64, maps = [#id, #id, #id]} {
  ^bb0(%a: f32, %b: f32):
    %d = arith.mulf %a, %b : f32
    kernel.yield %d : f32
  } -> (tensor<4x4xf32>)
  %m1 = kernel.row (%m, %p : tensor<4x4xf32>, tensor<4x4xf32>) attributes {extents = array<i64: 4, 4>, row_rank = 0 : i64, maps = [#id, #id, #id]} {
  ^bb0(%a: f32, %b: f32):
    %d = arith.addf %a, %b : f32
    kernel.yield %d : f32
  } -> (tensor<4x4xf32>)
  %w1 = kernel.row (%w, %m1 : tensor<4x4xf32>, tensor<4x4xf32>) attributes {extents = array<i64: 4, 4>, row_rank = 0 : i64, maps = [#id, #id, #id]} {
  ^bb0(%a: f32, %b: f32):
    %d = arith.subf %a, %b : f32
    kernel.yield %d : f32
  } -> (tensor<4x4xf32>)
  return %w1, %m1 : tensor<4x4xf32>, tensor<4x4xf32>
}
