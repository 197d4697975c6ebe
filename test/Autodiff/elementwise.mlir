// RUN: moe-opt %s --moe-differentiate --moe-simplify --cse | FileCheck %s
// RUN: moe-opt %s --moe-check-gradients -o /dev/null | FileCheck %s --check-prefix=CHECKED

// Each function weighs the elements by %c, so that the gradient of the result is %c itself.

// CHECK-LABEL: @neg
// CHECK-SAME: (%[[X:[^:]*]]: tensor<3x5xf64> {{{.*}}}, %[[G:[^:]*]]: tensor<3x5xf64>)
// CHECK: %[[Y:.*]] = moe.neg %[[X]]
// CHECK: %[[O:.*]] = moe.reduce sum
// CHECK-NEXT: %[[D:.*]] = moe.neg %[[G]]
// CHECK-NEXT: return %[[O]], %[[D]]
// CHECKED: neg.x ok
func.func @neg(%x: tensor<3x5xf64> {moe.arg = {kind = "param", name = "neg.x"}}, %c: tensor<3x5xf64>) -> (tensor<f64> {moe.res = {kind = "objective", name = "o"}}) {
  %y = moe.neg %x : tensor<3x5xf64>
  %s = moe.mul %y, %c : tensor<3x5xf64>
  %o = moe.reduce sum %s {dims = array<i64: 0, 1>} : tensor<3x5xf64> -> tensor<f64>
  return %o : tensor<f64>
}

// CHECK-LABEL: @abs
// CHECK-SAME: (%[[X:[^:]*]]: tensor<3x5xf64> {{{.*}}}, %[[G:[^:]*]]: tensor<3x5xf64>)
// CHECK: %[[Y:.*]] = moe.abs %[[X]]
// CHECK: %[[O:.*]] = moe.reduce sum
// CHECK-NEXT: %[[S:.*]] = moe.sign %[[X]]
// CHECK-NEXT: %[[D:.*]] = moe.mul %[[G]], %[[S]]
// CHECK-NEXT: return %[[O]], %[[D]]
// CHECKED: abs.x ok
func.func @abs(%x: tensor<3x5xf64> {moe.arg = {kind = "param", name = "abs.x"}}, %c: tensor<3x5xf64>) -> (tensor<f64> {moe.res = {kind = "objective", name = "o"}}) {
  %y = moe.abs %x : tensor<3x5xf64>
  %s = moe.mul %y, %c : tensor<3x5xf64>
  %o = moe.reduce sum %s {dims = array<i64: 0, 1>} : tensor<3x5xf64> -> tensor<f64>
  return %o : tensor<f64>
}

// The product of the forward pass is the gradient as well.
// CHECK-LABEL: @exp
// CHECK-SAME: (%[[X:[^:]*]]: tensor<3x5xf64> {{{.*}}}, %[[G:[^:]*]]: tensor<3x5xf64>)
// CHECK: %[[Y:.*]] = moe.exp %[[X]]
// CHECK-NEXT: %[[D:.*]] = moe.mul %[[Y]], %[[G]]
// CHECK-NEXT: %[[O:.*]] = moe.reduce sum
// CHECK-NEXT: return %[[O]], %[[D]]
// CHECKED: exp.x ok
func.func @exp(%x: tensor<3x5xf64> {moe.arg = {kind = "param", name = "exp.x"}}, %c: tensor<3x5xf64>) -> (tensor<f64> {moe.res = {kind = "objective", name = "o"}}) {
  %y = moe.exp %x : tensor<3x5xf64>
  %s = moe.mul %y, %c : tensor<3x5xf64>
  %o = moe.reduce sum %s {dims = array<i64: 0, 1>} : tensor<3x5xf64> -> tensor<f64>
  return %o : tensor<f64>
}

