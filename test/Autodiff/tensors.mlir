// RUN: moe-opt %s --moe-differentiate --moe-simplify --cse | FileCheck %s
// RUN: moe-opt %s --moe-check-gradients -o /dev/null | FileCheck %s --check-prefix=CHECKED

// CHECK-LABEL: @broadcast
// CHECK-SAME: %[[G:[^:]*]]: tensor<2x3x4xf64>)
// CHECK: moe.reduce sum
// CHECK-NEXT: %[[D:.*]] = moe.reduce sum %[[G]] {dims = array<i64: 0, 2>} : tensor<2x3x4xf64> -> tensor<3xf64>
// CHECK-NEXT: return %{{.*}}, %[[D]]
// CHECKED: broadcast.x ok
func.func @broadcast(%x: tensor<3xf64> {moe.arg = {kind = "param", name = "broadcast.x"}}, %c: tensor<2x3x4xf64>) -> (tensor<f64> {moe.res = {kind = "objective", name = "o"}}) {
  %y = moe.broadcast %x {dims = array<i64: 1>} : tensor<3xf64> -> tensor<2x3x4xf64>
  %s = moe.mul %y, %c : tensor<2x3x4xf64>
  %o = moe.reduce sum %s {dims = array<i64: 0, 1, 2>} : tensor<2x3x4xf64> -> tensor<f64>
  return %o : tensor<f64>
}

// CHECK-LABEL: @reshape
// CHECK-SAME: %[[G:[^:]*]]: tensor<4x3xf64>)
// CHECK: moe.reduce sum
// CHECK-NEXT: %[[D:.*]] = moe.reshape %[[G]] : tensor<4x3xf64> -> tensor<2x6xf64>
// CHECK-NEXT: return %{{.*}}, %[[D]]
// CHECKED: reshape.x ok
func.func @reshape(%x: tensor<2x6xf64> {moe.arg = {kind = "param", name = "reshape.x"}}, %c: tensor<4x3xf64>) -> (tensor<f64> {moe.res = {kind = "objective", name = "o"}}) {
  %y = moe.reshape %x : tensor<2x6xf64> -> tensor<4x3xf64>
  %s = moe.mul %y, %c : tensor<4x3xf64>
  %o = moe.reduce sum %s {dims = array<i64: 0, 1>} : tensor<4x3xf64> -> tensor<f64>
  return %o : tensor<f64>
}

// A rotation of three dimensions is not its own inverse.
// CHECK-LABEL: @transpose
// CHECK-SAME: %[[G:[^:]*]]: tensor<3x4x2xf64>)
// CHECK: moe.reduce sum
// CHECK-NEXT: %[[D:.*]] = moe.transpose %[[G]] {perm = array<i64: 2, 0, 1>} : tensor<3x4x2xf64> -> tensor<2x3x4xf64>
// CHECK-NEXT: return %{{.*}}, %[[D]]
// CHECKED: transpose.x ok
func.func @transpose(%x: tensor<2x3x4xf64> {moe.arg = {kind = "param", name = "transpose.x"}}, %c: tensor<3x4x2xf64>) -> (tensor<f64> {moe.res = {kind = "objective", name = "o"}}) {
  %y = moe.transpose %x {perm = array<i64: 1, 2, 0>} : tensor<2x3x4xf64> -> tensor<3x4x2xf64>
  %s = moe.mul %y, %c : tensor<3x4x2xf64>
  %o = moe.reduce sum %s {dims = array<i64: 0, 1, 2>} : tensor<3x4x2xf64> -> tensor<f64>
  return %o : tensor<f64>
}

// CHECK-LABEL: @slice
// CHECK-SAME: %[[G:[^:]*]]: tensor<2x3xf64>)
// CHECK: moe.reduce sum
// CHECK-NEXT: %[[D:.*]] = moe.pad %[[G]] {offsets = array<i64: 1, 2>} : tensor<2x3xf64> -> tensor<4x6xf64>
// CHECK-NEXT: return %{{.*}}, %[[D]]
// CHECKED: slice.x ok
func.func @slice(%x: tensor<4x6xf64> {moe.arg = {kind = "param", name = "slice.x"}}, %c: tensor<2x3xf64>) -> (tensor<f64> {moe.res = {kind = "objective", name = "o"}}) {
  %y = moe.slice %x {offsets = array<i64: 1, 2>} : tensor<4x6xf64> -> tensor<2x3xf64>
  %s = moe.mul %y, %c : tensor<2x3xf64>
  %o = moe.reduce sum %s {dims = array<i64: 0, 1>} : tensor<2x3xf64> -> tensor<f64>
  return %o : tensor<f64>
}

