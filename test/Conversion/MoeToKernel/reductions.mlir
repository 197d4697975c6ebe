// RUN: moe-opt --convert-moe-to-kernel --split-input-file %s | FileCheck %s

// CHECK-LABEL: func @softmax
// CHECK: extents = array<i64: 4, 8>
// CHECK-SAME: row_rank = 1
// CHECK: %[[M:.*]] = kernel.reduce max %{{.*}} : f32
// CHECK: math.exp
// CHECK: kernel.reduce sum
// CHECK: arith.divf
func.func @softmax(%x: tensor<4x8xf32>) -> tensor<4x8xf32> {
  %y = moe.softmax %x : tensor<4x8xf32>
  return %y : tensor<4x8xf32>
}

// -----

// The domain is (kept dimensions..., reduced dimensions...).
// CHECK-DAG: #[[IN:.*]] = affine_map<(d0, d1, d2) -> (d1, d0, d2)>
// CHECK-DAG: #[[OUT:.*]] = affine_map<(d0, d1, d2) -> (d0)>
// CHECK-LABEL: func @reduce_outer_and_inner
// CHECK: extents = array<i64: 3, 2, 4>, maps = [#[[IN]], #[[OUT]]], row_rank = 2
// CHECK: kernel.reduce max
func.func @reduce_outer_and_inner(%x: tensor<2x3x4xf32>) -> tensor<3xf32> {
  %y = moe.reduce max %x {dims = array<i64: 0, 2>} : tensor<2x3x4xf32> -> tensor<3xf32>
  return %y : tensor<3xf32>
}

// -----

// A full reduction of a large tensor keeps the outer dimension in a first step.
// CHECK-LABEL: func @full_sum
// CHECK: %[[ROWS:.*]] = kernel.row
// CHECK-SAME: extents = array<i64: 200, 300>
// CHECK-SAME: row_rank = 1
// CHECK: -> (tensor<200xf32>)
// CHECK: kernel.row(%[[ROWS]]
// CHECK-SAME: extents = array<i64: 200>
// CHECK-SAME: row_rank = 1
// CHECK: -> (tensor<f32>)
func.func @full_sum(%x: tensor<200x300xf32>) -> tensor<f32> {
  %y = moe.reduce sum %x {dims = array<i64: 0, 1>} : tensor<200x300xf32> -> tensor<f32>
  return %y : tensor<f32>
}

// -----

// One long dimension is cut into pieces.
// CHECK-LABEL: func @long_sum
// CHECK: %[[V:.*]] = kernel.view %{{.*}} : tensor<12288x8xf32> -> tensor<128x96x8xf32>
// CHECK: %[[P:.*]] = kernel.row(%[[V]]
// CHECK-SAME: extents = array<i64: 128, 8, 96>
// CHECK: kernel.row(%[[P]]
// CHECK-SAME: extents = array<i64: 8, 128>
func.func @long_sum(%x: tensor<12288x8xf32>) -> tensor<8xf32> {
  %y = moe.reduce sum %x {dims = array<i64: 0>} : tensor<12288x8xf32> -> tensor<8xf32>
  return %y : tensor<8xf32>
}

// -----

// CHECK-LABEL: func @cross_entropy
// CHECK: %[[I:.*]] = kernel.index 2
// CHECK: arith.cmpi eq, %[[I]]
// CHECK: kernel.reduce sum
// CHECK: kernel.reduce max
// CHECK: math.log
// CHECK: -> (tensor<2x3xf32>)
// CHECK: kernel.row
// CHECK-SAME: tensor<2x3x5xf32>, tensor<2x3xi32>, tensor<2x3xf32>
// CHECK: -> (tensor<2x3x5xf32>)
func.func @cross_entropy(%z: tensor<2x3x5xf32>, %t: tensor<2x3xi32>) -> tensor<2x3x5xf32> {
  %l = moe.cross_entropy %z, %t : tensor<2x3x5xf32>, tensor<2x3xi32> -> tensor<2x3xf32>
  %d = moe.cross_entropy_grad %z, %t, %l : tensor<2x3x5xf32>, tensor<2x3xi32>, tensor<2x3xf32>
  return %d : tensor<2x3x5xf32>
}

// -----

// CHECK-LABEL: func @normalize
// CHECK: kernel.reduce sum
// CHECK: kernel.reduce sum
// CHECK: math.rsqrt
func.func @normalize(%x: tensor<4x8xf32>) -> tensor<4x8xf32> {
  %y = moe.normalize %x {eps = 1.0e-5 : f64} : tensor<4x8xf32>
  return %y : tensor<4x8xf32>
}