// CHECK-LABEL: @log
// CHECK-SAME: (%[[P:[^:]*]]: tensor<3x5xf64> {{{.*}}}, %[[G:[^:]*]]: tensor<3x5xf64>)
// CHECK: %[[X:.*]] = moe.exp %[[P]]
// CHECK: %[[Y:.*]] = moe.log %[[X]]
// CHECK: %[[O:.*]] = moe.reduce sum
// CHECK-NEXT: %[[D:.*]] = moe.div %[[G]], %[[X]]
// CHECK-NEXT: %[[DP:.*]] = moe.mul %[[D]], %[[X]]
// CHECK-NEXT: return %[[O]], %[[DP]]
// CHECKED: log.x ok
func.func @log(%x: tensor<3x5xf64> {moe.arg = {kind = "param", name = "log.x"}}, %c: tensor<3x5xf64>) -> (tensor<f64> {moe.res = {kind = "objective", name = "o"}}) {
  %e = moe.exp %x : tensor<3x5xf64>
  %y = moe.log %e : tensor<3x5xf64>
  %s = moe.mul %y, %c : tensor<3x5xf64>
  %o = moe.reduce sum %s {dims = array<i64: 0, 1>} : tensor<3x5xf64> -> tensor<f64>
  return %o : tensor<f64>
}

// CHECK-LABEL: @sqrt
// CHECK-SAME: (%[[P:[^:]*]]: tensor<3x5xf64> {{{.*}}}, %[[G:[^:]*]]: tensor<3x5xf64>)
// CHECK: %[[X:.*]] = moe.exp %[[P]]
// CHECK: %[[Y:.*]] = moe.sqrt %[[X]]
// CHECK: %[[O:.*]] = moe.reduce sum
// CHECK-NEXT: %[[H:.*]] = moe.mul %[[G]], %{{.*}}
// CHECK-NEXT: %[[D:.*]] = moe.div %[[H]], %[[Y]]
// CHECK-NEXT: %[[DP:.*]] = moe.mul %[[D]], %[[X]]
// CHECK-NEXT: return %[[O]], %[[DP]]
// CHECKED: sqrt.x ok
func.func @sqrt(%x: tensor<3x5xf64> {moe.arg = {kind = "param", name = "sqrt.x"}}, %c: tensor<3x5xf64>) -> (tensor<f64> {moe.res = {kind = "objective", name = "o"}}) {
  %e = moe.exp %x : tensor<3x5xf64>
  %y = moe.sqrt %e : tensor<3x5xf64>
  %s = moe.mul %y, %c : tensor<3x5xf64>
  %o = moe.reduce sum %s {dims = array<i64: 0, 1>} : tensor<3x5xf64> -> tensor<f64>
  return %o : tensor<f64>
}

// CHECK-LABEL: @rsqrt
// CHECK-SAME: (%[[P:[^:]*]]: tensor<3x5xf64> {{{.*}}}, %[[G:[^:]*]]: tensor<3x5xf64>)
// CHECK: %[[X:.*]] = moe.exp %[[P]]
// CHECK: %[[Y:.*]] = moe.rsqrt %[[X]]
// CHECK: %[[O:.*]] = moe.reduce sum
// CHECK-NEXT: %[[H:.*]] = moe.mul %[[Y]], %{{.*}}
// CHECK-NEXT: %[[SQ:.*]] = moe.mul %[[Y]], %[[Y]]
// CHECK-NEXT: %[[CUBE:.*]] = moe.mul %[[H]], %[[SQ]]
// CHECK-NEXT: %[[D:.*]] = moe.mul %[[G]], %[[CUBE]]
// CHECK-NEXT: %[[DP:.*]] = moe.mul %[[D]], %[[X]]
// CHECK-NEXT: return %[[O]], %[[DP]]
// CHECKED: rsqrt.x ok
func.func @rsqrt(%x: tensor<3x5xf64> {moe.arg = {kind = "param", name = "rsqrt.x"}}, %c: tensor<3x5xf64>) -> (tensor<f64> {moe.res = {kind = "objective", name = "o"}}) {
  %e = moe.exp %x : tensor<3x5xf64>
  %y = moe.rsqrt %e : tensor<3x5xf64>
  %s = moe.mul %y, %c : tensor<3x5xf64>
  %o = moe.reduce sum %s {dims = array<i64: 0, 1>} : tensor<3x5xf64> -> tensor<f64>
  return %o : tensor<f64>
}

