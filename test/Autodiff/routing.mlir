// RUN: moe-opt %s --moe-differentiate --moe-simplify --cse | FileCheck %s
// RUN: moe-opt %s --moe-check-gradients -o /dev/null | FileCheck %s --check-prefix=CHECKED

// In all routings here but the last, expert 0 has no token, expert 1 has all 6, expert 2 two and expert 3 one: 9 rows. Where the bound is 12,
// three rows are unspecified, and nothing may depend on them.

// CHECK-LABEL: @dispatchTokens
// CHECK: %[[D:.*]] = moe.dispatch tokens
// CHECK: moe.reduce sum
// CHECK-NEXT: %[[ROWS:.*]] = moe.dispatch tokens %{{.*}} -> tensor<12x3xf64>
// CHECK-NEXT: %[[T:.*]] = moe.mul %[[ROWS]], %[[D]]
// CHECK-NEXT: %[[DR:.*]] = moe.add %[[T]], %[[T]]
// CHECK-NEXT: %[[DX:.*]] = moe.combine tokens %[[DR]], %{{.*}} -> tensor<6x3xf64>
// CHECK-NEXT: return %{{.*}}, %[[DX]]
// CHECKED: dispatchTokens.x ok
func.func @dispatchTokens(%x: tensor<6x3xf64> {moe.arg = {kind = "param", name = "dispatchTokens.x"}}, %c: tensor<6x3xf64>) -> (tensor<f64> {moe.res = {kind = "objective", name = "o"}}) {
  %on = moe.constant dense<[[false, true, false, false], [false, true, true, false], [false, true, false, false], [false, true, false, true], [false, true, true, false], [false, true, false, false]]> : tensor<6x4xi1>
  %r, %excess = moe.route %on : tensor<6x4xi1> -> !moe.routing<tokens = 6, experts = 4, rows = 12>
  %d = moe.dispatch tokens %x, %r : tensor<6x3xf64>, !moe.routing<tokens = 6, experts = 4, rows = 12> -> tensor<12x3xf64>
  %q = moe.mul %d, %d : tensor<12x3xf64>
  %y = moe.combine tokens %q, %r : tensor<12x3xf64>, !moe.routing<tokens = 6, experts = 4, rows = 12> -> tensor<6x3xf64>
  %s = moe.mul %y, %c : tensor<6x3xf64>
  %o = moe.reduce sum %s {dims = array<i64: 0, 1>} : tensor<6x3xf64> -> tensor<f64>
  return %o : tensor<f64>
}

// CHECK-LABEL: @dispatchExperts
// CHECK: %[[D:.*]] = moe.dispatch experts
// CHECK: moe.reduce sum
// CHECK-NEXT: %[[ROWS:.*]] = moe.dispatch tokens %{{.*}} -> tensor<12x3xf64>
// CHECK-NEXT: %[[T:.*]] = moe.mul %[[ROWS]], %[[D]]
// CHECK-NEXT: %[[DR:.*]] = moe.add %[[T]], %[[T]]
// CHECK-NEXT: %[[DX:.*]] = moe.combine experts %[[DR]], %{{.*}} -> tensor<4x3xf64>
// CHECK-NEXT: return %{{.*}}, %[[DX]]
// CHECKED: dispatchExperts.x ok
func.func @dispatchExperts(%x: tensor<4x3xf64> {moe.arg = {kind = "param", name = "dispatchExperts.x"}}, %c: tensor<6x3xf64>) -> (tensor<f64> {moe.res = {kind = "objective", name = "o"}}) {
  %on = moe.constant dense<[[false, true, false, false], [false, true, true, false], [false, true, false, false], [false, true, false, true], [false, true, true, false], [false, true, false, false]]> : tensor<6x4xi1>
  %r, %excess = moe.route %on : tensor<6x4xi1> -> !moe.routing<tokens = 6, experts = 4, rows = 12>
  %d = moe.dispatch experts %x, %r : tensor<4x3xf64>, !moe.routing<tokens = 6, experts = 4, rows = 12> -> tensor<12x3xf64>
  %q = moe.mul %d, %d : tensor<12x3xf64>
  %y = moe.combine tokens %q, %r : tensor<12x3xf64>, !moe.routing<tokens = 6, experts = 4, rows = 12> -> tensor<6x3xf64>
  %s = moe.mul %y, %c : tensor<6x3xf64>
  %o = moe.reduce sum %s {dims = array<i64: 0, 1>} : tensor<6x3xf64> -> tensor<f64>
  return %o : tensor<f64>
}