// CHECK-LABEL: @pad
// CHECK-SAME: %[[G:[^:]*]]: tensor<4x6xf64>)
// CHECK: moe.reduce sum
// CHECK-NEXT: %[[D:.*]] = moe.slice %[[G]] {offsets = array<i64: 1, 2>} : tensor<4x6xf64> -> tensor<2x3xf64>
// CHECK-NEXT: return %{{.*}}, %[[D]]
// CHECKED: pad.x ok
func.func @pad(%x: tensor<2x3xf64> {moe.arg = {kind = "param", name = "pad.x"}}, %c: tensor<4x6xf64>) -> (tensor<f64> {moe.res = {kind = "objective", name = "o"}}) {
  %y = moe.pad %x {offsets = array<i64: 1, 2>} : tensor<2x3xf64> -> tensor<4x6xf64>
  %s = moe.mul %y, %c : tensor<4x6xf64>
  %o = moe.reduce sum %s {dims = array<i64: 0, 1>} : tensor<4x6xf64> -> tensor<f64>
  return %o : tensor<f64>
}

// A part without parameters gets no slice, but moves the next one; a part that is there twice gets both.
// CHECK-LABEL: @concat
// CHECK-SAME: %[[G:[^:]*]]: tensor<2x9xf64>)
// CHECK: moe.reduce sum
// CHECK-NEXT: %[[A0:.*]] = moe.slice %[[G]] {offsets = array<i64: 0, 0>} : tensor<2x9xf64> -> tensor<2x2xf64>
// CHECK-NEXT: %[[B:.*]] = moe.slice %[[G]] {offsets = array<i64: 0, 5>} : tensor<2x9xf64> -> tensor<2x2xf64>
// CHECK-NEXT: %[[A1:.*]] = moe.slice %[[G]] {offsets = array<i64: 0, 7>} : tensor<2x9xf64> -> tensor<2x2xf64>
// CHECK-NEXT: %[[A:.*]] = moe.add %[[A0]], %[[A1]]
// CHECK-NEXT: return %{{.*}}, %[[A]], %[[B]]
// CHECKED: concat.a ok
// CHECKED: concat.b ok
func.func @concat(%a: tensor<2x2xf64> {moe.arg = {kind = "param", name = "concat.a"}}, %b: tensor<2x2xf64> {moe.arg = {kind = "param", name = "concat.b"}}, %fixed: tensor<2x3xf64>, %c: tensor<2x9xf64>) -> (tensor<f64> {moe.res = {kind = "objective", name = "o"}}) {
  %y = moe.concat %a, %fixed, %b, %a {dim = 1} : tensor<2x2xf64>, tensor<2x3xf64>, tensor<2x2xf64>, tensor<2x2xf64> -> tensor<2x9xf64>
  %s = moe.mul %y, %c : tensor<2x9xf64>
  %o = moe.reduce sum %s {dims = array<i64: 0, 1>} : tensor<2x9xf64> -> tensor<f64>
  return %o : tensor<f64>
}

// CHECK-LABEL: @cumsum
// CHECK-SAME: %[[G:[^:]*]]: tensor<3x4xf64>)
// CHECK: moe.reduce sum
// CHECK: %[[BOTH:.*]] = moe.cumsum %[[G]] {dim = 0 : i64, exclusive} :
// CHECK: %[[EXCLUSIVE:.*]] = moe.cumsum %[[G]] {dim = 1 : i64, exclusive, reverse} :
// CHECK: moe.cumsum %[[G]] {dim = 1 : i64} :
// CHECK: moe.cumsum %[[G]] {dim = 0 : i64, reverse} :
// CHECKED: cumsum.x ok
func.func @cumsum(%x: tensor<3x4xf64> {moe.arg = {kind = "param", name = "cumsum.x"}}, %c: tensor<3x4xf64>) -> (tensor<f64> {moe.res = {kind = "objective", name = "o"}}) {
  %p = moe.cumsum %x {dim = 0} : tensor<3x4xf64>
  %q = moe.cumsum %x {dim = 1, reverse} : tensor<3x4xf64>
  %r = moe.cumsum %x {dim = 1, exclusive} : tensor<3x4xf64>
  %t = moe.cumsum %x {dim = 0, exclusive, reverse} : tensor<3x4xf64>
  %pq = moe.add %p, %q : tensor<3x4xf64>
  %rt = moe.add %r, %t : tensor<3x4xf64>
  %y = moe.add %pq, %rt : tensor<3x4xf64>
  %s = moe.mul %y, %c : tensor<3x4xf64>
  %o = moe.reduce sum %s {dims = array<i64: 0, 1>} : tensor<3x4xf64> -> tensor<f64>
  return %o : tensor<f64>
}