// CHECK-LABEL: @tanh
// CHECK-SAME: (%[[X:[^:]*]]: tensor<3x5xf64> {{{.*}}}, %[[G:[^:]*]]: tensor<3x5xf64>)
// CHECK: %[[Y:.*]] = moe.tanh %[[X]]
// CHECK: %[[O:.*]] = moe.reduce sum
// CHECK-NEXT: %[[SQ:.*]] = moe.mul %[[Y]], %[[Y]]
// CHECK-NEXT: %[[S:.*]] = moe.sub %{{.*}}, %[[SQ]]
// CHECK-NEXT: %[[D:.*]] = moe.mul %[[G]], %[[S]]
// CHECK-NEXT: return %[[O]], %[[D]]
// CHECKED: tanh.x ok
func.func @tanh(%x: tensor<3x5xf64> {moe.arg = {kind = "param", name = "tanh.x"}}, %c: tensor<3x5xf64>) -> (tensor<f64> {moe.res = {kind = "objective", name = "o"}}) {
  %y = moe.tanh %x : tensor<3x5xf64>
  %s = moe.mul %y, %c : tensor<3x5xf64>
  %o = moe.reduce sum %s {dims = array<i64: 0, 1>} : tensor<3x5xf64> -> tensor<f64>
  return %o : tensor<f64>
}

// CHECK-LABEL: @sigmoid
// CHECK-SAME: (%[[X:[^:]*]]: tensor<3x5xf64> {{{.*}}}, %[[G:[^:]*]]: tensor<3x5xf64>)
// CHECK: %[[Y:.*]] = moe.sigmoid %[[X]]
// CHECK: %[[O:.*]] = moe.reduce sum
// CHECK-NEXT: %[[N:.*]] = moe.sub %{{.*}}, %[[Y]]
// CHECK-NEXT: %[[S:.*]] = moe.mul %[[Y]], %[[N]]
// CHECK-NEXT: %[[D:.*]] = moe.mul %[[G]], %[[S]]
// CHECK-NEXT: return %[[O]], %[[D]]
// CHECKED: sigmoid.x ok
func.func @sigmoid(%x: tensor<3x5xf64> {moe.arg = {kind = "param", name = "sigmoid.x"}}, %c: tensor<3x5xf64>) -> (tensor<f64> {moe.res = {kind = "objective", name = "o"}}) {
  %y = moe.sigmoid %x : tensor<3x5xf64>
  %s = moe.mul %y, %c : tensor<3x5xf64>
  %o = moe.reduce sum %s {dims = array<i64: 0, 1>} : tensor<3x5xf64> -> tensor<f64>
  return %o : tensor<f64>
}

// CHECK-LABEL: @erf
// CHECK-SAME: (%[[X:[^:]*]]: tensor<3x5xf64> {{{.*}}}, %[[G:[^:]*]]: tensor<3x5xf64>)
// CHECK: %[[Y:.*]] = moe.erf %[[X]]
// CHECK: %[[O:.*]] = moe.reduce sum
// CHECK-NEXT: %[[SQ:.*]] = moe.mul %[[X]], %[[X]]
// CHECK-NEXT: %[[N:.*]] = moe.neg %[[SQ]]
// CHECK-NEXT: %[[E:.*]] = moe.exp %[[N]]
// CHECK-NEXT: %[[S:.*]] = moe.mul %[[E]], %{{.*}}
// CHECK-NEXT: %[[D:.*]] = moe.mul %[[G]], %[[S]]
// CHECK-NEXT: return %[[O]], %[[D]]
// CHECKED: erf.x ok
func.func @erf(%x: tensor<3x5xf64> {moe.arg = {kind = "param", name = "erf.x"}}, %c: tensor<3x5xf64>) -> (tensor<f64> {moe.res = {kind = "objective", name = "o"}}) {
  %y = moe.erf %x : tensor<3x5xf64>
  %s = moe.mul %y, %c : tensor<3x5xf64>
  %o = moe.reduce sum %s {dims = array<i64: 0, 1>} : tensor<3x5xf64> -> tensor<f64>
  return %o : tensor<f64>
}

