// RUN: moe-opt %s --moe-check-gradients -o /dev/null | FileCheck %s
// RUN: moe-opt %s --moe-check-gradients="step=0.01 tolerance=1e-3 seed=5" -o /dev/null | FileCheck %s --check-prefix=WIDE

// A large parameter is compared along random directions.
// CHECK: large.w ok
func.func @large(%w: tensor<20x44xf64> {moe.arg = {kind = "param", name = "large.w"}}, %x: tensor<20x44xf64>) -> (tensor<f64> {moe.res = {kind = "objective", name = "o"}}) {
  %t = moe.tanh %w : tensor<20x44xf64>
  %y = moe.mul %t, %x : tensor<20x44xf64>
  %o = moe.reduce sum %y {dims = array<i64: 0, 1>} : tensor<20x44xf64> -> tensor<f64>
  return %o : tensor<f64>
}

// 1,000 elements next to kinks: at the wide step some element crosses one in every direction, at a smaller one none does.
// CHECK: kinks.w ok
// WIDE: kinks.w ok {{.*}} with a smaller step
func.func @kinks(%w: tensor<1000xf64> {moe.arg = {kind = "param", name = "kinks.w"}}) -> (tensor<f64> {moe.res = {kind = "objective", name = "o"}}) {
  %y = moe.relu %w : tensor<1000xf64>
  %o = moe.reduce sum %y {dims = array<i64: 0>} : tensor<1000xf64> -> tensor<f64>
  return %o : tensor<f64>
}

// Two of the four elements are exactly at the kink of |x|, at every step.
// CHECK: left.w ok {{.*}}, 2 at a kink left out
func.func @left(%w: tensor<4xf64> {moe.arg = {kind = "param", name = "left.w"}}) -> (tensor<f64> {moe.res = {kind = "objective", name = "o"}}) {
  %at = moe.constant dense<[0.0, 3.0, 0.0, -3.0]> : tensor<4xf64>
  %fixed = moe.detach %w : tensor<4xf64>
  %zero = moe.sub %w, %fixed : tensor<4xf64>
  %z = moe.add %zero, %at : tensor<4xf64>
  %y = moe.abs %z : tensor<4xf64>
  %o = moe.reduce sum %y {dims = array<i64: 0>} : tensor<4xf64> -> tensor<f64>
  return %o : tensor<f64>
}

// What is behind a detach does not move, in a rule of momentum neither; a parameter without effect is right when its gradient is 0.
// CHECK: detached.w ok
// CHECK: detached.u ok 0.0e+00
func.func @detached(%w: tensor<4xf64> {moe.arg = {kind = "param", name = "detached.w"}}, %u: tensor<4xf64> {moe.arg = {kind = "param", name = "detached.u"}}) -> (tensor<f64> {moe.res = {kind = "objective", name = "o"}}) {
  %e = moe.exp %u : tensor<4xf64>
  %fixed = moe.detach %e : tensor<4xf64>
  %x = moe.momentum "Plain"(%w, %fixed : tensor<4xf64>, tensor<4xf64>) {
  ^bb0(%a: tensor<4xf64>, %b: tensor<4xf64>):
    %r = moe.relu %a : tensor<4xf64>
    %s = moe.mul %r, %b : tensor<4xf64>
    moe.yield %s : tensor<4xf64>
  } -> (tensor<4xf64>)
  %again = moe.detach %x : tensor<4xf64>
  %y = moe.mul %x, %again : tensor<4xf64>
  %o = moe.reduce sum %y {dims = array<i64: 0>} : tensor<4xf64> -> tensor<f64>
  return %o : tensor<f64>
}

// Micro-batches scale what training adds up, not what is compared.
// CHECK: batches.w ok
func.func @batches(%w: tensor<4xf64> {moe.arg = {kind = "param", name = "batches.w"}}) -> (tensor<f64> {moe.res = {kind = "objective", name = "o"}}) attributes {moe.micro_batches = 3 : i64} {
  %y = moe.tanh %w : tensor<4xf64>
  %o = moe.reduce sum %y {dims = array<i64: 0>} : tensor<4xf64> -> tensor<f64>
  return %o : tensor<f64>
}

// No objective, nothing to check.
// CHECK-NOT: eval
func.func @eval(%w: tensor<4xf64> {moe.arg = {kind = "param", name = "eval.w"}}) -> tensor<4xf64> {
  return %w : tensor<4xf64>
}
