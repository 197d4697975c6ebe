// RUN: moe-opt %s --moe-differentiate --moe-simplify --cse | FileCheck %s
// RUN: moe-opt %s --moe-check-gradients -o /dev/null | FileCheck %s --check-prefix=CHECKED

// CHECK-DAG: #[[NI:.*]] = affine_map<(d0, d1, d2) -> (d0, d2)>
// CHECK-DAG: #[[IO:.*]] = affine_map<(d0, d1, d2) -> (d2, d1)>
// CHECK-DAG: #[[NO:.*]] = affine_map<(d0, d1, d2) -> (d0, d1)>
// CHECK-DAG: #[[SHIFTED:.*]] = affine_map<(d0, d1, d2) -> (d0 + d1, d2)>

// dx = g w^T and dw = x^T g: the maps of the operand and of the result change places.
// CHECK-LABEL: @matmul
// CHECK-SAME: %[[X:[^:]*]]: tensor<6x8xf64> {{{.*}}}, %[[W:[^:]*]]: tensor<8x4xf64> {{{.*}}}, %[[G:[^:]*]]: tensor<6x4xf64>)
// CHECK: moe.reduce sum
// CHECK-NEXT: %[[DX:.*]] = moe.contract %[[G]], %[[W]] {extents = array<i64: 6, 4, 8>, maps = [#[[NO]], #[[IO]], #[[NI]]]} : tensor<6x4xf64>, tensor<8x4xf64> -> tensor<6x8xf64>
// CHECK-NEXT: %[[DW:.*]] = moe.contract %[[X]], %[[G]] {extents = array<i64: 6, 4, 8>, maps = [#[[NI]], #[[NO]], #[[IO]]]} : tensor<6x8xf64>, tensor<6x4xf64> -> tensor<8x4xf64>
// CHECK-NEXT: return %{{.*}}, %[[DX]], %[[DW]]
// CHECKED: matmul.x ok
// CHECKED: matmul.w ok
func.func @matmul(%x: tensor<6x8xf64> {moe.arg = {kind = "param", name = "matmul.x"}}, %w: tensor<8x4xf64> {moe.arg = {kind = "param", name = "matmul.w"}}, %c: tensor<6x4xf64>) -> (tensor<f64> {moe.res = {kind = "objective", name = "o"}}) {
  %y = moe.contract %x, %w {extents = array<i64: 6, 4, 8>, maps = [affine_map<(n, o, i) -> (n, i)>, affine_map<(n, o, i) -> (i, o)>, affine_map<(n, o, i) -> (n, o)>]} : tensor<6x8xf64>, tensor<8x4xf64> -> tensor<6x4xf64>
  %s = moe.mul %y, %c : tensor<6x4xf64>
  %o = moe.reduce sum %s {dims = array<i64: 0, 1>} : tensor<6x4xf64> -> tensor<f64>
  return %o : tensor<f64>
}

// Only what is needed: the input has no gradient, and no contraction is built for it.
// CHECK-LABEL: @weightOnly
// CHECK: moe.contract
// CHECK: moe.contract
// CHECK-NOT: moe.contract
// CHECK: return
// CHECKED: weightOnly.w ok
func.func @weightOnly(%x: tensor<6x8xf64>, %w: tensor<8x4xf64> {moe.arg = {kind = "param", name = "weightOnly.w"}}, %c: tensor<6x4xf64>) -> (tensor<f64> {moe.res = {kind = "objective", name = "o"}}) {
  %y = moe.contract %x, %w {extents = array<i64: 6, 4, 8>, maps = [affine_map<(n, o, i) -> (n, i)>, affine_map<(n, o, i) -> (i, o)>, affine_map<(n, o, i) -> (n, o)>]} : tensor<6x8xf64>, tensor<8x4xf64> -> tensor<6x4xf64>
  %s = moe.mul %y, %c : tensor<6x4xf64>
  %o = moe.reduce sum %s {dims = array<i64: 0, 1>} : tensor<6x4xf64> -> tensor<f64>
  return %o : tensor<f64>
}