// CHECK-LABEL: @sin
// CHECK-SAME: (%[[X:[^:]*]]: tensor<3x5xf64> {{{.*}}}, %[[G:[^:]*]]: tensor<3x5xf64>)
// CHECK: %[[Y:.*]] = moe.sin %[[X]]
// CHECK: %[[O:.*]] = moe.reduce sum
// CHECK-NEXT: %[[S:.*]] = moe.cos %[[X]]
// CHECK-NEXT: %[[D:.*]] = moe.mul %[[G]], %[[S]]
// CHECK-NEXT: return %[[O]], %[[D]]
// CHECKED: sin.x ok
func.func @sin(%x: tensor<3x5xf64> {moe.arg = {kind = "param", name = "sin.x"}}, %c: tensor<3x5xf64>) -> (tensor<f64> {moe.res = {kind = "objective", name = "o"}}) {
  %y = moe.sin %x : tensor<3x5xf64>
  %s = moe.mul %y, %c : tensor<3x5xf64>
  %o = moe.reduce sum %s {dims = array<i64: 0, 1>} : tensor<3x5xf64> -> tensor<f64>
  return %o : tensor<f64>
}

// CHECK-LABEL: @cos
// CHECK-SAME: (%[[X:[^:]*]]: tensor<3x5xf64> {{{.*}}}, %[[G:[^:]*]]: tensor<3x5xf64>)
// CHECK: %[[Y:.*]] = moe.cos %[[X]]
// CHECK: %[[O:.*]] = moe.reduce sum
// CHECK-NEXT: %[[S:.*]] = moe.sin %[[X]]
// CHECK-NEXT: %[[N:.*]] = moe.mul %[[G]], %[[S]]
// CHECK-NEXT: %[[D:.*]] = moe.neg %[[N]]
// CHECK-NEXT: return %[[O]], %[[D]]
// CHECKED: cos.x ok
func.func @cos(%x: tensor<3x5xf64> {moe.arg = {kind = "param", name = "cos.x"}}, %c: tensor<3x5xf64>) -> (tensor<f64> {moe.res = {kind = "objective", name = "o"}}) {
  %y = moe.cos %x : tensor<3x5xf64>
  %s = moe.mul %y, %c : tensor<3x5xf64>
  %o = moe.reduce sum %s {dims = array<i64: 0, 1>} : tensor<3x5xf64> -> tensor<f64>
  return %o : tensor<f64>
}

// CHECK-LABEL: @relu
// CHECK-SAME: (%[[X:[^:]*]]: tensor<3x5xf64> {{{.*}}}, %[[G:[^:]*]]: tensor<3x5xf64>)
// CHECK: %[[Y:.*]] = moe.relu %[[X]]
// CHECK: %[[O:.*]] = moe.reduce sum
// CHECK-NEXT: %[[M:.*]] = moe.compare gt %[[Y]], %{{.*}}
// CHECK-NEXT: %[[D:.*]] = moe.select %[[M]], %[[G]], %{{.*}}
// CHECK-NEXT: return %[[O]], %[[D]]
// CHECKED: relu.x ok
func.func @relu(%x: tensor<3x5xf64> {moe.arg = {kind = "param", name = "relu.x"}}, %c: tensor<3x5xf64>) -> (tensor<f64> {moe.res = {kind = "objective", name = "o"}}) {
  %y = moe.relu %x : tensor<3x5xf64>
  %s = moe.mul %y, %c : tensor<3x5xf64>
  %o = moe.reduce sum %s {dims = array<i64: 0, 1>} : tensor<3x5xf64> -> tensor<f64>
  return %o : tensor<f64>
}

// CHECK-LABEL: @add(
// CHECK-SAME: %[[A:[^:]*]]: tensor<3x5xf64> {{{.*}}}, %[[B:[^:]*]]: tensor<3x5xf64> {{{.*}}}, %[[G:[^:]*]]: tensor<3x5xf64>)
// CHECK: %[[O:.*]] = moe.reduce sum
// CHECK-NEXT: return %[[O]], %[[G]], %[[G]]
// CHECKED: add.a ok
// CHECKED: add.b ok
func.func @add(%a: tensor<3x5xf64> {moe.arg = {kind = "param", name = "add.a"}}, %b: tensor<3x5xf64> {moe.arg = {kind = "param", name = "add.b"}}, %c: tensor<3x5xf64>) -> (tensor<f64> {moe.res = {kind = "objective", name = "o"}}) {
  %y = moe.add %a, %b : tensor<3x5xf64>
  %s = moe.mul %y, %c : tensor<3x5xf64>
  %o = moe.reduce sum %s {dims = array<i64: 0, 1>} : tensor<3x5xf64> -> tensor<f64>
  return %o : tensor<f64>
}

