// RUN: moe-run-kernels %s | FileCheck %s
// Random numbers are exact: the reference computes Philox2x32-10 by its definition.

#id1 = affine_map<(d0) -> (d0)>
#none1 = affine_map<(d0) -> ()>
#id2 = affine_map<(d0, d1) -> (d0, d1)>
#key2 = affine_map<(d0, d1) -> (0)>

// CHECK: numbers #0 [45] ok rms 0.{{[4-7][0-9]*}} error 0.0e+00
func.func @numbers() -> tensor<45xf32> {
  %y = kernel.row () attributes {extents = array<i64: 45>, row_rank = 0, maps = [#id1]} {
    %i = kernel.index 0
    %k0 = arith.constant 123456789 : i32
    %k1 = arith.constant -987654321 : i32
    %k2 = arith.constant 7 : i32
    %site = arith.constant -5 : i32
    %u = kernel.random %k0, %k1, %k2, %site, %i
    kernel.yield %u : f32
  } -> (tensor<45xf32>)
  return %y : tensor<45xf32>
}

// A dropout mask whose key is an argument.
// CHECK: dropout #0 [9, 44] ok
func.func @dropout(%x: tensor<9x44xf32>, %key: tensor<3xi32>) -> tensor<9x44xf32> {
  %y = kernel.row (%x, %key, %key, %key : tensor<9x44xf32>, tensor<3xi32>, tensor<3xi32>, tensor<3xi32>) attributes {extents = array<i64: 9, 44>, row_rank = 0,
      maps = [#id2, affine_map<(d0, d1) -> (0)>, affine_map<(d0, d1) -> (1)>, affine_map<(d0, d1) -> (2)>, #id2]} {
  ^bb0(%a: f32, %k0: i32, %k1: i32, %k2: i32):
    %i = kernel.index 0
    %j = kernel.index 1
    %width = arith.constant 44 : i32
    %site = arith.constant 3 : i32
    %r = arith.muli %i, %width : i32
    %position = arith.addi %r, %j : i32
    %u = kernel.random %k0, %k1, %k2, %site, %position
    %rate = arith.constant 0.25 : f32
    %zero = arith.constant 0.0 : f32
    %keep = arith.cmpf oge, %u, %rate : f32
    %y = arith.select %keep, %a, %zero : f32
    kernel.yield %y : f32
  } -> (tensor<9x44xf32>)
  return %y : tensor<9x44xf32>
}
