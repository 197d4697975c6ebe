// RUN: moe-opt %s --moe-simplify --split-input-file | FileCheck %s

// CHECK-LABEL: @units
// CHECK-SAME: (%[[X:.*]]: tensor<4xf32>)
// CHECK-NEXT: return %[[X]], %[[X]], %[[X]], %[[X]], %[[X]], %[[X]] :
func.func @units(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) {
  %zero = moe.constant dense<0.0> : tensor<4xf32>
  %one = moe.constant dense<1.0> : tensor<4xf32>
  %a = moe.add %x, %zero : tensor<4xf32>
  %b = moe.add %zero, %x : tensor<4xf32>
  %c = moe.sub %x, %zero : tensor<4xf32>
  %d = moe.mul %x, %one : tensor<4xf32>
  %e = moe.mul %one, %x : tensor<4xf32>
  %f = moe.div %x, %one : tensor<4xf32>
  return %a, %b, %c, %d, %e, %f : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>
}

// -----

// CHECK-LABEL: @negations
// CHECK-SAME: (%[[X:.*]]: tensor<4xf32>, %[[Y:.*]]: tensor<4xf32>)
// CHECK-NEXT: %[[A:.*]] = moe.neg %[[X]]
// CHECK-NEXT: %[[B:.*]] = moe.neg %[[X]]
// CHECK-NEXT: %[[C:.*]] = moe.sub %[[Y]], %[[X]]
// CHECK-NEXT: %[[D:.*]] = moe.sub %[[Y]], %[[X]]
// CHECK-NEXT: %[[E:.*]] = moe.add %[[Y]], %[[X]]
// CHECK-NEXT: return %[[A]], %[[B]], %[[C]], %[[D]], %[[E]], %[[X]]
func.func @negations(%x: tensor<4xf32>, %y: tensor<4xf32>)
    -> (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) {
  %zero = moe.constant dense<0.0> : tensor<4xf32>
  %minus = moe.constant dense<-1.0> : tensor<4xf32>
  %n = moe.neg %x : tensor<4xf32>
  %a = moe.sub %zero, %x : tensor<4xf32>
  %b = moe.mul %minus, %x : tensor<4xf32>
  %c = moe.add %y, %n : tensor<4xf32>
  %d = moe.add %n, %y : tensor<4xf32>
  %e = moe.sub %y, %n : tensor<4xf32>
  %f = moe.neg %n : tensor<4xf32>
  return %a, %b, %c, %d, %e, %f : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>
}

// -----

// One value everywhere goes through layout and arithmetic; a third is rounded once, to f32.
// CHECK-LABEL: @constants
// CHECK-NEXT: %[[C:.*]] = moe.constant dense<-0.333333343> : tensor<64x8xf32>
// CHECK-NEXT: return %[[C]]
func.func @constants(%r: !moe.routing<tokens = 32, experts = 4, rows = 64, exact>) -> tensor<64x8xf32> {
  %one = moe.constant dense<1.0> : tensor<f32>
  %three = moe.constant dense<3.0> : tensor<f32>
  %third = moe.div %one, %three : tensor<f32>
  %minus = moe.neg %third : tensor<f32>
  %a = moe.broadcast %minus {dims = array<i64>} : tensor<f32> -> tensor<8x32xf32>
  %b = moe.transpose %a {perm = array<i64: 1, 0>} : tensor<8x32xf32> -> tensor<32x8xf32>
  %c = moe.dispatch tokens %b, %r : tensor<32x8xf32>, !moe.routing<tokens = 32, experts = 4, rows = 64, exact> -> tensor<64x8xf32>
  return %c : tensor<64x8xf32>
}

// -----

// CHECK-LABEL: @double
// CHECK-NEXT: moe.constant dense<0.33333333333333331> : tensor<f64>
func.func @double() -> tensor<f64> {
  %one = moe.constant dense<1.0> : tensor<f64>
  %three = moe.constant dense<3.0> : tensor<f64>
  %third = moe.div %one, %three : tensor<f64>
  return %third : tensor<f64>
}

// -----

// CHECK-LABEL: @layout
// CHECK-SAME: (%[[X:.*]]: tensor<2x3x4xf32>, %[[Y:.*]]: tensor<3xf32>)
// CHECK-NEXT: %[[A:.*]] = moe.reshape %[[X]] : tensor<2x3x4xf32> -> tensor<4x6xf32>
// CHECK-NEXT: %[[B:.*]] = moe.transpose %[[X]] {perm = array<i64: 0, 2, 1>} : tensor<2x3x4xf32> -> tensor<2x4x3xf32>
// CHECK-NEXT: %[[C:.*]] = moe.broadcast %[[Y]] {dims = array<i64: 1>} : tensor<3xf32> -> tensor<2x3x4xf32>
// CHECK-NEXT: return %[[A]], %[[B]], %[[C]], %[[X]], %[[X]] :
func.func @layout(%x: tensor<2x3x4xf32>, %y: tensor<3xf32>)
    -> (tensor<4x6xf32>, tensor<2x4x3xf32>, tensor<2x3x4xf32>, tensor<2x3x4xf32>, tensor<2x3x4xf32>) {
  %r = moe.reshape %x : tensor<2x3x4xf32> -> tensor<24xf32>
  %a = moe.reshape %r : tensor<24xf32> -> tensor<4x6xf32>
  %t = moe.transpose %x {perm = array<i64: 1, 2, 0>} : tensor<2x3x4xf32> -> tensor<3x4x2xf32>
  %b = moe.transpose %t {perm = array<i64: 2, 1, 0>} : tensor<3x4x2xf32> -> tensor<2x4x3xf32>
  %s = moe.broadcast %y {dims = array<i64: 0>} : tensor<3xf32> -> tensor<3x4xf32>
  %c = moe.broadcast %s {dims = array<i64: 1, 2>} : tensor<3x4xf32> -> tensor<2x3x4xf32>
  %back = moe.reshape %a : tensor<4x6xf32> -> tensor<2x3x4xf32>
  %u = moe.transpose %t {perm = array<i64: 2, 0, 1>} : tensor<3x4x2xf32> -> tensor<2x3x4xf32>
  return %a, %b, %c, %back, %u : tensor<4x6xf32>, tensor<2x4x3xf32>, tensor<2x3x4xf32>, tensor<2x3x4xf32>, tensor<2x3x4xf32>
}

