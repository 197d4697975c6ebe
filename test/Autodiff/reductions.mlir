// RUN: moe-opt %s --moe-differentiate --moe-simplify --cse | FileCheck %s
// RUN: moe-opt %s --moe-check-gradients -o /dev/null | FileCheck %s --check-prefix=CHECKED

// CHECK-LABEL: @sum
// CHECK-SAME: %[[G:[^:]*]]: tensor<3xf64>)
// CHECK: moe.reduce sum %{{.*}} {dims = array<i64: 0>}
// CHECK-NEXT: %[[D:.*]] = moe.broadcast %[[G]] {dims = array<i64: 1>} : tensor<3xf64> -> tensor<2x3x5xf64>
// CHECK-NEXT: return %{{.*}}, %[[D]]
// CHECKED: sum.x ok
func.func @sum(%x: tensor<2x3x5xf64> {moe.arg = {kind = "param", name = "sum.x"}}, %c: tensor<3xf64>) -> (tensor<f64> {moe.res = {kind = "objective", name = "o"}}) {
  %y = moe.reduce sum %x {dims = array<i64: 0, 2>} : tensor<2x3x5xf64> -> tensor<3xf64>
  %s = moe.mul %y, %c : tensor<3xf64>
  %o = moe.reduce sum %s {dims = array<i64: 0>} : tensor<3xf64> -> tensor<f64>
  return %o : tensor<f64>
}

// The gradient is divided among the elements that tie.
// CHECK-LABEL: @max
// CHECK-SAME: %[[X:[^:]*]]: tensor<4x5xf64> {{{.*}}}, %[[G:[^:]*]]: tensor<4xf64>)
// CHECK: %[[Y:.*]] = moe.reduce max %[[X]]
// CHECK: moe.reduce sum
// CHECK-NEXT: %[[TOP:.*]] = moe.broadcast %[[Y]] {dims = array<i64: 0>}
// CHECK-NEXT: %[[IS:.*]] = moe.compare eq %[[X]], %[[TOP]]
// CHECK-NEXT: %[[ONE:.*]] = moe.convert %[[IS]]
// CHECK-NEXT: %[[COUNT:.*]] = moe.reduce sum %[[ONE]] {dims = array<i64: 1>}
// CHECK-NEXT: %[[SHARE:.*]] = moe.div %[[G]], %[[COUNT]] : tensor<4xf64>
// CHECK-NEXT: %[[ALL:.*]] = moe.broadcast %[[SHARE]] {dims = array<i64: 0>}
// CHECK-NEXT: %[[D:.*]] = moe.select %[[IS]], %[[ALL]], %{{.*}}
// CHECK-NEXT: return %{{.*}}, %[[D]]
// CHECKED: max.x ok
func.func @max(%x: tensor<4x5xf64> {moe.arg = {kind = "param", name = "max.x"}}, %c: tensor<4xf64>) -> (tensor<f64> {moe.res = {kind = "objective", name = "o"}}) {
  %y = moe.reduce max %x {dims = array<i64: 1>} : tensor<4x5xf64> -> tensor<4xf64>
  %s = moe.mul %y, %c : tensor<4xf64>
  %o = moe.reduce sum %s {dims = array<i64: 0>} : tensor<4xf64> -> tensor<f64>
  return %o : tensor<f64>
}

// CHECKED: min.x ok
func.func @min(%x: tensor<4x5xf64> {moe.arg = {kind = "param", name = "min.x"}}, %c: tensor<5xf64>) -> (tensor<f64> {moe.res = {kind = "objective", name = "o"}}) {
  %y = moe.reduce min %x {dims = array<i64: 0>} : tensor<4x5xf64> -> tensor<5xf64>
  %s = moe.mul %y, %c : tensor<5xf64>
  %o = moe.reduce sum %s {dims = array<i64: 0>} : tensor<5xf64> -> tensor<f64>
  return %o : tensor<f64>
}

// From the result alone.
// CHECK-LABEL: @softmax
// CHECK-SAME: %[[G:[^:]*]]: tensor<4x5xf64>)
// CHECK: %[[Y:.*]] = moe.softmax
// CHECK-NEXT: %[[GY:.*]] = moe.mul %[[Y]], %[[G]]
// CHECK-NEXT: %[[O:.*]] = moe.reduce sum %[[GY]] {dims = array<i64: 0, 1>}
// CHECK-NEXT: %[[SUM:.*]] = moe.reduce sum %[[GY]] {dims = array<i64: 1>}
// CHECK-NEXT: %[[ALL:.*]] = moe.broadcast %[[SUM]] {dims = array<i64: 0>}
// CHECK-NEXT: %[[DIFF:.*]] = moe.sub %[[G]], %[[ALL]]
// CHECK-NEXT: %[[D:.*]] = moe.mul %[[Y]], %[[DIFF]]
// CHECK-NEXT: return %[[O]], %[[D]]
// CHECKED: softmax.x ok
func.func @softmax(%x: tensor<4x5xf64> {moe.arg = {kind = "param", name = "softmax.x"}}, %c: tensor<4x5xf64>) -> (tensor<f64> {moe.res = {kind = "objective", name = "o"}}) {
  %y = moe.softmax %x : tensor<4x5xf64>
  %s = moe.mul %y, %c : tensor<4x5xf64>
  %o = moe.reduce sum %s {dims = array<i64: 0, 1>} : tensor<4x5xf64> -> tensor<f64>
  return %o : tensor<f64>
}

