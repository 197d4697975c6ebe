// RUN: moe-run-kernels %s | FileCheck %s
// Integers and bools: loads, stores, reductions, arithmetic.

#id1 = affine_map<(d0) -> (d0)>
#none1 = affine_map<(d0) -> ()>
#id2 = affine_map<(d0, d1) -> (d0, d1)>
#t2 = affine_map<(d0, d1) -> (d1, d0)>
#first2 = affine_map<(d0, d1) -> (d0)>

// CHECK: bools #0 [5, 21] ok
// CHECK: bools #1 [5, 21] ok
func.func @bools(%x: tensor<5x21xi1>, %z: tensor<5x21xi1>) -> (tensor<5x21xi1>, tensor<5x21xi1>) {
  %y:2 = kernel.row (%x, %z : tensor<5x21xi1>, tensor<5x21xi1>) attributes {extents = array<i64: 5, 21>, row_rank = 0, maps = [#id2, #id2, #id2, #id2]} {
  ^bb0(%a: i1, %b: i1):
    %c = arith.andi %a, %b : i1
    %d = arith.ori %a, %b : i1
    %e = arith.xori %c, %d : i1
    kernel.yield %c, %e : i1, i1
  } -> (tensor<5x21xi1>, tensor<5x21xi1>)
  return %y#0, %y#1 : tensor<5x21xi1>, tensor<5x21xi1>
}

// CHECK: bools_transposed #0 [21, 5] ok
func.func @bools_transposed(%x: tensor<5x21xi1>) -> tensor<21x5xi1> {
  %y = kernel.row (%x : tensor<5x21xi1>) attributes {extents = array<i64: 21, 5>, row_rank = 0, maps = [#t2, #id2]} {
  ^bb0(%a: i1):
    kernel.yield %a : i1
  } -> (tensor<21x5xi1>)
  return %y : tensor<21x5xi1>
}

// CHECK: count_bools #0 [5] ok
func.func @count_bools(%x: tensor<5x37xi1>) -> tensor<5xi32> {
  %y = kernel.row (%x : tensor<5x37xi1>) attributes {extents = array<i64: 5, 37>, row_rank = 1, maps = [#id2, #first2]} {
  ^bb0(%a: i1):
    %n = arith.extui %a : i1 to i32
    %s = kernel.reduce sum %n : i32
    kernel.yield %s : i32
  } -> (tensor<5xi32>)
  return %y : tensor<5xi32>
}

// CHECK: integers #0 [7] ok
// CHECK: integers #1 [7] ok
// CHECK: integers #2 [7] ok
func.func @integers(%x: tensor<7x19xi32>) -> (tensor<7xi32>, tensor<7xi32>, tensor<7xi32>) {
  %y:3 = kernel.row (%x : tensor<7x19xi32>) attributes {extents = array<i64: 7, 19>, row_rank = 1, maps = [#id2, #first2, #first2, #first2]} {
  ^bb0(%a: i32):
    %c = arith.constant -3 : i32
    %b = arith.muli %a, %c : i32
    %s = kernel.reduce sum %b : i32
    %m = kernel.reduce max %b : i32
    %n = kernel.reduce min %b : i32
    kernel.yield %s, %m, %n : i32, i32, i32
  } -> (tensor<7xi32>, tensor<7xi32>, tensor<7xi32>)
  return %y#0, %y#1, %y#2 : tensor<7xi32>, tensor<7xi32>, tensor<7xi32>
}

// CHECK: integer_columns #0 [19] ok
func.func @integer_columns(%x: tensor<7x19xi32>) -> tensor<19xi32> {
  %y = kernel.row (%x : tensor<7x19xi32>) attributes {extents = array<i64: 19, 7>, row_rank = 1, maps = [#t2, #first2]} {
  ^bb0(%a: i32):
    %s = kernel.reduce max %a : i32
    kernel.yield %s : i32
  } -> (tensor<19xi32>)
  return %y : tensor<19xi32>
}

// CHECK: conversions #0 [29] ok
// CHECK: conversions #1 [29] ok
// CHECK: conversions #2 [29] ok
// CHECK: conversions #3 [29] ok
func.func @conversions(%x: tensor<29xf32>, %i: tensor<29xi32>) -> (tensor<29xi32>, tensor<29xf32>, tensor<29xi1>, tensor<29xi32>) {
  %y:4 = kernel.row (%x, %i : tensor<29xf32>, tensor<29xi32>) attributes {extents = array<i64: 29>, row_rank = 0, maps = [#id1, #id1, #id1, #id1, #id1, #id1]} {
  ^bb0(%a: f32, %b: i32):
    %ten = arith.constant 10.0 : f32
    %c = arith.mulf %a, %ten : f32
    %d = arith.fptosi %c : f32 to i32
    %e = arith.cmpf ogt, %a, %c : f32
    %f = arith.uitofp %e : i1 to f32
    %h = arith.addf %f, %a : f32
    %two = arith.constant 2 : i32
    %g = arith.divsi %d, %two : i32
    %k = arith.maxsi %g, %b : i32
    kernel.yield %d, %h, %e, %k : i32, f32, i1, i32
  } -> (tensor<29xi32>, tensor<29xf32>, tensor<29xi1>, tensor<29xi32>)
  return %y#0, %y#1, %y#2, %y#3 : tensor<29xi32>, tensor<29xf32>, tensor<29xi1>, tensor<29xi32>
}