// -----

// A NaN or an infinity times 0 is not 0, and 0.1 * (10 * x) is not rounded like x.
// CHECK-LABEL: @kept
// CHECK: moe.mul
// CHECK: moe.mul
// CHECK: moe.mul
func.func @kept(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  %zero = moe.constant dense<0.0> : tensor<4xf32>
  %ten = moe.constant dense<10.0> : tensor<4xf32>
  %tenth = moe.constant dense<0.1> : tensor<4xf32>
  %a = moe.mul %x, %zero : tensor<4xf32>
  %b = moe.mul %ten, %x : tensor<4xf32>
  %c = moe.mul %tenth, %b : tensor<4xf32>
  return %a, %c : tensor<4xf32>, tensor<4xf32>
}

// -----

// Rows 4 to 9 of the products are wanted: only those are computed.
// CHECK-LABEL: @slicedContract
// CHECK-SAME: (%[[X:.*]]: tensor<2x10x8xf32>, %[[Y:.*]]: tensor<2x10x8xf32>, %[[W:.*]]: tensor<5x8xf32>)
// CHECK-DAG: %[[XS:.*]] = moe.slice %[[X]] {offsets = array<i64: 0, 4, 0>} : tensor<2x10x8xf32> -> tensor<2x6x8xf32>
// CHECK-DAG: %[[YS:.*]] = moe.slice %[[Y]] {offsets = array<i64: 0, 4, 0>} : tensor<2x10x8xf32> -> tensor<2x6x8xf32>
// CHECK-DAG: %[[A:.*]] = moe.contract %[[XS]], %[[W]] {extents = array<i64: 2, 6, 5, 8>,
// CHECK-DAG: %[[B:.*]] = moe.contract %[[YS]], %[[W]] {extents = array<i64: 2, 6, 5, 8>,
// CHECK: %[[SUM:.*]] = moe.add %[[A]], %[[B]] : tensor<2x6x5xf32>
// CHECK-NEXT: return %[[SUM]]
func.func @slicedContract(%x: tensor<2x10x8xf32>, %y: tensor<2x10x8xf32>, %w: tensor<5x8xf32>) -> tensor<2x6x5xf32> {
  %a = moe.contract %x, %w {extents = array<i64: 2, 10, 5, 8>, maps = [affine_map<(b, t, o, i) -> (b, t, i)>, affine_map<(b, t, o, i) -> (o, i)>, affine_map<(b, t, o, i) -> (b, t, o)>]} : tensor<2x10x8xf32>, tensor<5x8xf32> -> tensor<2x10x5xf32>
  %b = moe.contract %y, %w {extents = array<i64: 2, 10, 5, 8>, maps = [affine_map<(b, t, o, i) -> (b, t, i)>, affine_map<(b, t, o, i) -> (o, i)>, affine_map<(b, t, o, i) -> (b, t, o)>]} : tensor<2x10x8xf32>, tensor<5x8xf32> -> tensor<2x10x5xf32>
  %sum = moe.add %a, %b : tensor<2x10x5xf32>
  %s = moe.slice %sum {offsets = array<i64: 0, 4, 0>} : tensor<2x10x5xf32> -> tensor<2x6x5xf32>
  return %s : tensor<2x6x5xf32>
}

// -----

// Not where the rest is used as well, and not where the index of a window would need an offset.
// CHECK-LABEL: @wholeContract
// CHECK: %[[A:.*]] = moe.contract {{.*}} -> tensor<10x8xf32>
// CHECK-NEXT: moe.slice %[[A]]
// CHECK-LABEL: @window
// CHECK: %[[S:.*]] = moe.contract {{.*}} -> tensor<8x4xf32>
// CHECK-NEXT: moe.slice %[[S]]
func.func @wholeContract(%x: tensor<10x8xf32>, %w: tensor<8x8xf32>) -> (tensor<10x8xf32>, tensor<6x8xf32>) {
  %a = moe.contract %x, %w {extents = array<i64: 10, 8, 8>, maps = [affine_map<(t, o, i) -> (t, i)>, affine_map<(t, o, i) -> (i, o)>, affine_map<(t, o, i) -> (t, o)>]} : tensor<10x8xf32>, tensor<8x8xf32> -> tensor<10x8xf32>
  %s = moe.slice %a {offsets = array<i64: 4, 0>} : tensor<10x8xf32> -> tensor<6x8xf32>
  return %a, %s : tensor<10x8xf32>, tensor<6x8xf32>
}
func.func @window(%q: tensor<8x5xf32>, %k: tensor<11x5xf32>) -> tensor<3x4xf32> {
  %y = moe.contract %q, %k {extents = array<i64: 8, 4, 5>, maps = [affine_map<(t, j, c) -> (t, c)>, affine_map<(t, j, c) -> (t + j, c)>, affine_map<(t, j, c) -> (t, j)>]} : tensor<8x5xf32>, tensor<11x5xf32> -> tensor<8x4xf32>
  %s = moe.slice %y {offsets = array<i64: 2, 0>} : tensor<8x4xf32> -> tensor<3x4xf32>
  return %s : tensor<3x4xf32>
}
