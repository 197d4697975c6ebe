// RUN: moe-opt %s --split-input-file --kernel-settle-results | FileCheck %s
// RUN: moe-opt %s --split-input-file --kernel-print-plan -o /dev/null | FileCheck %s --check-prefix=PLAN

// Results change places at once: both old values are set aside before either is overwritten.
// CHECK-LABEL: @swap(
// CHECK-SAME: %[[A:[a-z0-9]+]]: tensor<4xf32>
// CHECK-SAME: %[[B:[a-z0-9]+]]: tensor<4xf32>
// CHECK: %[[TB:.*]] = kernel.row(%[[B]] :
// CHECK: %[[TA:.*]] = kernel.row(%[[A]] :
// CHECK: %[[NA:.*]] = kernel.row(%[[TB]] :
// CHECK: %[[NB:.*]] = kernel.row(%[[TA]] :
// CHECK: return %[[NA]], %[[NB]]
// PLAN: @swap: launches: 4, bytes of arena: 128
// PLAN: 0: row x1 (state 'b') -> (arena[[TB:.*]])
// PLAN: 1: row x1 (state 'a') -> (arena[[TA:.*]])
// PLAN: 2: row x1 (arena[[TB]]) -> (state 'a')
// PLAN: 3: row x1 (arena[[TA]]) -> (state 'b')
func.func @swap(%a: tensor<4xf32> {moe.arg = {kind = "state", name = "a"}}, %b: tensor<4xf32> {moe.arg = {kind = "state", name = "b"}})
    -> (tensor<4xf32> {moe.res = {kind = "state", name = "a"}}, tensor<4xf32> {moe.res = {kind = "state", name = "b"}}) {
  return %b, %a : tensor<4xf32>, tensor<4xf32>
}

// -----

// An argument that keeps its value costs nothing.
// CHECK-LABEL: @keep(
// CHECK-NEXT: return
// PLAN: @keep: launches: 0, bytes of arena: 0
func.func @keep(%a: tensor<4xf32> {moe.arg = {kind = "state", name = "a"}}) -> (tensor<4xf32> {moe.res = {kind = "state", name = "a"}}) {
  return %a : tensor<4xf32>
}

// -----

// One value, three results: the first is written by the op itself. A constant is copied.
// PLAN-LABEL: @shared:
// PLAN: 0: scan x1 (param 'x') -> (probe 'p')
// PLAN-NEXT: 1: row x1 (probe 'p') -> (probe 'q')
// PLAN-NEXT: 2: row x1 (probe 'p') -> (probe 'r')
// PLAN-NEXT: 3: row x1 (constant[0, 8)) -> (probe 's')
func.func @shared(%x: tensor<4xf32> {moe.arg = {kind = "param", name = "x"}})
    -> (tensor<4xf32> {moe.res = {kind = "probe", name = "p"}}, tensor<4xf32> {moe.res = {kind = "probe", name = "q"}},
        tensor<2x2xf32> {moe.res = {kind = "probe", name = "r"}}, tensor<2xf32> {moe.res = {kind = "probe", name = "s"}}) {
  %y = kernel.scan %x {dim = 0 : i64} : tensor<4xf32>
  %v = kernel.view %y : tensor<4xf32> -> tensor<2x2xf32>
  %c = kernel.constant dense<1.0> : tensor<2xf32>
  return %y, %y, %v, %c : tensor<4xf32>, tensor<4xf32>, tensor<2x2xf32>, tensor<2xf32>
}

// -----

// The old value is read after the new one is computed.
// PLAN-LABEL: @late:
// PLAN: 0: scan x1 (state 's') -> (arena[[NEW:.*]])
// PLAN-NEXT: 1: scan x1 (state 's') -> (probe 'old')
// PLAN-NEXT: 2: row x1 (arena[[NEW]]) -> (state 's')
func.func @late(%s: tensor<4xf32> {moe.arg = {kind = "state", name = "s"}})
    -> (tensor<4xf32> {moe.res = {kind = "state", name = "s"}}, tensor<4xf32> {moe.res = {kind = "probe", name = "old"}}) {
  %new = kernel.scan %s {dim = 0 : i64} : tensor<4xf32>
  %old = kernel.scan %s {dim = 0 : i64, reverse} : tensor<4xf32>
  return %new, %old : tensor<4xf32>, tensor<4xf32>
}

// -----

// The old value is read for the last time before: the new one replaces it, through a view of another shape as well.
// PLAN-LABEL: @early:
// PLAN: 0: scan x1 (state 's') -> (arena[[X:.*]])
// PLAN-NEXT: 1: scan x1 (arena[[X]]) -> (state 's')
// PLAN-NOT: row
func.func @early(%s: tensor<4xf32> {moe.arg = {kind = "state", name = "s"}}) -> (tensor<4xf32> {moe.res = {kind = "state", name = "s"}}) {
  %x = kernel.scan %s {dim = 0 : i64} : tensor<4xf32>
  %v = kernel.view %x : tensor<4xf32> -> tensor<2x2xf32>
  %y = kernel.scan %v {dim = 0 : i64} : tensor<2x2xf32>
  %w = kernel.view %y : tensor<2x2xf32> -> tensor<4xf32>
  return %w : tensor<4xf32>
}

// -----

// Two results must not be computed in place, for their operands are read at another index. One may: a row is read whole before it is written.
// PLAN-LABEL: @shifted:
// PLAN: 0: row x1 (state 'a', state 'b', state 'c') -> (arena[[A:[^,]*, [^)]*]]), state 'b', arena[[C:[^,]*, [^)]*]]))
// PLAN-NEXT: 1: row x1 (arena[[A]])) -> (state 'a')
// PLAN-NEXT: 2: row x1 (arena[[C]])) -> (state 'c')
func.func @shifted(%a: tensor<4x4xf32> {moe.arg = {kind = "state", name = "a"}}, %b: tensor<4x4xf32> {moe.arg = {kind = "state", name = "b"}},
                   %c: tensor<4x4xf32> {moe.arg = {kind = "state", name = "c"}})
    -> (tensor<4x4xf32> {moe.res = {kind = "state", name = "a"}}, tensor<4x4xf32> {moe.res = {kind = "state", name = "b"}},
        tensor<4x4xf32> {moe.res = {kind = "state", name = "c"}}) {
  %r:3 = kernel.row (%a, %b, %c : tensor<4x4xf32>, tensor<4x4xf32>, tensor<4x4xf32>) attributes {extents = array<i64: 4, 4>, row_rank = 1 : i64,
      maps = [affine_map<(d0, d1) -> (d1, d0)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, 3)>,
              affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>]} {
  ^bb0(%x: f32, %y: f32, %z: f32):
    %s = kernel.reduce sum %y : f32
    kernel.yield %x, %s, %z : f32, f32, f32
  } -> (tensor<4x4xf32>, tensor<4x4xf32>, tensor<4x4xf32>)
  return %r#0, %r#1, %r#2 : tensor<4x4xf32>, tensor<4x4xf32>, tensor<4x4xf32>
}
