// RUN: moe-opt %s --moe-form-momentum --split-input-file | FileCheck %s

// The layer's ops have no rule: they stay, before the update. The constant goes in, and is not an operand.
// CHECK-LABEL: @heavyBall
// CHECK-SAME: (%[[X:.*]]: tensor<4x8xf32>, %[[M:.*]]: tensor<4x8xf32>)
// CHECK-NEXT: %[[MU:.*]] = moe.constant
// CHECK-NEXT: %[[F:.*]] = moe.tanh %[[X]]
// CHECK-NEXT: %[[NEW:.*]]:2 = moe.momentum "HeavyBall"(%[[M]], %[[F]], %[[X]] : tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>) {
// CHECK-NEXT: ^bb0(%[[A:.*]]: tensor<4x8xf32>, %[[B:.*]]: tensor<4x8xf32>, %[[C:.*]]: tensor<4x8xf32>):
// CHECK-NEXT:   %[[K:.*]] = moe.constant dense<0.699999988> : tensor<4x8xf32>
// CHECK-NEXT:   %[[P:.*]] = moe.mul %[[K]], %[[A]] : tensor<4x8xf32>
// CHECK-NEXT:   %[[Q:.*]] = moe.add %[[P]], %[[B]] : tensor<4x8xf32>
// CHECK-NEXT:   %[[Z:.*]] = moe.sub %[[C]], %[[Q]] : tensor<4x8xf32>
// CHECK-NEXT:   moe.yield %[[Q]], %[[Z]] : tensor<4x8xf32>, tensor<4x8xf32>
// CHECK-NEXT: } -> (tensor<4x8xf32>, tensor<4x8xf32>)
// CHECK-NEXT: return %[[NEW]]#1, %[[NEW]]#0
func.func @heavyBall(%x: tensor<4x8xf32>, %m: tensor<4x8xf32>) -> (tensor<4x8xf32>, tensor<4x8xf32>) {
  %mu = moe.constant dense<0.7> : tensor<4x8xf32>
  %p = moe.mul %mu, %m {moe.rule = "HeavyBall#layers.0"} : tensor<4x8xf32>
  %f = moe.tanh %x : tensor<4x8xf32>
  %q = moe.add %p, %f {moe.rule = "HeavyBall#layers.0"} : tensor<4x8xf32>
  %z = moe.sub %x, %q {moe.rule = "HeavyBall#layers.0"} : tensor<4x8xf32>
  return %z, %q : tensor<4x8xf32>, tensor<4x8xf32>
}

// -----

// A rule that computes where its layer is evaluated cannot be one op: the layer would have to run in the middle of it.
// CHECK-LABEL: @aroundTheLayer
// CHECK: %[[AT:.*]] = moe.momentum "Nesterov"
// CHECK:   moe.add
// CHECK-NOT: moe.sub
// CHECK: } -> (tensor<4x8xf32>)
// CHECK-NEXT: %[[F:.*]] = moe.tanh %[[AT]]
// CHECK-NEXT: %{{.*}} = moe.momentum "Nesterov"({{.*}}%[[F]]
// CHECK:   moe.sub
// CHECK-NOT: moe.rule
func.func @aroundTheLayer(%x: tensor<4x8xf32>, %m: tensor<4x8xf32>) -> tensor<4x8xf32> {
  %at = moe.add %x, %m {moe.rule = "Nesterov#a"} : tensor<4x8xf32>
  %f = moe.tanh %at : tensor<4x8xf32>
  %z = moe.sub %x, %f {moe.rule = "Nesterov#a"} : tensor<4x8xf32>
  return %z : tensor<4x8xf32>
}

// -----

// Two instances of a rule are two ops, though nothing lies between them.
// CHECK-LABEL: @instances
// CHECK: %[[FIRST:.*]] = moe.momentum "Plain"
// CHECK: moe.momentum "Plain"(%[[FIRST]]
// CHECK-NOT: moe.momentum
func.func @instances(%x: tensor<4x8xf32>, %y: tensor<4x8xf32>) -> tensor<4x8xf32> {
  %a = moe.add %x, %y {moe.rule = "Plain#layers.0"} : tensor<4x8xf32>
  %b = moe.add %a, %y {moe.rule = "Plain#layers.1"} : tensor<4x8xf32>
  return %b : tensor<4x8xf32>
}

// -----

