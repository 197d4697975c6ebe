// RUN: moe-opt --convert-moe-to-kernel --split-input-file %s | FileCheck %s

// CHECK-DAG: #[[ID:.*]] = affine_map<(d0, d1) -> (d0, d1)>
// CHECK-DAG: #[[SECOND:.*]] = affine_map<(d0, d1) -> (d1)>
// CHECK-LABEL: func @broadcast
// CHECK: kernel.row(%{{.*}} : tensor<8xf32>) attributes {extents = array<i64: 4, 8>, maps = [#[[SECOND]], #[[ID]]], row_rank = 0 : i64}
func.func @broadcast(%x: tensor<8xf32>) -> tensor<4x8xf32> {
  %y = moe.broadcast %x {dims = array<i64: 1>} : tensor<8xf32> -> tensor<4x8xf32>
  return %y : tensor<4x8xf32>
}

// -----

// Dimension i of the result is dimension perm[i] of the operand, so that operand dimension 0 is indexed by d1.
// CHECK-DAG: #[[MAP:.*]] = affine_map<(d0, d1, d2) -> (d1, d2, d0)>
// CHECK-LABEL: func @transpose
// CHECK: kernel.row(%{{.*}} : tensor<2x3x4xf32>) attributes {extents = array<i64: 4, 2, 3>, maps = [#[[MAP]], #{{.*}}]
func.func @transpose(%x: tensor<2x3x4xf32>) -> tensor<4x2x3xf32> {
  %y = moe.transpose %x {perm = array<i64: 2, 0, 1>} : tensor<2x3x4xf32> -> tensor<4x2x3xf32>
  return %y : tensor<4x2x3xf32>
}

// -----

// CHECK-DAG: #[[MAP:.*]] = affine_map<(d0, d1) -> (d0, d1 + 2)>
// CHECK-LABEL: func @slice
// CHECK: kernel.row(%{{.*}} : tensor<4x8xf32>) attributes {extents = array<i64: 4, 3>, maps = [#[[MAP]], #{{.*}}]
func.func @slice(%x: tensor<4x8xf32>) -> tensor<4x3xf32> {
  %y = moe.slice %x {offsets = array<i64: 0, 2>} : tensor<4x8xf32> -> tensor<4x3xf32>
  return %y : tensor<4x3xf32>
}

// -----

// CHECK-LABEL: func @constants
// CHECK: kernel.constant dense<[1.000000e+00, 2.000000e+00]> : tensor<2xf32>
// CHECK: kernel.row() attributes
// CHECK: arith.constant 3.000000e+00 : f32
func.func @constants() -> (tensor<2xf32>, tensor<2xf32>) {
  %a = moe.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %b = moe.constant dense<3.0> : tensor<2xf32>
  return %a, %b : tensor<2xf32>, tensor<2xf32>
}

// -----

// The three words of the key and the site are operands; the position is row-major.
// CHECK-LABEL: func @uniform
// CHECK: %[[SITE:.*]] = kernel.constant dense<7> : tensor<i32>
// CHECK: kernel.row(%[[KEY:.*]], %[[KEY]], %[[KEY]], %[[SITE]] : tensor<3xi32>, tensor<3xi32>, tensor<3xi32>, tensor<i32>)
// CHECK: ^bb0(%[[K0:.*]]: i32, %[[K1:.*]]: i32, %[[K2:.*]]: i32, %[[S:.*]]: i32):
// CHECK: %[[I:.*]] = kernel.index 0
// CHECK: %[[J:.*]] = kernel.index 1
// CHECK: %[[EIGHT:.*]] = arith.constant 8 : i32
// CHECK: %[[ROW:.*]] = arith.muli %[[I]], %[[EIGHT]]
// CHECK: %[[P:.*]] = arith.addi %[[ROW]], %[[J]]
// CHECK: kernel.random %[[K0]], %[[K1]], %[[K2]], %[[S]], %[[P]]
func.func @uniform(%key: tensor<3xi32>) -> tensor<4x8xf32> {
  %y = moe.uniform %key {site = 7 : i32} : tensor<4x8xf32>
  return %y : tensor<4x8xf32>
}

// -----

// CHECK-LABEL: func @iota
// CHECK: %[[I:.*]] = kernel.index 1
// CHECK: arith.sitofp %[[I]] : i32 to f32
func.func @iota() -> tensor<4x8xf32> {
  %y = moe.iota {dim = 1} : tensor<4x8xf32>
  return %y : tensor<4x8xf32>
}

// -----

// CHECK-LABEL: func @moved(
// CHECK-SAME: %[[T:[a-z0-9]*]]: tensor<10x8xf32>, %[[I:[a-z0-9]*]]: tensor<2x3xi32>
// CHECK: %[[G:.*]] = kernel.gather_rows %[[T]], %[[I]] : tensor<10x8xf32>, tensor<2x3xi32> -> tensor<2x3x8xf32>
// CHECK: %[[S:.*]] = kernel.scatter_add_rows %[[I]], %[[G]]
// CHECK: %[[C:.*]] = kernel.scan %[[S]] {dim = 0 : i64, exclusive}
// CHECK: %[[P:.*]] = kernel.pad %[[C]] {offsets = array<i64: 1, 0>}
// CHECK: %[[K:.*]] = kernel.concat %[[P]], %[[P]] {dim = 1 : i64}
// CHECK: %[[V:.*]] = kernel.view %[[K]] : tensor<12x16xf32> -> tensor<192xf32>
// CHECK: return %[[V]]
func.func @moved(%t: tensor<10x8xf32>, %i: tensor<2x3xi32>) -> tensor<192xf32> {
  %g = moe.gather %t, %i : tensor<10x8xf32>, tensor<2x3xi32> -> tensor<2x3x8xf32>
  %d = moe.detach %g : tensor<2x3x8xf32>
  %s = moe.scatter_add %i, %d : tensor<2x3xi32>, tensor<2x3x8xf32> -> tensor<10x8xf32>
  %c = moe.cumsum %s {dim = 0 : i64, exclusive} : tensor<10x8xf32>
  %p = moe.pad %c {offsets = array<i64: 1, 0>} : tensor<10x8xf32> -> tensor<12x8xf32>
  %k = moe.concat %p, %p {dim = 1 : i64} : tensor<12x8xf32>, tensor<12x8xf32> -> tensor<12x16xf32>
  %v = moe.reshape %k : tensor<12x16xf32> -> tensor<192xf32>
  return %v : tensor<192xf32>
}
