// RUN: moe-opt %s --moe-check-gradients="step=0.5" --split-input-file --verify-diagnostics | FileCheck %s

// So wide a step sees the curvature of e^x: the differences are off by a twenty-fourth, and the gradient is said to be wrong. What is linear is
// right at any step.
// CHECK-NOT: exp.w
// CHECK: linear.w ok
// CHECK-NOT: exp.w
func.func @exp(
    // expected-error @below {{the gradient of 'exp.w' is wrong at element [}}
    %w: tensor<2x3xf64> {moe.arg = {kind = "param", name = "exp.w"}}) -> (tensor<f64> {moe.res = {kind = "objective", name = "o"}}) {
  %y = moe.exp %w : tensor<2x3xf64>
  %o = moe.reduce sum %y {dims = array<i64: 0, 1>} : tensor<2x3xf64> -> tensor<f64>
  return %o : tensor<f64>
}
func.func @linear(%w: tensor<2x3xf64> {moe.arg = {kind = "param", name = "linear.w"}}) -> (tensor<f64> {moe.res = {kind = "objective", name = "o"}}) {
  %o = moe.reduce sum %w {dims = array<i64: 0, 1>} : tensor<2x3xf64> -> tensor<f64>
  return %o : tensor<f64>
}

// -----

func.func @nowhere(
    // expected-error @below {{the gradient of 'w' could be compared nowhere: the objective has a kink at each place}}
    %w: tensor<2x3xf64> {moe.arg = {kind = "param", name = "w"}}) -> (tensor<f64> {moe.res = {kind = "objective", name = "o"}}) {
  %fixed = moe.detach %w : tensor<2x3xf64>
  %zero = moe.sub %w, %fixed : tensor<2x3xf64>
  %y = moe.relu %zero : tensor<2x3xf64>
  %o = moe.reduce sum %y {dims = array<i64: 0, 1>} : tensor<2x3xf64> -> tensor<f64>
  return %o : tensor<f64>
}

// -----

func.func private @unknown(tensor<f64>) -> tensor<f64>

func.func @noVjp(%w: tensor<f64> {moe.arg = {kind = "param", name = "w"}}) -> (tensor<f64> {moe.res = {kind = "objective", name = "o"}}) {
  // expected-error @below {{the objective depends on parameters through 'func.call', which has no gradient}}
  %y = func.call @unknown(%w) : (tensor<f64>) -> tensor<f64>
  return %y : tensor<f64>
}