// CHECK-LABEL: @sub(
// CHECK-SAME: %[[A:[^:]*]]: tensor<3x5xf64> {{{.*}}}, %[[B:[^:]*]]: tensor<3x5xf64> {{{.*}}}, %[[G:[^:]*]]: tensor<3x5xf64>)
// CHECK: %[[O:.*]] = moe.reduce sum
// CHECK-NEXT: %[[DB:.*]] = moe.neg %[[G]]
// CHECK-NEXT: return %[[O]], %[[G]], %[[DB]]
// CHECKED: sub.a ok
// CHECKED: sub.b ok
func.func @sub(%a: tensor<3x5xf64> {moe.arg = {kind = "param", name = "sub.a"}}, %b: tensor<3x5xf64> {moe.arg = {kind = "param", name = "sub.b"}}, %c: tensor<3x5xf64>) -> (tensor<f64> {moe.res = {kind = "objective", name = "o"}}) {
  %y = moe.sub %a, %b : tensor<3x5xf64>
  %s = moe.mul %y, %c : tensor<3x5xf64>
  %o = moe.reduce sum %s {dims = array<i64: 0, 1>} : tensor<3x5xf64> -> tensor<f64>
  return %o : tensor<f64>
}

// CHECK-LABEL: @mul(
// CHECK-SAME: %[[A:[^:]*]]: tensor<3x5xf64> {{{.*}}}, %[[B:[^:]*]]: tensor<3x5xf64> {{{.*}}}, %[[G:[^:]*]]: tensor<3x5xf64>)
// CHECK: %[[O:.*]] = moe.reduce sum
// CHECK-NEXT: %[[DA:.*]] = moe.mul %[[G]], %[[B]]
// CHECK-NEXT: %[[DB:.*]] = moe.mul %[[G]], %[[A]]
// CHECK-NEXT: return %[[O]], %[[DA]], %[[DB]]
// CHECKED: mul.a ok
// CHECKED: mul.b ok
func.func @mul(%a: tensor<3x5xf64> {moe.arg = {kind = "param", name = "mul.a"}}, %b: tensor<3x5xf64> {moe.arg = {kind = "param", name = "mul.b"}}, %c: tensor<3x5xf64>) -> (tensor<f64> {moe.res = {kind = "objective", name = "o"}}) {
  %y = moe.mul %a, %b : tensor<3x5xf64>
  %s = moe.mul %y, %c : tensor<3x5xf64>
  %o = moe.reduce sum %s {dims = array<i64: 0, 1>} : tensor<3x5xf64> -> tensor<f64>
  return %o : tensor<f64>
}

// The quotient is used twice, and the power of b is never formed.
// CHECK-LABEL: @div(
// CHECK-SAME: %[[A:[^:]*]]: tensor<3x5xf64> {{{.*}}}, %[[B:[^:]*]]: tensor<3x5xf64> {{{.*}}}, %[[G:[^:]*]]: tensor<3x5xf64>)
// CHECK: %[[O:.*]] = moe.reduce sum
// CHECK-NEXT: %[[DA:.*]] = moe.div %[[G]], %[[B]]
// CHECK-NEXT: %[[T:.*]] = moe.mul %[[DA]], %{{.*}}
// CHECK-NEXT: %[[DB:.*]] = moe.neg %[[T]]
// CHECK-NEXT: return %[[O]], %[[DA]], %[[DB]]
// CHECKED: div.a ok
// CHECKED: div.b ok
func.func @div(%a: tensor<3x5xf64> {moe.arg = {kind = "param", name = "div.a"}}, %b: tensor<3x5xf64> {moe.arg = {kind = "param", name = "div.b"}}, %c: tensor<3x5xf64>) -> (tensor<f64> {moe.res = {kind = "objective", name = "o"}}) {
  %y = moe.div %a, %b : tensor<3x5xf64>
  %s = moe.mul %y, %c : tensor<3x5xf64>
  %o = moe.reduce sum %s {dims = array<i64: 0, 1>} : tensor<3x5xf64> -> tensor<f64>
  return %o : tensor<f64>
}

