// RUN: moe-opt %s | moe-opt | FileCheck %s
// RUN: moe-opt --mlir-print-op-generic %s | moe-opt | FileCheck %s

#m = affine_map<(e, i, j) -> (e, i)>
#id = affine_map<(i, j) -> (i, j)>
#i = affine_map<(i, j) -> (i)>

// CHECK-LABEL: func.func @f
// CHECK: %{{.*}}:2 = kernel.slices(%{{.*}} : tensor<4x8xf32>) attributes {dims = [array<i64: 0>, array<i64: 0>], extents = array<i64: 4>} {
// CHECK-NEXT: ^bb0(%[[X:.*]]: tensor<4x8xf32>):
// CHECK: %[[Y:.*]] = kernel.row(%[[X]] : tensor<4x8xf32>)
// CHECK: kernel.yield {{.*}} : f32
// CHECK: %[[Z:.*]] = kernel.row(%[[Y]] : tensor<4x8xf32>)
// CHECK: kernel.yield %[[Y]], %[[Z]] : tensor<4x8xf32>, tensor<4xf32>
// CHECK-NEXT: } -> (tensor<4x8xf32>, tensor<4xf32>)
func.func @f(%a: tensor<4x8xf32>) -> (tensor<4x8xf32>, tensor<4xf32>) {
  %y, %z = kernel.slices(%a : tensor<4x8xf32>) attributes {extents = array<i64: 4>, dims = [array<i64: 0>, array<i64: 0>]} {
  ^bb0(%x: tensor<4x8xf32>):
    %0 = kernel.row(%x : tensor<4x8xf32>) attributes {extents = array<i64: 4, 8>, maps = [#id, #id], row_rank = 0 : i64} {
    ^bb0(%e: f32):
      %f = arith.mulf %e, %e : f32
      kernel.yield %f : f32
    } -> (tensor<4x8xf32>)
    %1 = kernel.row(%0 : tensor<4x8xf32>) attributes {extents = array<i64: 4, 8>, maps = [#id, #i], row_rank = 1 : i64} {
    ^bb0(%e: f32):
      %s = kernel.reduce sum %e : f32
      kernel.yield %s : f32
    } -> (tensor<4xf32>)
    kernel.yield %0, %1 : tensor<4x8xf32>, tensor<4xf32>
  } -> (tensor<4x8xf32>, tensor<4xf32>)
  return %y, %z : tensor<4x8xf32>, tensor<4xf32>
}