// CHECK-LABEL: @dispatchPairs
// CHECK: %[[D:.*]] = moe.dispatch pairs
// CHECK: moe.reduce sum
// CHECK-NEXT: %[[ROWS:.*]] = moe.dispatch tokens %{{.*}} -> tensor<12xf64>
// CHECK-NEXT: %[[T:.*]] = moe.mul %[[ROWS]], %[[D]]
// CHECK-NEXT: %[[DR:.*]] = moe.add %[[T]], %[[T]]
// CHECK-NEXT: %[[DX:.*]] = moe.combine pairs %[[DR]], %{{.*}} -> tensor<6x4xf64>
// CHECK-NEXT: return %{{.*}}, %[[DX]]
// CHECKED: dispatchPairs.x ok
func.func @dispatchPairs(%x: tensor<6x4xf64> {moe.arg = {kind = "param", name = "dispatchPairs.x"}}, %c: tensor<6xf64>) -> (tensor<f64> {moe.res = {kind = "objective", name = "o"}}) {
  %on = moe.constant dense<[[false, true, false, false], [false, true, true, false], [false, true, false, false], [false, true, false, true], [false, true, true, false], [false, true, false, false]]> : tensor<6x4xi1>
  %r, %excess = moe.route %on : tensor<6x4xi1> -> !moe.routing<tokens = 6, experts = 4, rows = 12>
  %d = moe.dispatch pairs %x, %r : tensor<6x4xf64>, !moe.routing<tokens = 6, experts = 4, rows = 12> -> tensor<12xf64>
  %q = moe.mul %d, %d : tensor<12xf64>
  %y = moe.combine tokens %q, %r : tensor<12xf64>, !moe.routing<tokens = 6, experts = 4, rows = 12> -> tensor<6xf64>
  %s = moe.mul %y, %c : tensor<6xf64>
  %o = moe.reduce sum %s {dims = array<i64: 0>} : tensor<6xf64> -> tensor<f64>
  return %o : tensor<f64>
}

// CHECK-LABEL: @combineExperts
// CHECK-SAME: %[[G:[^:]*]]: tensor<4x3xf64>)
// CHECK: moe.reduce sum
// CHECK-NEXT: %[[DX:.*]] = moe.dispatch experts %[[G]], %{{.*}} -> tensor<9x3xf64>
// CHECK-NEXT: return %{{.*}}, %[[DX]]
// CHECKED: combineExperts.x ok
func.func @combineExperts(%x: tensor<9x3xf64> {moe.arg = {kind = "param", name = "combineExperts.x"}}, %c: tensor<4x3xf64>) -> (tensor<f64> {moe.res = {kind = "objective", name = "o"}}) {
  %on = moe.constant dense<[[false, true, false, false], [false, true, true, false], [false, true, false, false], [false, true, false, true], [false, true, true, false], [false, true, false, false]]> : tensor<6x4xi1>
  %r, %excess = moe.route %on : tensor<6x4xi1> -> !moe.routing<tokens = 6, experts = 4, rows = 9, exact>
  %y = moe.combine experts %x, %r : tensor<9x3xf64>, !moe.routing<tokens = 6, experts = 4, rows = 9, exact> -> tensor<4x3xf64>
  %s = moe.mul %y, %c : tensor<4x3xf64>
  %o = moe.reduce sum %s {dims = array<i64: 0, 1>} : tensor<4x3xf64> -> tensor<f64>
  return %o : tensor<f64>
}

// CHECK-LABEL: @combinePairs
// CHECK-SAME: %[[G:[^:]*]]: tensor<6x4x3xf64>)
// CHECK: moe.reduce sum
// CHECK-NEXT: %[[DX:.*]] = moe.dispatch pairs %[[G]], %{{.*}} -> tensor<9x3xf64>
// CHECK-NEXT: return %{{.*}}, %[[DX]]
// CHECKED: combinePairs.x ok
func.func @combinePairs(%x: tensor<9x3xf64> {moe.arg = {kind = "param", name = "combinePairs.x"}}, %c: tensor<6x4x3xf64>) -> (tensor<f64> {moe.res = {kind = "objective", name = "o"}}) {
  %on = moe.constant dense<[[false, true, false, false], [false, true, true, false], [false, true, false, false], [false, true, false, true], [false, true, true, false], [false, true, false, false]]> : tensor<6x4xi1>
  %r, %excess = moe.route %on : tensor<6x4xi1> -> !moe.routing<tokens = 6, experts = 4, rows = 9, exact>
  %y = moe.combine pairs %x, %r : tensor<9x3xf64>, !moe.routing<tokens = 6, experts = 4, rows = 9, exact> -> tensor<6x4x3xf64>
  %s = moe.mul %y, %c : tensor<6x4x3xf64>
  %o = moe.reduce sum %s {dims = array<i64: 0, 1, 2>} : tensor<6x4x3xf64> -> tensor<f64>
  return %o : tensor<f64>
}