// Masked scores: what is minus infinity has probability 0 and gradient 0, and spoils nothing.
// CHECKED: maskedSoftmax.x ok
func.func @maskedSoftmax(%x: tensor<4x5xf64> {moe.arg = {kind = "param", name = "maskedSoftmax.x"}}, %c: tensor<4x5xf64>) -> (tensor<f64> {moe.res = {kind = "objective", name = "o"}}) {
  %i = moe.iota {dim = 1} : tensor<4x5xi32>
  %t = moe.iota {dim = 0} : tensor<4x5xi32>
  %m = moe.compare le %i, %t : tensor<4x5xi32> -> tensor<4x5xi1>
  %off = moe.constant dense<0xFFF0000000000000> : tensor<4x5xf64>
  %z = moe.select %m, %x, %off : tensor<4x5xi1>, tensor<4x5xf64>
  %y = moe.softmax %z : tensor<4x5xf64>
  %s = moe.mul %y, %c : tensor<4x5xf64>
  %o = moe.reduce sum %s {dims = array<i64: 0, 1>} : tensor<4x5xf64> -> tensor<f64>
  return %o : tensor<f64>
}

// A router has the softmax of the same scores already: it is computed once.
// CHECK-LABEL: @logsumexp
// CHECK-SAME: %[[X:[^:]*]]: tensor<4x5xf64> {{{.*}}}, %[[G:[^:]*]]: tensor<4xf64>,
// CHECK: %[[P:.*]] = moe.softmax %[[X]]
// CHECK-NOT: moe.softmax
// CHECK: %[[ALL:.*]] = moe.broadcast %[[G]] {dims = array<i64: 0>}
// CHECK-NEXT: moe.mul %[[ALL]], %[[P]]
// CHECKED: logsumexp.x ok
func.func @logsumexp(%x: tensor<4x5xf64> {moe.arg = {kind = "param", name = "logsumexp.x"}}, %c: tensor<4xf64>, %d: tensor<4x5xf64>) -> (tensor<f64> {moe.res = {kind = "objective", name = "o"}}) {
  %p = moe.softmax %x : tensor<4x5xf64>
  %pd = moe.mul %p, %d : tensor<4x5xf64>
  %first = moe.reduce sum %pd {dims = array<i64: 0, 1>} : tensor<4x5xf64> -> tensor<f64>
  %y = moe.logsumexp %x : tensor<4x5xf64> -> tensor<4xf64>
  %s = moe.mul %y, %c : tensor<4xf64>
  %second = moe.reduce sum %s {dims = array<i64: 0>} : tensor<4xf64> -> tensor<f64>
  %o = moe.add %first, %second : tensor<f64>
  return %o : tensor<f64>
}

// One row of reductions and arithmetic, from x and the gradient.
// CHECK-LABEL: @normalize
// CHECK-SAME: %[[X:[^:]*]]: tensor<4x5xf64> {{{.*}}}, %[[G:[^:]*]]: tensor<4x5xf64>)
// CHECK: moe.normalize %[[X]]
// CHECK: moe.reduce sum {{.*}} -> tensor<f64>
// CHECK-NEXT: %[[TOTAL:.*]] = moe.reduce sum %[[X]] {dims = array<i64: 1>}
// CHECK-NEXT: %[[MEAN:.*]] = moe.mul %[[TOTAL]], %{{.*}} : tensor<4xf64>
// CHECK-NEXT: %[[MEANS:.*]] = moe.broadcast %[[MEAN]]
// CHECK-NEXT: %[[C:.*]] = moe.sub %[[X]], %[[MEANS]]
// CHECK: %[[SCALE:.*]] = moe.rsqrt %{{.*}} : tensor<4xf64>
// CHECK-NEXT: %[[S:.*]] = moe.broadcast %[[SCALE]]
// CHECK-NEXT: %[[Y:.*]] = moe.mul %[[C]], %[[S]]
// CHECK-NEXT: %[[GY:.*]] = moe.mul %[[G]], %[[Y]]
// CHECK-NEXT: moe.reduce sum %[[GY]] {dims = array<i64: 1>}
// CHECK: moe.reduce sum %[[G]] {dims = array<i64: 1>}
// CHECK: %[[D:.*]] = moe.mul %[[S]], %{{.*}}
// CHECK-NEXT: return %{{.*}}, %[[D]]
// CHECKED: normalize.x ok
func.func @normalize(%x: tensor<4x5xf64> {moe.arg = {kind = "param", name = "normalize.x"}}, %c: tensor<4x5xf64>) -> (tensor<f64> {moe.res = {kind = "objective", name = "o"}}) {
  %y = moe.normalize %x {eps = 1.0e-5 : f64} : tensor<4x5xf64>
  %s = moe.mul %y, %c : tensor<4x5xf64>
  %o = moe.reduce sum %s {dims = array<i64: 0, 1>} : tensor<4x5xf64> -> tensor<f64>
  return %o : tensor<f64>
}

// Rows as wide as a model's: along directions.
// CHECKED: normalizeWide.x ok
func.func @normalizeWide(%x: tensor<3x352xf64> {moe.arg = {kind = "param", name = "normalizeWide.x"}}, %c: tensor<3x352xf64>) -> (tensor<f64> {moe.res = {kind = "objective", name = "o"}}) {
  %y = moe.normalize %x {eps = 0.01 : f64} : tensor<3x352xf64>
  %z = moe.mul %y, %y : tensor<3x352xf64>
  %s = moe.mul %z, %c : tensor<3x352xf64>
  %o = moe.reduce sum %s {dims = array<i64: 0, 1>} : tensor<3x352xf64> -> tensor<f64>
  return %o : tensor<f64>
}