// A tie is a's.
// CHECK-LABEL: @max(
// CHECK-SAME: %[[A:[^:]*]]: tensor<3x5xf64> {{{.*}}}, %[[B:[^:]*]]: tensor<3x5xf64> {{{.*}}}, %[[G:[^:]*]]: tensor<3x5xf64>)
// CHECK: %[[O:.*]] = moe.reduce sum
// CHECK-NEXT: %[[M:.*]] = moe.compare ge %[[A]], %[[B]]
// CHECK-NEXT: %[[DA:.*]] = moe.select %[[M]], %[[G]], %[[ZERO:.*]] :
// CHECK-NEXT: %[[DB:.*]] = moe.select %[[M]], %[[ZERO]], %[[G]]
// CHECK-NEXT: return %[[O]], %[[DA]], %[[DB]]
// CHECKED: max.a ok
// CHECKED: max.b ok
func.func @max(%a: tensor<3x5xf64> {moe.arg = {kind = "param", name = "max.a"}}, %b: tensor<3x5xf64> {moe.arg = {kind = "param", name = "max.b"}}, %c: tensor<3x5xf64>) -> (tensor<f64> {moe.res = {kind = "objective", name = "o"}}) {
  %y = moe.max %a, %b : tensor<3x5xf64>
  %s = moe.mul %y, %c : tensor<3x5xf64>
  %o = moe.reduce sum %s {dims = array<i64: 0, 1>} : tensor<3x5xf64> -> tensor<f64>
  return %o : tensor<f64>
}

// CHECK-LABEL: @min(
// CHECK-SAME: %[[A:[^:]*]]: tensor<3x5xf64> {{{.*}}}, %[[B:[^:]*]]: tensor<3x5xf64> {{{.*}}}, %[[G:[^:]*]]: tensor<3x5xf64>)
// CHECK: %[[O:.*]] = moe.reduce sum
// CHECK-NEXT: %[[M:.*]] = moe.compare le %[[A]], %[[B]]
// CHECK-NEXT: %[[DA:.*]] = moe.select %[[M]], %[[G]], %[[ZERO:.*]] :
// CHECK-NEXT: %[[DB:.*]] = moe.select %[[M]], %[[ZERO]], %[[G]]
// CHECK-NEXT: return %[[O]], %[[DA]], %[[DB]]
// CHECKED: min.a ok
// CHECKED: min.b ok
func.func @min(%a: tensor<3x5xf64> {moe.arg = {kind = "param", name = "min.a"}}, %b: tensor<3x5xf64> {moe.arg = {kind = "param", name = "min.b"}}, %c: tensor<3x5xf64>) -> (tensor<f64> {moe.res = {kind = "objective", name = "o"}}) {
  %y = moe.min %a, %b : tensor<3x5xf64>
  %s = moe.mul %y, %c : tensor<3x5xf64>
  %o = moe.reduce sum %s {dims = array<i64: 0, 1>} : tensor<3x5xf64> -> tensor<f64>
  return %o : tensor<f64>
}
// Both gradients of a power are 0 where the formula would multiply 0 by an infinity.
// CHECK-LABEL: @pow(
// CHECK-SAME: %[[P:[^:]*]]: tensor<3x5xf64> {{{.*}}}, %[[B:[^:]*]]: tensor<3x5xf64> {{{.*}}}, %[[G:[^:]*]]: tensor<3x5xf64>)
// CHECK: %[[A:.*]] = moe.exp %[[P]]
// CHECK: %[[Y:.*]] = moe.pow %[[A]], %[[B]]
// CHECK: %[[LESS:.*]] = moe.sub %[[B]], %{{.*}}
// CHECK-NEXT: %[[POW:.*]] = moe.pow %[[A]], %[[LESS]]
// CHECK-NEXT: %[[SLOPE:.*]] = moe.mul %[[B]], %[[POW]]
// CHECK-NEXT: %[[NE:.*]] = moe.compare ne %[[B]], %[[ZERO:.*]] :
// CHECK-NEXT: moe.select %[[NE]], %[[SLOPE]], %[[ZERO]]
// CHECK: %[[EQ:.*]] = moe.compare eq %[[A]], %[[ZERO]]
// CHECK-NEXT: %[[LOG:.*]] = moe.log %[[A]]
// CHECK-NEXT: %[[S:.*]] = moe.mul %[[Y]], %[[LOG]]
// CHECK-NEXT: moe.select %[[EQ]], %[[ZERO]], %[[S]]
// CHECKED: pow.a ok
// CHECKED: pow.b ok
func.func @pow(%a: tensor<3x5xf64> {moe.arg = {kind = "param", name = "pow.a"}}, %b: tensor<3x5xf64> {moe.arg = {kind = "param", name = "pow.b"}}, %c: tensor<3x5xf64>) -> (tensor<f64> {moe.res = {kind = "objective", name = "o"}}) {
  %e = moe.exp %a : tensor<3x5xf64>
  %y = moe.pow %e, %b : tensor<3x5xf64>
  %s = moe.mul %y, %c : tensor<3x5xf64>
  %o = moe.reduce sum %s {dims = array<i64: 0, 1>} : tensor<3x5xf64> -> tensor<f64>
  return %o : tensor<f64>
}

