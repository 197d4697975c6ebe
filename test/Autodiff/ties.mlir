// RUN: moe-opt %s --moe-differentiate --moe-evaluate -o /dev/null | FileCheck %s

// x - detach(x) is 0 with gradient 1, so that each function below is at exactly the point that its constants say. Result #1 is the gradient.

// Two of the four elements are the largest: half each.
// CHECK: reduceMax #1 [4] {{.*}} : 0 0.5 0.5 0
func.func @reduceMax(%x: tensor<4xf64> {moe.arg = {kind = "param", name = "x"}}) -> (tensor<f64> {moe.res = {kind = "objective", name = "o"}}) {
  %at = moe.constant dense<[1.0, 3.0, 3.0, 2.0]> : tensor<4xf64>
  %d = moe.detach %x : tensor<4xf64>
  %zero = moe.sub %x, %d : tensor<4xf64>
  %z = moe.add %zero, %at : tensor<4xf64>
  %o = moe.reduce max %z {dims = array<i64: 0>} : tensor<4xf64> -> tensor<f64>
  return %o : tensor<f64>
}

// CHECK: reduceMin #1 [4] {{.*}} : 0.25 0.25 0.25 0.25
func.func @reduceMin(%x: tensor<4xf64> {moe.arg = {kind = "param", name = "x"}}) -> (tensor<f64> {moe.res = {kind = "objective", name = "o"}}) {
  %d = moe.detach %x : tensor<4xf64>
  %z = moe.sub %x, %d : tensor<4xf64>
  %o = moe.reduce min %z {dims = array<i64: 0>} : tensor<4xf64> -> tensor<f64>
  return %o : tensor<f64>
}

// A tie of two operands is the first one's; relu, |x| and sign have the derivative 0 at 0.
// CHECK: maximum #1 [4] {{.*}} : 1 1 0 0
// CHECK: maximum #2 [4] {{.*}} : 0 0 1 1
func.func @maximum(%x: tensor<4xf64> {moe.arg = {kind = "param", name = "x"}}, %y: tensor<4xf64> {moe.arg = {kind = "param", name = "y"}}) -> (tensor<f64> {moe.res = {kind = "objective", name = "o"}}) {
  %atX = moe.constant dense<[0.0, 2.0, 0.0, -1.0]> : tensor<4xf64>
  %atY = moe.constant dense<[0.0, 2.0, 1.0, 0.0]> : tensor<4xf64>
  %dx = moe.detach %x : tensor<4xf64>
  %dy = moe.detach %y : tensor<4xf64>
  %zeroX = moe.sub %x, %dx : tensor<4xf64>
  %zeroY = moe.sub %y, %dy : tensor<4xf64>
  %a = moe.add %zeroX, %atX : tensor<4xf64>
  %b = moe.add %zeroY, %atY : tensor<4xf64>
  %m = moe.max %a, %b : tensor<4xf64>
  %o = moe.reduce sum %m {dims = array<i64: 0>} : tensor<4xf64> -> tensor<f64>
  return %o : tensor<f64>
}

// CHECK: minimum #1 [4] {{.*}} : 1 1 1 0
// CHECK: minimum #2 [4] {{.*}} : 0 0 0 1
func.func @minimum(%x: tensor<4xf64> {moe.arg = {kind = "param", name = "x"}}, %y: tensor<4xf64> {moe.arg = {kind = "param", name = "y"}}) -> (tensor<f64> {moe.res = {kind = "objective", name = "o"}}) {
  %atX = moe.constant dense<[0.0, 2.0, 0.0, 1.0]> : tensor<4xf64>
  %atY = moe.constant dense<[0.0, 2.0, 1.0, 0.0]> : tensor<4xf64>
  %dx = moe.detach %x : tensor<4xf64>
  %dy = moe.detach %y : tensor<4xf64>
  %zeroX = moe.sub %x, %dx : tensor<4xf64>
  %zeroY = moe.sub %y, %dy : tensor<4xf64>
  %a = moe.add %zeroX, %atX : tensor<4xf64>
  %b = moe.add %zeroY, %atY : tensor<4xf64>
  %m = moe.min %a, %b : tensor<4xf64>
  %o = moe.reduce sum %m {dims = array<i64: 0>} : tensor<4xf64> -> tensor<f64>
  return %o : tensor<f64>
}

// CHECK: kinks #1 [4] {{.*}} : 0 0 0 0
func.func @kinks(%x: tensor<4xf64> {moe.arg = {kind = "param", name = "x"}}) -> (tensor<f64> {moe.res = {kind = "objective", name = "o"}}) {
  %d = moe.detach %x : tensor<4xf64>
  %z = moe.sub %x, %d : tensor<4xf64>
  %r = moe.relu %z : tensor<4xf64>
  %a = moe.abs %z : tensor<4xf64>
  %y = moe.add %r, %a : tensor<4xf64>
  %o = moe.reduce sum %y {dims = array<i64: 0>} : tensor<4xf64> -> tensor<f64>
  return %o : tensor<f64>
}

// Powers of 0: 0^0 has slope 0, 0^1 slope 1, 0^2 slope 0; 0^0.5 is vertical. With respect to the exponent there is nothing to gain.
// CHECK: powers #1 [4] {{.*}} : 0 1 0 {{inf|Inf}}
// CHECK: powers #2 [4] {{.*}} : 0 0 0 0
func.func @powers(%x: tensor<4xf64> {moe.arg = {kind = "param", name = "x"}}, %y: tensor<4xf64> {moe.arg = {kind = "param", name = "y"}}) -> (tensor<f64> {moe.res = {kind = "objective", name = "o"}}) {
  %at = moe.constant dense<[0.0, 1.0, 2.0, 0.5]> : tensor<4xf64>
  %dx = moe.detach %x : tensor<4xf64>
  %dy = moe.detach %y : tensor<4xf64>
  %base = moe.sub %x, %dx : tensor<4xf64>
  %zero = moe.sub %y, %dy : tensor<4xf64>
  %exponent = moe.add %zero, %at : tensor<4xf64>
  %p = moe.pow %base, %exponent : tensor<4xf64>
  %o = moe.reduce sum %p {dims = array<i64: 0>} : tensor<4xf64> -> tensor<f64>
  return %o : tensor<f64>
}

// The weights of an expert without tokens get exactly 0.
// CHECK: emptyExpert #1 [2, 2, 1] {{.*}} : 0 0
func.func @emptyExpert(%w: tensor<2x2x1xf64> {moe.arg = {kind = "param", name = "w"}}, %x: tensor<3x2xf64>) -> (tensor<f64> {moe.res = {kind = "objective", name = "o"}}) {
  %on = moe.constant dense<[[false, true], [false, true], [false, true]]> : tensor<3x2xi1>
  %r, %excess = moe.route %on : tensor<3x2xi1> -> !moe.routing<tokens = 3, experts = 2, rows = 3, exact>
  %rows = moe.dispatch tokens %x, %r : tensor<3x2xf64>, !moe.routing<tokens = 3, experts = 2, rows = 3, exact> -> tensor<3x2xf64>
  %y = moe.grouped_matmul %rows, %w, %r : tensor<3x2xf64>, tensor<2x2x1xf64>, !moe.routing<tokens = 3, experts = 2, rows = 3, exact> -> tensor<3x1xf64>
  %back = moe.combine tokens %y, %r : tensor<3x1xf64>, !moe.routing<tokens = 3, experts = 2, rows = 3, exact> -> tensor<3x1xf64>
  %o = moe.reduce sum %back {dims = array<i64: 0, 1>} : tensor<3x1xf64> -> tensor<f64>
  return %o : tensor<f64>
}
