// RUN: moe-opt --moe-evaluate %s -o /dev/null | sed -E 's/ rms .* :/ =/' | FileCheck --match-full-lines %s

// CHECK: product #0 [2, 2] = 4 5 10 11
func.func @product() -> tensor<2x2xf32> {
  %a = moe.constant dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32>
  %b = moe.constant dense<[[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]> : tensor<3x2xf32>
  %y = moe.contract %a, %b {extents = array<i64: 2, 2, 3>, maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>]}
    : tensor<2x3xf32>, tensor<3x2xf32> -> tensor<2x2xf32>
  return %y : tensor<2x2xf32>
}

// s[t, j] = q[t] k[t + j]: the window before each position. And its gradient, which has the window on the result: dk[t + j] += s[t, j] q[t].
// CHECK: window #0 [3, 2] = 10 20 40 60 90 120
// CHECK: window #1 [4] = 10 100 390 360
func.func @window() -> (tensor<3x2xf32>, tensor<4xf32>) {
  %q = moe.constant dense<[1.0, 2.0, 3.0]> : tensor<3xf32>
  %k = moe.constant dense<[10.0, 20.0, 30.0, 40.0]> : tensor<4xf32>
  %s = moe.contract %q, %k {extents = array<i64: 3, 2>, maps = [affine_map<(t, j) -> (t)>, affine_map<(t, j) -> (t + j)>, affine_map<(t, j) -> (t, j)>]}
    : tensor<3xf32>, tensor<4xf32> -> tensor<3x2xf32>
  %dk = moe.contract %s, %q {extents = array<i64: 3, 2>, maps = [affine_map<(t, j) -> (t, j)>, affine_map<(t, j) -> (t)>, affine_map<(t, j) -> (t + j)>]}
    : tensor<3x2xf32>, tensor<3xf32> -> tensor<4xf32>
  return %s, %dk : tensor<3x2xf32>, tensor<4xf32>
}

// One operand: a diagonal, a trace, every second element backwards. A constant index.
// CHECK: single #0 [2] = 1 4
// CHECK: single #1 [] = 5
// CHECK: single #2 [2] = 30 10
// CHECK: single #3 [2] = 2 4
func.func @single() -> (tensor<2xf32>, tensor<f32>, tensor<2xf32>, tensor<2xf32>) {
  %a = moe.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %v = moe.constant dense<[10.0, 20.0, 30.0]> : tensor<3xf32>
  %0 = moe.contract %a {extents = array<i64: 2>, maps = [affine_map<(i) -> (i, i)>, affine_map<(i) -> (i)>]} : tensor<2x2xf32> -> tensor<2xf32>
  %1 = moe.contract %a {extents = array<i64: 2>, maps = [affine_map<(i) -> (i, i)>, affine_map<(i) -> ()>]} : tensor<2x2xf32> -> tensor<f32>
  %2 = moe.contract %v {extents = array<i64: 2>, maps = [affine_map<(i) -> (i * -2 + 2)>, affine_map<(i) -> (i)>]} : tensor<3xf32> -> tensor<2xf32>
  %3 = moe.contract %a {extents = array<i64: 2>, maps = [affine_map<(i) -> (i, 1)>, affine_map<(i) -> (i)>]} : tensor<2x2xf32> -> tensor<2xf32>
  return %0, %1, %2, %3 : tensor<2xf32>, tensor<f32>, tensor<2xf32>, tensor<2xf32>
}