// A constant exponent leaves one power (here the other one of the forward pass), and none for a square.
// CHECK-LABEL: @powConstant
// CHECK-SAME: (%[[X:[^:]*]]: tensor<3x5xf64>
// CHECK-DAG: %[[TWO:.*]] = moe.constant dense<2.0
// CHECK-DAG: %[[THREE:.*]] = moe.constant dense<3.0
// CHECK: %[[SQUARE:.*]] = moe.pow %[[X]], %[[TWO]]
// CHECK: moe.reduce sum
// CHECK-NEXT: %[[A:.*]] = moe.mul %[[SQUARE]], %[[THREE]]
// CHECK-NEXT: %[[B:.*]] = moe.mul %[[X]], %[[TWO]]
// CHECK-NEXT: %[[D:.*]] = moe.add %[[A]], %[[B]]
// CHECK-NEXT: return %{{.*}}, %[[D]]
// CHECKED: powConstant.x ok
func.func @powConstant(%x: tensor<3x5xf64> {moe.arg = {kind = "param", name = "powConstant.x"}}) -> (tensor<f64> {moe.res = {kind = "objective", name = "o"}}) {
  %two = moe.constant dense<2.0> : tensor<3x5xf64>
  %three = moe.constant dense<3.0> : tensor<3x5xf64>
  %square = moe.pow %x, %two : tensor<3x5xf64>
  %cube = moe.pow %x, %three : tensor<3x5xf64>
  %y = moe.add %square, %cube : tensor<3x5xf64>
  %o = moe.reduce sum %y {dims = array<i64: 0, 1>} : tensor<3x5xf64> -> tensor<f64>
  return %o : tensor<f64>
}

// The operand twice: both contributions are added.
// CHECK-LABEL: @square
// CHECK-SAME: (%[[X:[^:]*]]: tensor<3x5xf64> {{{.*}}}, %[[G:[^:]*]]: tensor<3x5xf64>)
// CHECK: moe.reduce sum
// CHECK-NEXT: %[[T:.*]] = moe.mul %[[G]], %[[X]]
// CHECK-NEXT: %[[SUM:.*]] = moe.add %[[T]], %[[T]]
// CHECK-NEXT: return %{{.*}}, %[[SUM]]
// CHECKED: square.x ok
func.func @square(%x: tensor<3x5xf64> {moe.arg = {kind = "param", name = "square.x"}}, %c: tensor<3x5xf64>) -> (tensor<f64> {moe.res = {kind = "objective", name = "o"}}) {
  %y = moe.mul %x, %x : tensor<3x5xf64>
  %s = moe.mul %y, %c : tensor<3x5xf64>
  %o = moe.reduce sum %s {dims = array<i64: 0, 1>} : tensor<3x5xf64> -> tensor<f64>
  return %o : tensor<f64>
}

