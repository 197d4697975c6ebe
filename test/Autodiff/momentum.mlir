// RUN: moe-opt %s --moe-differentiate --moe-simplify --cse | FileCheck %s
// RUN: moe-opt %s --moe-check-gradients -o /dev/null | FileCheck %s --check-prefix=CHECKED

// A linear rule: its gradient needs neither its operands nor its results. The second result is not used by the objective, and the layer's
// output has no parameter, so that two of the three operands get a gradient from one result.
// CHECK-LABEL: @heavyBall
// CHECK-SAME: %[[G:[^:]*]]: tensor<4x8xf64>)
// CHECK: moe.momentum "HeavyBall"
// CHECK: moe.reduce sum
// CHECK-NEXT: %[[D:.*]]:2 = moe.momentum "HeavyBall.gradient"(%[[G]] : tensor<4x8xf64>) {
// CHECK-NEXT: ^bb0(%[[IN:.*]]: tensor<4x8xf64>):
// CHECK-NEXT:   %[[MU:.*]] = moe.constant dense<0.69999999999999996> : tensor<4x8xf64>
// CHECK-NEXT:   %[[DQ:.*]] = moe.neg %[[IN]]
// CHECK-NEXT:   %[[DM:.*]] = moe.mul %[[DQ]], %[[MU]]
// CHECK-NEXT:   moe.yield %[[IN]], %[[DM]] : tensor<4x8xf64>, tensor<4x8xf64>
// CHECK-NEXT: } -> (tensor<4x8xf64>, tensor<4x8xf64>)
// CHECK-NEXT: return %{{.*}}, %[[D]]#0, %[[D]]#1
// CHECKED: heavyBall.x ok
// CHECKED: heavyBall.m ok
func.func @heavyBall(%x: tensor<4x8xf64> {moe.arg = {kind = "param", name = "heavyBall.x"}}, %m: tensor<4x8xf64> {moe.arg = {kind = "param", name = "heavyBall.m"}}, %y: tensor<4x8xf64>, %c: tensor<4x8xf64>) -> (tensor<f64> {moe.res = {kind = "objective", name = "o"}}) {
  %x1, %m1 = moe.momentum "HeavyBall"(%x, %y, %m : tensor<4x8xf64>, tensor<4x8xf64>, tensor<4x8xf64>) {
  ^bb0(%p: tensor<4x8xf64>, %f: tensor<4x8xf64>, %k: tensor<4x8xf64>):
    %mu = moe.constant dense<0.7> : tensor<4x8xf64>
    %a = moe.mul %mu, %k : tensor<4x8xf64>
    %q = moe.add %a, %f : tensor<4x8xf64>
    %z = moe.sub %p, %q : tensor<4x8xf64>
    moe.yield %z, %q : tensor<4x8xf64>, tensor<4x8xf64>
  } -> (tensor<4x8xf64>, tensor<4x8xf64>)
  %s = moe.mul %x1, %c : tensor<4x8xf64>
  %o = moe.reduce sum %s {dims = array<i64: 0, 1>} : tensor<4x8xf64> -> tensor<f64>
  return %o : tensor<f64>
}

// A rule that is not linear computes again what its gradient needs; all results count, one of them is an operand as it is.
// CHECK-LABEL: @adam
// CHECK: moe.momentum "Adam.gradient"
// CHECK: moe.sqrt
// CHECK: moe.yield
// CHECK-NOT: moe.momentum
// CHECKED: adam.x ok
// CHECKED: adam.y ok
// CHECKED: adam.v ok
func.func @adam(%x: tensor<4x8xf64> {moe.arg = {kind = "param", name = "adam.x"}}, %y: tensor<4x8xf64> {moe.arg = {kind = "param", name = "adam.y"}}, %v: tensor<4x8xf64> {moe.arg = {kind = "param", name = "adam.v"}}, %c: tensor<4x8xf64>) -> (tensor<f64> {moe.res = {kind = "objective", name = "o"}}) {
  %squares = moe.mul %v, %v : tensor<4x8xf64>
  %next:3 = moe.momentum "Adam"(%x, %y, %squares : tensor<4x8xf64>, tensor<4x8xf64>, tensor<4x8xf64>) {
  ^bb0(%p: tensor<4x8xf64>, %f: tensor<4x8xf64>, %w: tensor<4x8xf64>):
    %b = moe.constant dense<0.9> : tensor<4x8xf64>
    %r = moe.constant dense<0.1> : tensor<4x8xf64>
    %eps = moe.constant dense<0.01> : tensor<4x8xf64>
    %ff = moe.mul %f, %f : tensor<4x8xf64>
    %new = moe.mul %ff, %r : tensor<4x8xf64>
    %old = moe.mul %w, %b : tensor<4x8xf64>
    %second = moe.add %old, %new : tensor<4x8xf64>
    %safe = moe.add %second, %eps : tensor<4x8xf64>
    %root = moe.sqrt %safe : tensor<4x8xf64>
    %step = moe.div %f, %root : tensor<4x8xf64>
    %z = moe.sub %p, %step : tensor<4x8xf64>
    moe.yield %z, %second, %f : tensor<4x8xf64>, tensor<4x8xf64>, tensor<4x8xf64>
  } -> (tensor<4x8xf64>, tensor<4x8xf64>, tensor<4x8xf64>)
  %ab = moe.mul %next#0, %next#1 : tensor<4x8xf64>
  %abc = moe.add %ab, %next#2 : tensor<4x8xf64>
  %s = moe.mul %abc, %c : tensor<4x8xf64>
  %o = moe.reduce sum %s {dims = array<i64: 0, 1>} : tensor<4x8xf64> -> tensor<f64>
  return %o : tensor<f64>
}

// An operand that the used result does not depend on gets 0; an operand that is there twice gets the sum.
// CHECK-LABEL: @partial
// CHECK: %[[D:.*]]:3 = moe.momentum "R.gradient"
// CHECK: moe.constant dense<0.0
// CHECK: %[[DA:.*]] = moe.add %[[D]]#0, %[[D]]#1
// CHECK-NEXT: return %{{.*}}, %[[DA]], %[[D]]#2
// CHECKED: partial.a ok
// CHECKED: partial.b ok 0.0e+00
func.func @partial(%a: tensor<3xf64> {moe.arg = {kind = "param", name = "partial.a"}}, %b: tensor<3xf64> {moe.arg = {kind = "param", name = "partial.b"}}) -> (tensor<f64> {moe.res = {kind = "objective", name = "o"}}) {
  %y:2 = moe.momentum "R"(%a, %a, %b : tensor<3xf64>, tensor<3xf64>, tensor<3xf64>) {
  ^bb0(%p: tensor<3xf64>, %q: tensor<3xf64>, %r: tensor<3xf64>):
    %t = moe.tanh %q : tensor<3xf64>
    %z = moe.mul %p, %t : tensor<3xf64>
    %e = moe.exp %r : tensor<3xf64>
    moe.yield %z, %e : tensor<3xf64>, tensor<3xf64>
  } -> (tensor<3xf64>, tensor<3xf64>)
  %o = moe.reduce sum %y#0 {dims = array<i64: 0>} : tensor<3xf64> -> tensor<f64>
  return %o : tensor<f64>
}
