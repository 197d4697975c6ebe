// RUN: moe-opt --moe-evaluate %s -o /dev/null | sed -E 's/ rms .* :/ =/' | FileCheck --match-full-lines %s

// CHECK: reduced #0 [2] = 6 0
// CHECK: reduced #1 [3] = -1 7 0
// CHECK: reduced #2 [] = 6
// CHECK: reduced #3 [2] = 3 5
// CHECK: reduced #4 [3] = -2 2 -3
// CHECK: reduced #5 [2, 3] = 1 2 3 -2 5 -3
func.func @reduced() -> (tensor<2xf32>, tensor<3xf32>, tensor<f32>, tensor<2xf32>, tensor<3xf32>, tensor<2x3xf32>) {
  %x = moe.constant dense<[[1.0, 2.0, 3.0], [-2.0, 5.0, -3.0]]> : tensor<2x3xf32>
  %0 = moe.reduce sum %x {dims = array<i64: 1>} : tensor<2x3xf32> -> tensor<2xf32>
  %1 = moe.reduce sum %x {dims = array<i64: 0>} : tensor<2x3xf32> -> tensor<3xf32>
  %2 = moe.reduce sum %x {dims = array<i64: 0, 1>} : tensor<2x3xf32> -> tensor<f32>
  %3 = moe.reduce max %x {dims = array<i64: 1>} : tensor<2x3xf32> -> tensor<2xf32>
  %4 = moe.reduce min %x {dims = array<i64: 0>} : tensor<2x3xf32> -> tensor<3xf32>
  %5 = moe.reduce max %x {dims = array<i64>} : tensor<2x3xf32> -> tensor<2x3xf32>
  return %0, %1, %2, %3, %4, %5 : tensor<2xf32>, tensor<3xf32>, tensor<f32>, tensor<2xf32>, tensor<3xf32>, tensor<2x3xf32>
}

// Outer and inner dimension at once; ties; minus infinity; NaN; integers below zero.
// CHECK: edges #0 [3] = 14 22 30
// CHECK: edges #1 [3] = 4 -inf nan
// CHECK: edges #2 [2] = -1 -4
func.func @edges() -> (tensor<3xi32>, tensor<3xf32>, tensor<2xi32>) {
  %i = moe.iota {dim = 0} : tensor<12xi32>
  %b = moe.reshape %i : tensor<12xi32> -> tensor<2x3x2xi32>
  %0 = moe.reduce sum %b {dims = array<i64: 0, 2>} : tensor<2x3x2xi32> -> tensor<3xi32>
  %x = moe.constant dense<[[4.0, 4.0], [0xFF800000, 0xFF800000], [1.0, 0x7FC00000]]> : tensor<3x2xf32>
  %1 = moe.reduce max %x {dims = array<i64: 1>} : tensor<3x2xf32> -> tensor<3xf32>
  %n = moe.constant dense<[[-1, -3], [-9, -4]]> : tensor<2x2xi32>
  %2 = moe.reduce max %n {dims = array<i64: 1>} : tensor<2x2xi32> -> tensor<2xi32>
  return %0, %1, %2 : tensor<3xi32>, tensor<3xf32>, tensor<2xi32>
}

// CHECK: prefixes #0 [2, 3] = 1 3 6 4 9 15
// CHECK: prefixes #1 [2, 3] = 0 1 3 0 4 9
// CHECK: prefixes #2 [2, 3] = 6 5 3 15 11 6
// CHECK: prefixes #3 [2, 3] = 5 3 0 11 6 0
// CHECK: prefixes #4 [2, 3] = 1 2 3 5 7 9
func.func @prefixes() -> (tensor<2x3xi32>, tensor<2x3xi32>, tensor<2x3xi32>, tensor<2x3xi32>, tensor<2x3xi32>) {
  %x = moe.constant dense<[[1, 2, 3], [4, 5, 6]]> : tensor<2x3xi32>
  %0 = moe.cumsum %x {dim = 1} : tensor<2x3xi32>
  %1 = moe.cumsum %x {dim = 1, exclusive} : tensor<2x3xi32>
  %2 = moe.cumsum %x {dim = 1, reverse} : tensor<2x3xi32>
  %3 = moe.cumsum %x {dim = 1, exclusive, reverse} : tensor<2x3xi32>
  %4 = moe.cumsum %x {dim = 0} : tensor<2x3xi32>
  return %0, %1, %2, %3, %4 : tensor<2x3xi32>, tensor<2x3xi32>, tensor<2x3xi32>, tensor<2x3xi32>, tensor<2x3xi32>
}

// Equal elements; an element of minus infinity; a row of nothing else; far from zero; e^ln3 against e^0; NaN.
// CHECK: soft #0 [6, 2] = 0.5 0.5 1 0 0 0 0.5 0.5 0.75 0.25 nan nan
// CHECK: soft #1 [6] = 0.69314718 3 -inf 1000.6931 1.3862944 nan
func.func @soft() -> (tensor<6x2xf32>, tensor<6xf32>) {
  %x = moe.constant dense<[[0.0, 0.0], [3.0, 0xFF800000], [0xFF800000, 0xFF800000], [1000.0, 1000.0], [1.0986122886681098, 0.0], [0x7FC00000, 0.0]]> : tensor<6x2xf32>
  %0 = moe.softmax %x : tensor<6x2xf32>
  %1 = moe.logsumexp %x : tensor<6x2xf32> -> tensor<6xf32>
  return %0, %1 : tensor<6x2xf32>, tensor<6xf32>
}

// Mean 2, variance 2/3 and 8/3; equal elements; eps = 1/3 makes the first deviation 1.
// CHECK: normal #0 [3, 3] = -1.2247449 0 1.2247449 -1.2247449 0 1.2247449 nan nan nan
// CHECK: normal #1 [3, 3] = -1 0 1 -1.1547005 0 1.1547005 0 0 0
func.func @normal() -> (tensor<3x3xf64>, tensor<3x3xf64>) {
  %x = moe.constant dense<[[1.0, 2.0, 3.0], [0.0, 2.0, 4.0], [5.0, 5.0, 5.0]]> : tensor<3x3xf64>
  %0 = moe.normalize %x {eps = 0.0 : f64} : tensor<3x3xf64>
  %1 = moe.normalize %x {eps = 0.33333333333333333 : f64} : tensor<3x3xf64>
  return %0, %1 : tensor<3x3xf64>, tensor<3x3xf64>
}