// The weights of the expert without tokens get 0.
// CHECK-LABEL: @matmul
// CHECK-SAME: %[[X:[^:]*]]: tensor<9x3xf64> {{{.*}}}, %[[W:[^:]*]]: tensor<4x3x5xf64> {{{.*}}}, %[[G:[^:]*]]: tensor<9x5xf64>)
// CHECK: %[[R:.*]], %{{.*}} = moe.route
// CHECK: moe.reduce sum
// CHECK-NEXT: %[[DX:.*]] = moe.grouped_matmul %[[G]], %[[W]], %[[R]] {transpose_w} : tensor<9x5xf64>, tensor<4x3x5xf64>
// CHECK-NEXT: %[[DW:.*]] = moe.grouped_outer %[[X]], %[[G]], %[[R]] : tensor<9x3xf64>, tensor<9x5xf64>
// CHECK-NEXT: return %{{.*}}, %[[DX]], %[[DW]]
// CHECKED: matmul.x ok
// CHECKED: matmul.w ok
func.func @matmul(%x: tensor<9x3xf64> {moe.arg = {kind = "param", name = "matmul.x"}}, %w: tensor<4x3x5xf64> {moe.arg = {kind = "param", name = "matmul.w"}}, %c: tensor<9x5xf64>) -> (tensor<f64> {moe.res = {kind = "objective", name = "o"}}) {
  %on = moe.constant dense<[[false, true, false, false], [false, true, true, false], [false, true, false, false], [false, true, false, true], [false, true, true, false], [false, true, false, false]]> : tensor<6x4xi1>
  %r, %excess = moe.route %on : tensor<6x4xi1> -> !moe.routing<tokens = 6, experts = 4, rows = 9, exact>
  %y = moe.grouped_matmul %x, %w, %r : tensor<9x3xf64>, tensor<4x3x5xf64>, !moe.routing<tokens = 6, experts = 4, rows = 9, exact> -> tensor<9x5xf64>
  %s = moe.mul %y, %c : tensor<9x5xf64>
  %o = moe.reduce sum %s {dims = array<i64: 0, 1>} : tensor<9x5xf64> -> tensor<f64>
  return %o : tensor<f64>
}

// CHECK-LABEL: @matmulTransposed
// CHECK-SAME: %[[X:[^:]*]]: tensor<9x3xf64> {{{.*}}}, %[[W:[^:]*]]: tensor<4x5x3xf64> {{{.*}}}, %[[G:[^:]*]]: tensor<9x5xf64>)
// CHECK: moe.reduce sum
// CHECK-NEXT: %[[DX:.*]] = moe.grouped_matmul %[[G]], %[[W]], %{{[^ ]*}} : tensor<9x5xf64>, tensor<4x5x3xf64>
// CHECK-NEXT: %[[DW:.*]] = moe.grouped_outer %[[G]], %[[X]], %{{[^ ]*}} : tensor<9x5xf64>, tensor<9x3xf64>
// CHECK-NEXT: return %{{.*}}, %[[DX]], %[[DW]]
// CHECKED: matmulTransposed.x ok
// CHECKED: matmulTransposed.w ok
func.func @matmulTransposed(%x: tensor<9x3xf64> {moe.arg = {kind = "param", name = "matmulTransposed.x"}}, %w: tensor<4x5x3xf64> {moe.arg = {kind = "param", name = "matmulTransposed.w"}}, %c: tensor<9x5xf64>) -> (tensor<f64> {moe.res = {kind = "objective", name = "o"}}) {
  %on = moe.constant dense<[[false, true, false, false], [false, true, true, false], [false, true, false, false], [false, true, false, true], [false, true, true, false], [false, true, false, false]]> : tensor<6x4xi1>
  %r, %excess = moe.route %on : tensor<6x4xi1> -> !moe.routing<tokens = 6, experts = 4, rows = 9, exact>
  %y = moe.grouped_matmul %x, %w, %r {transpose_w} : tensor<9x3xf64>, tensor<4x5x3xf64>, !moe.routing<tokens = 6, experts = 4, rows = 9, exact> -> tensor<9x5xf64>
  %s = moe.mul %y, %c : tensor<9x5xf64>
  %o = moe.reduce sum %s {dims = array<i64: 0, 1>} : tensor<9x5xf64> -> tensor<f64>
  return %o : tensor<f64>
}