// s[t,j] = sum(c) q[t,c] k[t+j,c]: the window of k becomes a result that several points add to.
// CHECK-LABEL: @window
// CHECK-SAME: %[[Q:[^:]*]]: tensor<8x5xf64> {{{.*}}}, %[[K:[^:]*]]: tensor<11x5xf64> {{{.*}}}, %[[G:[^:]*]]: tensor<8x4xf64>)
// CHECK: moe.reduce sum
// CHECK-NEXT: %[[DQ:.*]] = moe.contract %[[G]], %[[K]] {extents = array<i64: 8, 4, 5>, maps = [#[[NO]], #[[SHIFTED]], #[[NI]]]} : tensor<8x4xf64>, tensor<11x5xf64> -> tensor<8x5xf64>
// CHECK-NEXT: %[[DK:.*]] = moe.contract %[[Q]], %[[G]] {extents = array<i64: 8, 4, 5>, maps = [#[[NI]], #[[NO]], #[[SHIFTED]]]} : tensor<8x5xf64>, tensor<8x4xf64> -> tensor<11x5xf64>
// CHECK-NEXT: return %{{.*}}, %[[DQ]], %[[DK]]
// CHECKED: window.q ok
// CHECKED: window.k ok
func.func @window(%q: tensor<8x5xf64> {moe.arg = {kind = "param", name = "window.q"}}, %k: tensor<11x5xf64> {moe.arg = {kind = "param", name = "window.k"}}, %c: tensor<8x4xf64>) -> (tensor<f64> {moe.res = {kind = "objective", name = "o"}}) {
  %y = moe.contract %q, %k {extents = array<i64: 8, 4, 5>, maps = [affine_map<(t, j, c) -> (t, c)>, affine_map<(t, j, c) -> (t + j, c)>, affine_map<(t, j, c) -> (t, j)>]} : tensor<8x5xf64>, tensor<11x5xf64> -> tensor<8x4xf64>
  %s = moe.mul %y, %c : tensor<8x4xf64>
  %o = moe.reduce sum %s {dims = array<i64: 0, 1>} : tensor<8x4xf64> -> tensor<f64>
  return %o : tensor<f64>
}

// One operand twice (x x^T), with a gradient that is not symmetric: both contributions count.
// CHECK-LABEL: @gram
// CHECK: moe.reduce sum
// CHECK-NEXT: %[[A:.*]] = moe.contract
// CHECK-NEXT: %[[B:.*]] = moe.contract
// CHECK-NEXT: %[[D:.*]] = moe.add %[[A]], %[[B]]
// CHECK-NEXT: return %{{.*}}, %[[D]]
// CHECKED: gram.x ok
func.func @gram(%x: tensor<4x3xf64> {moe.arg = {kind = "param", name = "gram.x"}}, %c: tensor<4x4xf64>) -> (tensor<f64> {moe.res = {kind = "objective", name = "o"}}) {
  %y = moe.contract %x, %x {extents = array<i64: 4, 4, 3>, maps = [affine_map<(a, b, i) -> (a, i)>, affine_map<(a, b, i) -> (b, i)>, affine_map<(a, b, i) -> (a, b)>]} : tensor<4x3xf64>, tensor<4x3xf64> -> tensor<4x4xf64>
  %s = moe.mul %y, %c : tensor<4x4xf64>
  %o = moe.reduce sum %s {dims = array<i64: 0, 1>} : tensor<4x4xf64> -> tensor<f64>
  return %o : tensor<f64>
}

// One operand: y[t] = sum(j) x[2t + j], whose windows overlap.
// CHECK-LABEL: @single
// CHECK: moe.contract %{{.*}} {extents = array<i64: 3, 3>, maps = [{{.*}}]} : tensor<3xf64> -> tensor<7xf64>
// CHECKED: single.x ok
func.func @single(%x: tensor<7xf64> {moe.arg = {kind = "param", name = "single.x"}}, %c: tensor<3xf64>) -> (tensor<f64> {moe.res = {kind = "objective", name = "o"}}) {
  %y = moe.contract %x {extents = array<i64: 3, 3>, maps = [affine_map<(t, j) -> (t * 2 + j)>, affine_map<(t, j) -> (t)>]} : tensor<7xf64> -> tensor<3xf64>
  %s = moe.mul %y, %c : tensor<3xf64>
  %o = moe.reduce sum %s {dims = array<i64: 0>} : tensor<3xf64> -> tensor<f64>
  return %o : tensor<f64>
}

// A box with a dimension that no operand has counts each product that often; so does the gradient.
// CHECKED: batched.a ok
// CHECKED: batched.b ok
func.func @batched(%a: tensor<2x3x4xf64> {moe.arg = {kind = "param", name = "batched.a"}}, %b: tensor<2x4x2xf64> {moe.arg = {kind = "param", name = "batched.b"}}, %c: tensor<3x2x2xf64>) -> (tensor<f64> {moe.res = {kind = "objective", name = "o"}}) {
  %y = moe.contract %a, %b {extents = array<i64: 2, 3, 2, 4, 5>, maps = [affine_map<(n, i, j, k, z) -> (n, i, k)>, affine_map<(n, i, j, k, z) -> (n, k, j)>, affine_map<(n, i, j, k, z) -> (i, n, j)>]} : tensor<2x3x4xf64>, tensor<2x4x2xf64> -> tensor<3x2x2xf64>
  %s = moe.mul %y, %c : tensor<3x2x2xf64>
  %o = moe.reduce sum %s {dims = array<i64: 0, 1, 2>} : tensor<3x2x2xf64> -> tensor<f64>
  return %o : tensor<f64>
}
