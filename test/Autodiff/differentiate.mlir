// RUN: moe-opt %s --moe-differentiate --split-input-file | FileCheck %s

// Two micro-batches: the gradient starts from 1/2 and is added to what came in. A parameter that the objective does not reach passes on what
// came in. Results, attributes and other arguments stay as they are.
// CHECK-LABEL: @train(
// CHECK-SAME: %[[W:[^:]*]]: tensor<4xf32> {moe.arg = {init = {dist = "normal", value = 2.000000e-02 : f64}, kind = "param", name = "layer.w"}}
// CHECK-SAME: %[[U:[^:]*]]: tensor<3xf32> {moe.arg = {kind = "param", name = "unused"}}
// CHECK-SAME: %[[S:[^:]*]]: tensor<4xf32> {moe.arg = {kind = "state", name = "s"}}
// CHECK-SAME: %[[GW:[^:]*]]: tensor<4xf32> {moe.arg = {kind = "grad", name = "layer.w"}}
// CHECK-SAME: %[[GU:[^:]*]]: tensor<3xf32> {moe.arg = {kind = "grad", name = "unused"}}
// CHECK-SAME: -> (tensor<4xf32> {moe.res = {kind = "state", name = "s"}}, tensor<f32> {moe.res = {kind = "objective", name = "o"}},
// CHECK-SAME: tensor<4xf32> {moe.res = {kind = "grad", name = "layer.w"}}, tensor<3xf32> {moe.res = {kind = "grad", name = "unused"}})
// CHECK-SAME: moe.micro_batches = 2 : i64
// CHECK: %[[STATE:.*]] = moe.add %[[S]], %[[W]]
// CHECK: %[[O:.*]] = moe.reduce sum
// CHECK-NEXT: %[[SEED:.*]] = moe.constant dense<5.000000e-01> : tensor<f32>
// CHECK-NEXT: %[[G:.*]] = moe.broadcast %[[SEED]]
// CHECK-NEXT: %[[D:.*]] = moe.mul %[[G]],
// CHECK-NEXT: %[[SUM:.*]] = moe.add %[[GW]], %[[D]]
// CHECK-NEXT: return %[[STATE]], %[[O]], %[[SUM]], %[[GU]]
func.func @train(%w: tensor<4xf32> {moe.arg = {init = {dist = "normal", value = 0.02 : f64}, kind = "param", name = "layer.w"}},
                 %u: tensor<3xf32> {moe.arg = {kind = "param", name = "unused"}},
                 %s: tensor<4xf32> {moe.arg = {kind = "state", name = "s"}})
    -> (tensor<4xf32> {moe.res = {kind = "state", name = "s"}}, tensor<f32> {moe.res = {kind = "objective", name = "o"}})
    attributes {moe.micro_batches = 2 : i64} {
  %state = moe.add %s, %w : tensor<4xf32>
  %y = moe.mul %w, %s : tensor<4xf32>
  %o = moe.reduce sum %y {dims = array<i64: 0>} : tensor<4xf32> -> tensor<f32>
  return %state, %o : tensor<4xf32>, tensor<f32>
}

// -----

// One micro-batch: no further argument, and zeros for a parameter that is not reached.
// CHECK-LABEL: @one(
// CHECK-SAME: %[[W:[^:]*]]: tensor<4xf32> {{{.*}}}, %[[U:[^:]*]]: tensor<3xf32> {{{[^}]*}}}}) ->
// CHECK: %[[ZERO:.*]] = moe.constant dense<0.0{{.*}}> : tensor<3xf32>
// CHECK: return %{{.*}}, %{{.*}}, %[[ZERO]] : tensor<f32>, tensor<4xf32>, tensor<3xf32>
func.func @one(%w: tensor<4xf32> {moe.arg = {kind = "param", name = "w"}}, %u: tensor<3xf32> {moe.arg = {kind = "param", name = "u"}})
    -> (tensor<f32> {moe.res = {kind = "objective", name = "o"}}) attributes {moe.micro_batches = 1 : i64} {
  %o = moe.reduce sum %w {dims = array<i64: 0>} : tensor<4xf32> -> tensor<f32>
  return %o : tensor<f32>
}

// -----

// Nothing is built for what does not depend on a parameter or does not reach the objective: of five exponentials one is differentiated.
// CHECK-LABEL: @active(
// CHECK-COUNT-5: moe.exp
// CHECK: %[[D:.*]] = moe.mul
// CHECK-NEXT: return
func.func @active(%w: tensor<f32> {moe.arg = {kind = "param", name = "w"}}, %x: tensor<f32>)
    -> (tensor<f32> {moe.res = {kind = "objective", name = "o"}}, tensor<f32> {moe.res = {kind = "probe", name = "p"}}) {
  %input = moe.exp %x : tensor<f32>
  %fixed = moe.detach %w : tensor<f32>
  %behind = moe.exp %fixed : tensor<f32>
  %sign = moe.sign %w : tensor<f32>
  %step = moe.exp %sign : tensor<f32>
  %probe = moe.exp %w : tensor<f32>
  %a = moe.add %input, %behind : tensor<f32>
  %b = moe.add %a, %step : tensor<f32>
  %y = moe.exp %w : tensor<f32>
  %o = moe.add %b, %y : tensor<f32>
  return %o, %probe : tensor<f32>, tensor<f32>
}

// -----

// A parameter that is the objective, and the objective of a function without parameters.
// CHECK-LABEL: @itself(
// CHECK: %[[ONE:.*]] = moe.constant dense<1.0
// CHECK: return %{{.*}}, %[[ONE]]
func.func @itself(%w: tensor<f32> {moe.arg = {kind = "param", name = "w"}}) -> (tensor<f32> {moe.res = {kind = "objective", name = "o"}}) {
  return %w : tensor<f32>
}
// CHECK-LABEL: @none(
// CHECK-SAME: -> (tensor<f32> {moe.res = {kind = "objective", name = "o"}}) {
func.func @none(%x: tensor<f32>) -> (tensor<f32> {moe.res = {kind = "objective", name = "o"}}) {
  return %x : tensor<f32>
}

// -----

// Functions without an objective get no gradient, but a detach has no use any more there either.
// CHECK-LABEL: @eval(
// CHECK-SAME: %[[X:[^:]*]]: tensor<4xf32> {moe.arg = {kind = "param", name = "w"}}) -> (tensor<4xf32> {moe.res = {kind = "logits", name = "z"}})
// CHECK-NEXT: return %[[X]]
func.func @eval(%x: tensor<4xf32> {moe.arg = {kind = "param", name = "w"}}) -> (tensor<4xf32> {moe.res = {kind = "logits", name = "z"}}) {
  %y = moe.detach %x : tensor<4xf32>
  return %y : tensor<4xf32>
}