// CHECK-LABEL: @outer
// CHECK-SAME: %[[A:[^:]*]]: tensor<9x3xf64> {{{.*}}}, %[[B:[^:]*]]: tensor<9x2xf64> {{{.*}}}, %[[G:[^:]*]]: tensor<4x3x2xf64>)
// CHECK: moe.reduce sum
// CHECK-NEXT: %[[DA:.*]] = moe.grouped_matmul %[[B]], %[[G]], %{{.*}} {transpose_w} :
// CHECK-NEXT: %[[DB:.*]] = moe.grouped_matmul %[[A]], %[[G]], %{{[^ ]*}} :
// CHECK-NEXT: return %{{.*}}, %[[DA]], %[[DB]]
// CHECKED: outer.a ok
// CHECKED: outer.b ok
func.func @outer(%a: tensor<9x3xf64> {moe.arg = {kind = "param", name = "outer.a"}}, %b: tensor<9x2xf64> {moe.arg = {kind = "param", name = "outer.b"}}, %c: tensor<4x3x2xf64>) -> (tensor<f64> {moe.res = {kind = "objective", name = "o"}}) {
  %on = moe.constant dense<[[false, true, false, false], [false, true, true, false], [false, true, false, false], [false, true, false, true], [false, true, true, false], [false, true, false, false]]> : tensor<6x4xi1>
  %r, %excess = moe.route %on : tensor<6x4xi1> -> !moe.routing<tokens = 6, experts = 4, rows = 9, exact>
  %y = moe.grouped_outer %a, %b, %r : tensor<9x3xf64>, tensor<9x2xf64>, !moe.routing<tokens = 6, experts = 4, rows = 9, exact> -> tensor<4x3x2xf64>
  %s = moe.mul %y, %c : tensor<4x3x2xf64>
  %o = moe.reduce sum %s {dims = array<i64: 0, 1, 2>} : tensor<4x3x2xf64> -> tensor<f64>
  return %o : tensor<f64>
}

