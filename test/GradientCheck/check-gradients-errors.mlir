// RUN: moe-opt %s --moe-check-gradients="step=400" --split-input-file --verify-diagnostics | FileCheck %s

// Across several waves, and still across a part of one when it has been made smaller, no step sees the slope of a sine: the gradient is said to be
// wrong. What is linear is right at any step.
// CHECK-NOT: sin.w
// CHECK: linear.w ok
// CHECK-NOT: sin.w
func.func @sin(
    // expected-error @below {{the gradient of 'sin.w' is wrong at element [}}
    %w: tensor<2x3xf64> {moe.arg = {kind = "param", name = "sin.w"}}) -> (tensor<f64> {moe.res = {kind = "objective", name = "o"}}) {
  %y = moe.sin %w : tensor<2x3xf64>
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

// -----

// 1e9 + 1e-6 w: no difference shows anything of the gradient.
func.func @lost(
    // expected-error @below {{the gradient of 'w' is too small beside the objective to be compared}}
    %w: tensor<f64> {moe.arg = {kind = "param", name = "w"}}) -> (tensor<f64> {moe.res = {kind = "objective", name = "o"}}) {
  %large = moe.constant dense<1.0e9> : tensor<f64>
  %small = moe.constant dense<1.0e-6> : tensor<f64>
  %y = moe.mul %w, %small : tensor<f64>
  %o = moe.add %y, %large : tensor<f64>
  return %o : tensor<f64>
}