// 8 ids of 3 rows: some row is read more than once, and rows 3 and 4 never.
// CHECK-LABEL: @gather
// CHECK-SAME: %[[IDS:[^:]*]]: tensor<2x4xi32>, %[[G:[^:]*]]: tensor<2x4x3xf64>)
// CHECK: moe.reduce sum
// CHECK-NEXT: %[[D:.*]] = moe.scatter_add %[[IDS]], %[[G]] : tensor<2x4xi32>, tensor<2x4x3xf64> -> tensor<5x3xf64>
// CHECK-NEXT: return %{{.*}}, %[[D]]
// CHECKED: gather.table ok
func.func @gather(%table: tensor<5x3xf64> {moe.arg = {kind = "param", name = "gather.table"}}, %ids: tensor<2x4xi32>, %c: tensor<2x4x3xf64>) -> (tensor<f64> {moe.res = {kind = "objective", name = "o"}}) {
  %y = moe.gather %table, %ids : tensor<5x3xf64>, tensor<2x4xi32> -> tensor<2x4x3xf64>
  %s = moe.mul %y, %c : tensor<2x4x3xf64>
  %o = moe.reduce sum %s {dims = array<i64: 0, 1, 2>} : tensor<2x4x3xf64> -> tensor<f64>
  return %o : tensor<f64>
}

// CHECK-LABEL: @scatterAdd
// CHECK-SAME: %[[IDS:[^:]*]]: tensor<2x4xi32>, %[[G:[^:]*]]: tensor<5x3xf64>)
// CHECK: moe.reduce sum
// CHECK-NEXT: %[[D:.*]] = moe.gather %[[G]], %[[IDS]] : tensor<5x3xf64>, tensor<2x4xi32> -> tensor<2x4x3xf64>
// CHECK-NEXT: return %{{.*}}, %[[D]]
// CHECKED: scatterAdd.x ok
func.func @scatterAdd(%x: tensor<2x4x3xf64> {moe.arg = {kind = "param", name = "scatterAdd.x"}}, %ids: tensor<2x4xi32>, %c: tensor<5x3xf64>) -> (tensor<f64> {moe.res = {kind = "objective", name = "o"}}) {
  %y = moe.scatter_add %ids, %x : tensor<2x4xi32>, tensor<2x4x3xf64> -> tensor<5x3xf64>
  %s = moe.mul %y, %c : tensor<5x3xf64>
  %o = moe.reduce sum %s {dims = array<i64: 0, 1>} : tensor<5x3xf64> -> tensor<f64>
  return %o : tensor<f64>
}

// The detached factor counts as a constant, for the differences as well: the gradient is x, not 2 x.
// CHECK-LABEL: @detach
// CHECK-SAME: %[[X:[^:]*]]: tensor<3xf64>
// CHECK-NOT: moe.detach
// CHECK: return %{{.*}}, %[[X]]
// CHECKED: detach.x ok
func.func @detach(%x: tensor<3xf64> {moe.arg = {kind = "param", name = "detach.x"}}) -> (tensor<f64> {moe.res = {kind = "objective", name = "o"}}) {
  %fixed = moe.detach %x : tensor<3xf64>
  %s = moe.mul %x, %fixed : tensor<3xf64>
  %o = moe.reduce sum %s {dims = array<i64: 0>} : tensor<3xf64> -> tensor<f64>
  return %o : tensor<f64>
}

// Random numbers and counts are constants.
// CHECK-LABEL: @dropout
// CHECK: %[[ON:.*]] = moe.select
// CHECK: %[[Y:.*]] = moe.mul %{{.*}}, %[[ON]]
// CHECK: return %{{.*}}, %[[ON]]
// CHECKED: dropout.x ok
func.func @dropout(%x: tensor<4x8xf64> {moe.arg = {kind = "param", name = "dropout.x"}}, %key: tensor<3xi32>) -> (tensor<f64> {moe.res = {kind = "objective", name = "o"}}) {
  %u = moe.uniform %key {site = 7 : i32} : tensor<4x8xf64>
  %i = moe.iota {dim = 1} : tensor<4x8xf64>
  %half = moe.constant dense<0.5> : tensor<4x8xf64>
  %zero = moe.constant dense<0.0> : tensor<4x8xf64>
  %m = moe.compare ge %u, %half : tensor<4x8xf64> -> tensor<4x8xi1>
  %on = moe.select %m, %i, %zero : tensor<4x8xi1>, tensor<4x8xf64>
  %y = moe.mul %x, %on : tensor<4x8xf64>
  %o = moe.reduce sum %y {dims = array<i64: 0, 1>} : tensor<4x8xf64> -> tensor<f64>
  return %o : tensor<f64>
}