// A whole expert layer with a bound that is not reached. No gradient has an axis of tokens and one of experts and one of channels.
// CHECK-LABEL: @layer
// CHECK-NOT: tensor<6x4x{{[0-9]}}
// CHECK-NOT: tensor<4x6x
// CHECK: moe.combine pairs
// CHECK: moe.combine experts
// CHECK-NOT: tensor<6x4x3xf64>
// CHECK-NOT: tensor<6x4x5xf64>
// CHECK: return
// CHECKED: layer.x ok
// CHECKED: layer.z ok
// CHECKED: layer.w1 ok
// CHECKED: layer.b1 ok
// CHECKED: layer.w2 ok
func.func @layer(%x: tensor<6x3xf64> {moe.arg = {kind = "param", name = "layer.x"}}, %z: tensor<6x4xf64> {moe.arg = {kind = "param", name = "layer.z"}}, %w1: tensor<4x3x5xf64> {moe.arg = {kind = "param", name = "layer.w1"}}, %b1: tensor<4x5xf64> {moe.arg = {kind = "param", name = "layer.b1"}}, %w2: tensor<4x3x5xf64> {moe.arg = {kind = "param", name = "layer.w2"}}, %c: tensor<6x3xf64>) -> (tensor<f64> {moe.res = {kind = "objective", name = "o"}}) {
  %on = moe.constant dense<[[false, true, false, false], [false, true, true, false], [false, true, false, false], [false, true, false, true], [false, true, true, false], [false, true, false, false]]> : tensor<6x4xi1>
  %r, %excess = moe.route %on : tensor<6x4xi1> -> !moe.routing<tokens = 6, experts = 4, rows = 12>
  %p = moe.softmax %z : tensor<6x4xf64>
  %xr = moe.dispatch tokens %x, %r : tensor<6x3xf64>, !moe.routing<tokens = 6, experts = 4, rows = 12> -> tensor<12x3xf64>
  %h0 = moe.grouped_matmul %xr, %w1, %r : tensor<12x3xf64>, tensor<4x3x5xf64>, !moe.routing<tokens = 6, experts = 4, rows = 12> -> tensor<12x5xf64>
  %br = moe.dispatch experts %b1, %r : tensor<4x5xf64>, !moe.routing<tokens = 6, experts = 4, rows = 12> -> tensor<12x5xf64>
  %h1 = moe.add %h0, %br : tensor<12x5xf64>
  %h = moe.tanh %h1 : tensor<12x5xf64>
  %yr = moe.grouped_matmul %h, %w2, %r {transpose_w} : tensor<12x5xf64>, tensor<4x3x5xf64>, !moe.routing<tokens = 6, experts = 4, rows = 12> -> tensor<12x3xf64>
  %pr = moe.dispatch pairs %p, %r : tensor<6x4xf64>, !moe.routing<tokens = 6, experts = 4, rows = 12> -> tensor<12xf64>
  %pw = moe.broadcast %pr {dims = array<i64: 0>} : tensor<12xf64> -> tensor<12x3xf64>
  %wy = moe.mul %pw, %yr : tensor<12x3xf64>
  %y = moe.combine tokens %wy, %r : tensor<12x3xf64>, !moe.routing<tokens = 6, experts = 4, rows = 12> -> tensor<6x3xf64>
  %s = moe.mul %y, %c : tensor<6x3xf64>
  %o = moe.reduce sum %s {dims = array<i64: 0, 1>} : tensor<6x3xf64> -> tensor<f64>
  return %o : tensor<f64>
}

// The router learns through the weights; the choice of the two largest has no gradient, and the input, which is no parameter, needs none.
// CHECK-LABEL: @topk
// CHECK: moe.combine tokens
// CHECK-NOT: moe.combine tokens
// CHECK-NOT: transpose_w
// CHECK: moe.combine pairs
// CHECK: return
// CHECKED: topk.z ok
// CHECKED: topk.w ok
func.func @topk(%z: tensor<6x4xf64> {moe.arg = {kind = "param", name = "topk.z"}}, %w: tensor<4x3x3xf64> {moe.arg = {kind = "param", name = "topk.w"}}, %x: tensor<6x3xf64>, %c: tensor<6x3xf64>) -> (tensor<f64> {moe.res = {kind = "objective", name = "o"}}) {
  %on = moe.top_mask %z {k = 2} : tensor<6x4xf64> -> tensor<6x4xi1>
  %r, %excess = moe.route %on : tensor<6x4xi1> -> !moe.routing<tokens = 6, experts = 4, rows = 12, exact>
  %off = moe.constant dense<0xFFF0000000000000> : tensor<6x4xf64>
  %kept = moe.select %on, %z, %off : tensor<6x4xi1>, tensor<6x4xf64>
  %p = moe.softmax %kept : tensor<6x4xf64>
  %xr = moe.dispatch tokens %x, %r : tensor<6x3xf64>, !moe.routing<tokens = 6, experts = 4, rows = 12, exact> -> tensor<12x3xf64>
  %yr = moe.grouped_matmul %xr, %w, %r : tensor<12x3xf64>, tensor<4x3x3xf64>, !moe.routing<tokens = 6, experts = 4, rows = 12, exact> -> tensor<12x3xf64>
  %pr = moe.dispatch pairs %p, %r : tensor<6x4xf64>, !moe.routing<tokens = 6, experts = 4, rows = 12, exact> -> tensor<12xf64>
  %pw = moe.broadcast %pr {dims = array<i64: 0>} : tensor<12xf64> -> tensor<12x3xf64>
  %wy = moe.mul %pw, %yr : tensor<12x3xf64>
  %y = moe.combine tokens %wy, %r : tensor<12x3xf64>, !moe.routing<tokens = 6, experts = 4, rows = 12, exact> -> tensor<6x3xf64>
  %s = moe.mul %y, %c : tensor<6x3xf64>
  %o = moe.reduce sum %s {dims = array<i64: 0, 1>} : tensor<6x3xf64> -> tensor<f64>
  return %o : tensor<f64>
}