// Sam divides by a norm: the reduction and what has its shape stay outside, and so does arithmetic on a learned scalar.
// CHECK-LABEL: @reduction
// CHECK: %[[R:.*]] = moe.exp %{{.*}} : tensor<f32>
// CHECK-NEXT: %[[RB:.*]] = moe.broadcast %[[R]]
// CHECK-NEXT: %[[FIRST:.*]]:2 = moe.momentum "Sam"(%{{.*}}, %[[RB]] : tensor<4x8xf32>, tensor<4x8xf32>) {
// CHECK: %[[SUM:.*]] = moe.reduce sum %[[FIRST]]#0
// CHECK-NEXT: %[[NORM:.*]] = moe.sqrt %[[SUM]] : tensor<4xf32>
// CHECK-NEXT: %[[N:.*]] = moe.broadcast %[[NORM]]
// CHECK-NEXT: %[[Z:.*]] = moe.momentum "Sam"(%[[FIRST]]#1, %[[N]], %{{.*}} : tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>) {
// CHECK: return %[[Z]]
func.func @reduction(%x: tensor<4x8xf32>, %y: tensor<4x8xf32>, %r: tensor<f32>) -> tensor<4x8xf32> {
  %sq = moe.mul %y, %y {moe.rule = "Sam#a"} : tensor<4x8xf32>
  %sum = moe.reduce sum %sq {dims = array<i64: 1>} : tensor<4x8xf32> -> tensor<4xf32>
  %norm = moe.sqrt %sum {moe.rule = "Sam#a"} : tensor<4xf32>
  %n = moe.broadcast %norm {dims = array<i64: 0>} : tensor<4xf32> -> tensor<4x8xf32>
  %e = moe.exp %r {moe.rule = "Sam#a"} : tensor<f32>
  %rb = moe.broadcast %e {dims = array<i64>} : tensor<f32> -> tensor<4x8xf32>
  %s = moe.mul %rb, %y {moe.rule = "Sam#a"} : tensor<4x8xf32>
  %t = moe.div %s, %n {moe.rule = "Sam#a"} : tensor<4x8xf32>
  %z = moe.add %x, %t {moe.rule = "Sam#a"} : tensor<4x8xf32>
  return %z : tensor<4x8xf32>
}

// -----

// What needs the update but lies before its last op runs after it. A mask is an operand like any other.
// CHECK-LABEL: @dependents
// CHECK: %[[U:.*]]:2 = moe.momentum "R"
// CHECK: -> (tensor<4xf32>, tensor<4xf32>)
// CHECK-NEXT: %[[E:.*]] = moe.exp %[[U]]#0
// CHECK-NEXT: return %[[U]]#1, %[[E]]
func.func @dependents(%x: tensor<4xf32>, %on: tensor<4xi1>) -> (tensor<4xf32>, tensor<4xf32>) {
  %a = moe.neg %x {moe.rule = "R#a"} : tensor<4xf32>
  %e = moe.exp %a : tensor<4xf32>
  %b = moe.select %on, %a, %x {moe.rule = "R#a"} : tensor<4xi1>, tensor<4xf32>
  return %b, %e : tensor<4xf32>, tensor<4xf32>
}

// -----

// A rule inside the layer of another one, whose ops lie between and get moved by the outer one.
// CHECK-LABEL: @nested
// CHECK: %[[OUTER:.*]]:2 = moe.momentum "Outer"
// CHECK: %[[INNER:.*]]:2 = moe.momentum "Inner"
// CHECK: return %[[OUTER]]#1, %[[INNER]]#1, %[[INNER]]#0
func.func @nested(%x: tensor<4xf32>, %y: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) {
  %a = moe.neg %x {moe.rule = "Outer#a"} : tensor<4xf32>
  %b = moe.exp %a {moe.rule = "Inner#b"} : tensor<4xf32>
  %c = moe.exp %y {moe.rule = "Inner#b"} : tensor<4xf32>
  %d = moe.abs %y {moe.rule = "Outer#a"} : tensor<4xf32>
  return %d, %b, %c : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>
}

// -----

// Nothing comes from a rule: nothing is formed.
// CHECK-LABEL: @noRule
// CHECK-NOT: moe.momentum
// CHECK: return
func.func @noRule(%x: tensor<4xf32>) -> tensor<4xf32> {
  %a = moe.add %x, %x : tensor<4xf32>
  return %a : tensor<4xf32>
}
