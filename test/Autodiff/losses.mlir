// RUN: moe-opt %s --moe-differentiate --moe-simplify --cse | FileCheck %s
// RUN: moe-opt %s --moe-check-gradients -o /dev/null | FileCheck %s --check-prefix=CHECKED

// The mean over tokens ends in a constant gradient for each.
// CHECK-LABEL: @crossEntropy
// CHECK-SAME: %[[Z:[^:]*]]: tensor<5x7xf64> {{{.*}}}, %[[T:[^:]*]]: tensor<5xi32>)
// CHECK: %[[G:.*]] = moe.constant dense<2.000000e-01> : tensor<5xf64>
// CHECK: moe.cross_entropy %[[Z]], %[[T]]
// CHECK: %[[D:.*]] = moe.cross_entropy_grad %[[Z]], %[[T]], %[[G]] : tensor<5x7xf64>, tensor<5xi32>, tensor<5xf64>
// CHECK-NEXT: return %{{.*}}, %[[D]]
// CHECKED: crossEntropy.z ok
func.func @crossEntropy(%z: tensor<5x7xf64> {moe.arg = {kind = "param", name = "crossEntropy.z"}}, %t: tensor<5xi32>) -> (tensor<f64> {moe.res = {kind = "objective", name = "o"}}) {
  %l = moe.cross_entropy %z, %t : tensor<5x7xf64>, tensor<5xi32> -> tensor<5xf64>
  %sum = moe.reduce sum %l {dims = array<i64: 0>} : tensor<5xf64> -> tensor<f64>
  %share = moe.constant dense<0.2> : tensor<f64>
  %o = moe.mul %sum, %share : tensor<f64>
  return %o : tensor<f64>
}

// The gradient of a gradient.
// CHECK-LABEL: @second
// CHECK: moe.reduce sum {{.*}} -> tensor<f64>
// CHECK: moe.softmax
// CHECK: moe.cross_entropy_grad {{.*}}, %[[ONE:.*]] : tensor<2x3x7xf64>
// CHECKED: second.z ok
// CHECKED: second.g ok
func.func @second(%z: tensor<2x3x7xf64> {moe.arg = {kind = "param", name = "second.z"}}, %t: tensor<2x3xi32>, %g: tensor<2x3xf64> {moe.arg = {kind = "param", name = "second.g"}}, %c: tensor<2x3x7xf64>) -> (tensor<f64> {moe.res = {kind = "objective", name = "o"}}) {
  %y = moe.cross_entropy_grad %z, %t, %g : tensor<2x3x7xf64>, tensor<2x3xi32>, tensor<2x3xf64>
  %s = moe.mul %y, %c : tensor<2x3x7xf64>
  %o = moe.reduce sum %s {dims = array<i64: 0, 1, 2>} : tensor<2x3x7xf64> -> tensor<f64>
  return %o : tensor<f64>
}