// Each side gets the gradient where it is taken.
// CHECK-LABEL: @select
// CHECK-SAME: %[[M:[^:]*]]: tensor<3x5xi1>, %[[G:[^:]*]]: tensor<3x5xf64>)
// CHECK: moe.reduce sum
// CHECK-NEXT: %[[DA:.*]] = moe.select %[[M]], %[[G]], %[[ZERO:.*]] :
// CHECK-NEXT: %[[DB:.*]] = moe.select %[[M]], %[[ZERO]], %[[G]]
// CHECK-NEXT: return %{{.*}}, %[[DA]], %[[DB]]
// CHECKED: select.a ok
// CHECKED: select.b ok
func.func @select(%a: tensor<3x5xf64> {moe.arg = {kind = "param", name = "select.a"}}, %b: tensor<3x5xf64> {moe.arg = {kind = "param", name = "select.b"}}, %m: tensor<3x5xi1>, %c: tensor<3x5xf64>) -> (tensor<f64> {moe.res = {kind = "objective", name = "o"}}) {
  %y = moe.select %m, %a, %b : tensor<3x5xi1>, tensor<3x5xf64>
  %s = moe.mul %y, %c : tensor<3x5xf64>
  %o = moe.reduce sum %s {dims = array<i64: 0, 1>} : tensor<3x5xf64> -> tensor<f64>
  return %o : tensor<f64>
}

// CHECK-LABEL: @convert
// CHECK: %[[G:.*]] = moe.constant dense<1.0{{.*}}> : tensor<3x5xf32>
// CHECK: return %{{.*}}, %[[G]]
// CHECKED: convert.x ok
func.func @convert(%x: tensor<3x5xf32> {moe.arg = {kind = "param", name = "convert.x"}}) -> (tensor<f64> {moe.res = {kind = "objective", name = "o"}}) {
  %y = moe.convert %x : tensor<3x5xf32> -> tensor<3x5xf64>
  %o = moe.reduce sum %y {dims = array<i64: 0, 1>} : tensor<3x5xf64> -> tensor<f64>
  return %o : tensor<f64>
}

// Nothing flows through a step, a mask or an integer: what is left is the other factor.
// CHECK-LABEL: @steps
// CHECK: moe.convert %{{.*}} : tensor<3x5xi32>
// CHECK: moe.mul %{{.*}}, %[[STEPS:.*]] :
// CHECK-NEXT: %[[O:.*]] = moe.reduce sum
// CHECK-NEXT: return %[[O]], %[[STEPS]] :
// CHECKED: steps.x ok
func.func @steps(%x: tensor<3x5xf64> {moe.arg = {kind = "param", name = "steps.x"}}, %c: tensor<3x5xf64>) -> (tensor<f64> {moe.res = {kind = "objective", name = "o"}}) {
  %sign = moe.sign %x : tensor<3x5xf64>
  %ten = moe.constant dense<10.0> : tensor<3x5xf64>
  %tenfold = moe.mul %x, %ten : tensor<3x5xf64>
  %floor = moe.floor %tenfold : tensor<3x5xf64>
  %mask = moe.compare lt %x, %c : tensor<3x5xf64> -> tensor<3x5xi1>
  %other = moe.compare gt %x, %ten : tensor<3x5xf64> -> tensor<3x5xi1>
  %not = moe.not %other : tensor<3x5xi1>
  %and = moe.and %mask, %not : tensor<3x5xi1>
  %or = moe.or %and, %other : tensor<3x5xi1>
  %on = moe.convert %or : tensor<3x5xi1> -> tensor<3x5xf64>
  %int = moe.convert %tenfold : tensor<3x5xf64> -> tensor<3x5xi32>
  %whole = moe.convert %int : tensor<3x5xi32> -> tensor<3x5xf64>
  %a = moe.add %sign, %floor : tensor<3x5xf64>
  %b = moe.add %on, %whole : tensor<3x5xf64>
  %steps = moe.add %a, %b : tensor<3x5xf64>
  %y = moe.mul %x, %steps : tensor<3x5xf64>
  %o = moe.reduce sum %y {dims = array<i64: 0, 1>} : tensor<3x5xf64> -> tensor<f64>
  return %o : tensor<f64>
}
