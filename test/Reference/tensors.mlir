// RUN: moe-opt --moe-evaluate %s -o /dev/null | sed -E 's/ rms .* :/ =/' | FileCheck --match-full-lines %s

// An f32 constant holds its f32 value, an f64 constant all of it; a mask is 0 and 1.
// CHECK: constants #0 [2] = 5.9604645e-09 0
// CHECK: constants #1 [2] = 0 -4
// CHECK: constants #2 [2] = 1 0
// CHECK: constants #3 [] = 3
func.func @constants() -> (tensor<2xf64>, tensor<2xi32>, tensor<2xi1>, tensor<f32>) {
  %single = moe.constant dense<[0.4, 0.5]> : tensor<2xf32>
  %double = moe.constant dense<[0.4, 0.5]> : tensor<2xf64>
  %wide = moe.convert %single : tensor<2xf32> -> tensor<2xf64>
  %gap = moe.sub %wide, %double : tensor<2xf64>
  %i = moe.constant dense<[0, -4]> : tensor<2xi32>
  %m = moe.constant dense<[true, false]> : tensor<2xi1>
  %s = moe.constant dense<3.0> : tensor<f32>
  return %gap, %i, %m, %s : tensor<2xf64>, tensor<2xi32>, tensor<2xi1>, tensor<f32>
}

// CHECK: indices #0 [2, 3] = 0 0 0 1 1 1
// CHECK: indices #1 [2, 3] = 0 1 2 0 1 2
func.func @indices() -> (tensor<2x3xi32>, tensor<2x3xi32>) {
  %0 = moe.iota {dim = 0} : tensor<2x3xi32>
  %1 = moe.iota {dim = 1} : tensor<2x3xi32>
  return %0, %1 : tensor<2x3xi32>, tensor<2x3xi32>
}

// CHECK: repeated #0 [2, 3, 2] = 1 2 1 2 1 2 3 4 3 4 3 4
// CHECK: repeated #1 [3] = 5 5 5
func.func @repeated() -> (tensor<2x3x2xf32>, tensor<3xf32>) {
  %x = moe.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %s = moe.constant dense<5.0> : tensor<f32>
  %0 = moe.broadcast %x {dims = array<i64: 0, 2>} : tensor<2x2xf32> -> tensor<2x3x2xf32>
  %1 = moe.broadcast %s {dims = array<i64>} : tensor<f32> -> tensor<3xf32>
  return %0, %1 : tensor<2x3x2xf32>, tensor<3xf32>
}

// CHECK: moved #0 [3, 2] = 0 1 2 3 4 5
// CHECK: moved #1 [3, 2] = 0 3 1 4 2 5
// CHECK: moved #2 [2, 2] = 1 2 4 5
// CHECK: moved #3 [3, 4] = 0 0 0 0 0 0 1 2 0 3 4 5
// CHECK: moved #4 [2, 5] = 0 1 2 1 2 3 4 5 4 5
func.func @moved() -> (tensor<3x2xi32>, tensor<3x2xi32>, tensor<2x2xi32>, tensor<3x4xi32>, tensor<2x5xi32>) {
  %x = moe.constant dense<[[0, 1, 2], [3, 4, 5]]> : tensor<2x3xi32>
  %0 = moe.reshape %x : tensor<2x3xi32> -> tensor<3x2xi32>
  %1 = moe.transpose %x {perm = array<i64: 1, 0>} : tensor<2x3xi32> -> tensor<3x2xi32>
  %2 = moe.slice %x {offsets = array<i64: 0, 1>} : tensor<2x3xi32> -> tensor<2x2xi32>
  %3 = moe.pad %x {offsets = array<i64: 1, 1>} : tensor<2x3xi32> -> tensor<3x4xi32>
  %4 = moe.concat %x, %2 {dim = 1} : tensor<2x3xi32>, tensor<2x2xi32> -> tensor<2x5xi32>
  return %0, %1, %2, %3, %4 : tensor<3x2xi32>, tensor<3x2xi32>, tensor<2x2xi32>, tensor<3x4xi32>, tensor<2x5xi32>
}

// Three dimensions: y[i, j, k] = x[j, k, i].
// CHECK: turned #0 [2, 2, 3] = 0 2 4 6 8 10 1 3 5 7 9 11
func.func @turned() -> tensor<2x2x3xi32> {
  %x = moe.iota {dim = 0} : tensor<12xi32>
  %b = moe.reshape %x : tensor<12xi32> -> tensor<2x3x2xi32>
  %y = moe.transpose %b {perm = array<i64: 2, 0, 1>} : tensor<2x3x2xi32> -> tensor<2x2x3xi32>
  return %y : tensor<2x2x3xi32>
}

// One row twice, one never.
// CHECK: rows #0 [2, 2, 2] = 5 6 1 2 1 2 5 6
// CHECK: rows #1 [3, 2] = 5 6 0 0 5 6
// CHECK: rows #2 [2] = 30 10
func.func @rows() -> (tensor<2x2x2xf32>, tensor<3x2xf32>, tensor<2xf32>) {
  %table = moe.constant dense<[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]> : tensor<3x2xf32>
  %ids = moe.constant dense<[[2, 0], [0, 2]]> : tensor<2x2xi32>
  %0 = moe.gather %table, %ids : tensor<3x2xf32>, tensor<2x2xi32> -> tensor<2x2x2xf32>
  %x = moe.constant dense<[[[1.0, 2.0], [2.0, 1.0]], [[3.0, 5.0], [4.0, 4.0]]]> : tensor<2x2x2xf32>
  %1 = moe.scatter_add %ids, %x : tensor<2x2xi32>, tensor<2x2x2xf32> -> tensor<3x2xf32>
  %line = moe.constant dense<[10.0, 20.0, 30.0]> : tensor<3xf32>
  %two = moe.constant dense<[2, 0]> : tensor<2xi32>
  %2 = moe.gather %line, %two : tensor<3xf32>, tensor<2xi32> -> tensor<2xf32>
  return %0, %1, %2 : tensor<2x2x2xf32>, tensor<3x2xf32>, tensor<2xf32>
}

// CHECK: detached #0 [2] = 1 2
func.func @detached() -> tensor<2xf32> {
  %x = moe.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %y = moe.detach %x : tensor<2xf32>
  return %y : tensor<2xf32>
}
