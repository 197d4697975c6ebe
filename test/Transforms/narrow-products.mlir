// RUN: moe-opt --pass-pipeline='builtin.module(func.func(kernel-narrow-products),canonicalize)' %s | FileCheck %s

#a = affine_map<(m, n, k) -> (m, k)>
#b = affine_map<(m, n, k) -> (k, n)>
#y = affine_map<(m, n, k) -> (m, n)>
#id2 = affine_map<(d0, d1) -> (d0, d1)>

// Factors are rounded once, whoever reads them, and what only moves them moves what is rounded.
// CHECK-LABEL: func.func @products
// CHECK-SAME: %[[X:[a-z0-9]+]]: tensor<6x4xf32>, %[[W:[a-z0-9]+]]: tensor<4x8xf32>, %[[E:[a-z0-9]+]]: tensor<2x4x8xf32>
// CHECK-DAG: %[[NX:.*]] = kernel.row(%[[X]] : tensor<6x4xf32>)
// CHECK-DAG: %[[NW:.*]] = kernel.row(%[[W]] : tensor<4x8xf32>)
// CHECK-DAG: %[[NE:.*]] = kernel.row(%[[E]] : tensor<2x4x8xf32>)
// CHECK: kernel.contract %[[NX]], %[[NW]] {{.*}} : tensor<6x4xbf16>, tensor<4x8xbf16> -> tensor<6x8xf32>
// CHECK: %[[G:.*]] = kernel.gather_rows %[[NX]], {{.*}} -> tensor<5x4xbf16>
// CHECK: %[[V:.*]] = kernel.view %[[G]] : tensor<5x4xbf16> -> tensor<5x4xbf16>
// CHECK: kernel.grouped_contract %[[V]], %[[NE]], {{.*}} -> tensor<5x8xf32>
// CHECK: kernel.grouped_outer %[[G]], {{.*}} : tensor<5x4xbf16>, tensor<5x8xbf16>, tensor<3xi32> -> tensor<2x4x8xf32>
func.func @products(%x: tensor<6x4xf32>, %w: tensor<4x8xf32>, %e: tensor<2x4x8xf32>, %index: tensor<5xi32>, %offsets: tensor<3xi32>)
    -> (tensor<6x8xf32>, tensor<2x4x8xf32>) attributes {moe.precision = "bf16"} {
  %0 = kernel.contract %x, %w {extents = array<i64: 6, 8, 4>, maps = [#a, #b, #y]} : tensor<6x4xf32>, tensor<4x8xf32> -> tensor<6x8xf32>
  %1 = kernel.gather_rows %x, %index : tensor<6x4xf32>, tensor<5xi32> -> tensor<5x4xf32>
  %2 = kernel.view %1 : tensor<5x4xf32> -> tensor<5x4xf32>
  %3 = kernel.grouped_contract %2, %e, %offsets : tensor<5x4xf32>, tensor<2x4x8xf32>, tensor<3xi32> -> tensor<5x8xf32>
  %4 = kernel.grouped_outer %1, %3, %offsets : tensor<5x4xf32>, tensor<5x8xf32>, tensor<3xi32> -> tensor<2x4x8xf32>
  return %0, %4 : tensor<6x8xf32>, tensor<2x4x8xf32>
}

// The scores of a router, through a row and a view; the product beside them is rounded.
// CHECK-LABEL: func.func @router
// CHECK: kernel.contract {{.*}} : tensor<6x4xf32>, tensor<4x8xf32> -> tensor<6x8xf32>
// CHECK: kernel.top_mask
// CHECK: kernel.contract {{.*}} : tensor<6x4xbf16>, tensor<4x8xbf16> -> tensor<6x8xf32>
func.func @router(%x: tensor<6x4xf32>, %w: tensor<4x8xf32>) -> (tensor<6x8xi1>, tensor<6x8xf32>) attributes {moe.precision = "bf16"} {
  %0 = kernel.contract %x, %w {extents = array<i64: 6, 8, 4>, maps = [#a, #b, #y]} : tensor<6x4xf32>, tensor<4x8xf32> -> tensor<6x8xf32>
  %1 = kernel.row (%0 : tensor<6x8xf32>) attributes {extents = array<i64: 6, 8>, row_rank = 0, maps = [#id2, #id2]} {
  ^bb0(%s: f32):
    %e = math.exp %s : f32
    kernel.yield %e : f32
  } -> (tensor<6x8xf32>)
  %2 = kernel.view %1 : tensor<6x8xf32> -> tensor<6x8xf32>
  %on = kernel.top_mask %2 {k = 2 : i64} : tensor<6x8xf32> -> tensor<6x8xi1>
  %3 = kernel.contract %x, %w {extents = array<i64: 6, 8, 4>, maps = [#a, #b, #y]} : tensor<6x4xf32>, tensor<4x8xf32> -> tensor<6x8xf32>
  return %on, %3 : tensor<6x8xi1>, tensor<6x8xf32>
}

// Nobody asked for it.
// CHECK-LABEL: func.func @full
// CHECK-NOT: bf16
func.func @full(%x: tensor<6x4xf32>, %w: tensor<4x8xf32>) -> tensor<6x8xf32> {
  %0 = kernel.contract %x, %w {extents = array<i64: 6, 8, 4>, maps = [#a, #b, #y]} : tensor<6x4xf32>, tensor<4x8xf32> -> tensor<6x8xf32>
  return %0 : tensor<6x8xf32>
}
