// RUN: moe-opt --convert-moe-to-kernel --split-input-file %s | FileCheck %s

// CHECK-LABEL: func @matmul
// CHECK: kernel.contract
// CHECK-NOT: guards
// CHECK-SAME: extents = array<i64: 4, 5, 6>
func.func @matmul(%a: tensor<4x6xf32>, %b: tensor<6x5xf32>) -> tensor<4x5xf32> {
  %y = moe.contract %a, %b {extents = array<i64: 4, 5, 6>,
         maps = [affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (k, j)>, affine_map<(i, j, k) -> (i, j)>]}
       : tensor<4x6xf32>, tensor<6x5xf32> -> tensor<4x5xf32>
  return %y : tensor<4x5xf32>
}

// -----

// A sum of dimensions in an operand stays.
// CHECK-DAG: #[[K:.*]] = affine_map<(d0, d1, d2) -> (d0 + d1, d2)>
// CHECK-LABEL: func @window
// CHECK: kernel.contract
// CHECK-SAME: maps = [#{{.*}}, #[[K]], #{{.*}}]
func.func @window(%q: tensor<8x16xf32>, %k: tensor<11x16xf32>) -> tensor<8x4xf32> {
  %s = moe.contract %q, %k {extents = array<i64: 8, 4, 16>,
         maps = [affine_map<(t, j, c) -> (t, c)>, affine_map<(t, j, c) -> (t + j, c)>, affine_map<(t, j, c) -> (t, j)>]}
       : tensor<8x16xf32>, tensor<11x16xf32> -> tensor<8x4xf32>
  return %s : tensor<8x4xf32>
}

// -----

// In the result it is a new variable u = t + j in the place of t, so that t = u - j must stay in its range.
// CHECK-DAG: #[[DS:.*]] = affine_map<(d0, d1, d2) -> (d0 - d1, d1)>
// CHECK-DAG: #[[Q:.*]] = affine_map<(d0, d1, d2) -> (d0 - d1, d2)>
// CHECK-DAG: #[[DK:.*]] = affine_map<(d0, d1, d2) -> (d0, d2)>
// CHECK-DAG: #[[T:.*]] = affine_map<(d0, d1, d2) -> (d0 - d1)>
// CHECK-LABEL: func @window_gradient
// CHECK: kernel.contract
// CHECK-SAME: extents = array<i64: 11, 4, 16>
// CHECK-SAME: guard_sizes = array<i64: 8>
// CHECK-SAME: guards = #[[T]]
// CHECK-SAME: maps = [#[[DS]], #[[Q]], #[[DK]]]
func.func @window_gradient(%ds: tensor<8x4xf32>, %q: tensor<8x16xf32>) -> tensor<11x16xf32> {
  %dk = moe.contract %ds, %q {extents = array<i64: 8, 4, 16>,
         maps = [affine_map<(t, j, c) -> (t, j)>, affine_map<(t, j, c) -> (t, c)>, affine_map<(t, j, c) -> (t + j, c)>]}
       : tensor<8x4xf32>, tensor<8x16xf32> -> tensor<11x16xf32>
  return %dk : tensor<11x16xf32>
}

// -----

// A diagonal and a stride have no variable to solve for: a new one equals the index.
// CHECK-LABEL: func @diagonal
// CHECK: kernel.contract
// CHECK-SAME: extents = array<i64: 4, 4>
// CHECK-SAME: guard_sizes = array<i64: 1>
func.func @diagonal(%a: tensor<4xf32>, %b: tensor<4xf32>) -> tensor<4x4xf32> {
  %y = moe.contract %a, %b {extents = array<i64: 4>,
         maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>, affine_map<(i) -> (i, i)>]}
       : tensor<4xf32>, tensor<4xf32> -> tensor<4x4xf32>
  return %y : tensor<4x4xf32>
}

// -----

// The sum of one tensor over dimensions is a row, with the summed dimensions last.
// CHECK-DAG: #[[IN:.*]] = affine_map<(d0, d1, d2) -> (d2, d1, d0)>
// CHECK-DAG: #[[OUT:.*]] = affine_map<(d0, d1, d2) -> (d0, d1)>
// CHECK-LABEL: func @sum
// CHECK: kernel.row
// CHECK-SAME: extents = array<i64: 4, 3, 2>, maps = [#[[IN]], #[[OUT]]], row_rank = 1
// CHECK: kernel.reduce sum
func.func @sum(%x: tensor<2x3x4xf32>) -> tensor<4x3xf32> {
  %y = moe.contract %x {extents = array<i64: 2, 3, 4>,
         maps = [affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (k, j)>]} : tensor<2x3x4xf32> -> tensor<4x3xf32>
  return %y : tensor<4x3xf32>
}

// -----

// With a window in its index it is a product with one.
// CHECK-LABEL: func @window_sum
// CHECK: %[[ONE:.*]] = kernel.constant dense<1.000000e+00> : tensor<f32>
// CHECK: kernel.contract %{{.*}}, %[[ONE]]
func.func @window_sum(%x: tensor<11xf32>) -> tensor<8xf32> {
  %y = moe.contract %x {extents = array<i64: 8, 4>,
         maps = [affine_map<(t, j) -> (t + j)>, affine_map<(t, j) -> (t)>]} : tensor<11xf32> -> tensor<8xf32>
  return %y : tensor<8xf32>
}
