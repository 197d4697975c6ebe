// RUN: moe-run-kernels %s | FileCheck %s
// Rows and maps: every place the vector dimension can be, tails, widths below a vector, rows of several dimensions, results without the row.

#id0 = affine_map<() -> ()>
#id1 = affine_map<(d0) -> (d0)>
#id2 = affine_map<(d0, d1) -> (d0, d1)>
#t2 = affine_map<(d0, d1) -> (d1, d0)>
#first2 = affine_map<(d0, d1) -> (d0)>
#second2 = affine_map<(d0, d1) -> (d1)>
#none2 = affine_map<(d0, d1) -> ()>
#id3 = affine_map<(d0, d1, d2) -> (d0, d1, d2)>
#id4 = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>

// CHECK: scalar #0 [] ok
func.func @scalar(%x: tensor<f32>) -> tensor<f32> {
  %y = kernel.row (%x : tensor<f32>) attributes {extents = array<i64>, row_rank = 0, maps = [#id0, #id0]} {
  ^bb0(%a: f32):
    %b = arith.addf %a, %a : f32
    kernel.yield %b : f32
  } -> (tensor<f32>)
  return %y : tensor<f32>
}

// CHECK: map_44 #0 [3, 44] ok
func.func @map_44(%x: tensor<3x44xf32>, %z: tensor<44xf32>) -> tensor<3x44xf32> {
  %y = kernel.row (%x, %z : tensor<3x44xf32>, tensor<44xf32>) attributes {extents = array<i64: 3, 44>, row_rank = 0, maps = [#id2, #second2, #id2]} {
  ^bb0(%a: f32, %b: f32):
    %c = arith.mulf %a, %b : f32
    kernel.yield %c : f32
  } -> (tensor<3x44xf32>)
  return %y : tensor<3x44xf32>
}

// CHECK: map_large #0 [70001] ok
func.func @map_large(%x: tensor<70001xf32>) -> tensor<70001xf32> {
  %y = kernel.row (%x : tensor<70001xf32>) attributes {extents = array<i64: 70001>, row_rank = 0, maps = [#id1, #id1]} {
  ^bb0(%a: f32):
    %c = arith.mulf %a, %a : f32
    kernel.yield %c : f32
  } -> (tensor<70001xf32>)
  return %y : tensor<70001xf32>
}

// CHECK: transpose #0 [352, 44] ok
func.func @transpose(%x: tensor<44x352xf32>) -> tensor<352x44xf32> {
  %y = kernel.row (%x : tensor<44x352xf32>) attributes {extents = array<i64: 352, 44>, row_rank = 0, maps = [#t2, #id2]} {
  ^bb0(%a: f32):
    kernel.yield %a : f32
  } -> (tensor<352x44xf32>)
  return %y : tensor<352x44xf32>
}

// CHECK: transpose_four #0 [3, 5, 17, 4] ok
func.func @transpose_four(%x: tensor<3x17x5x4xf32>) -> tensor<3x5x17x4xf32> {
  %y = kernel.row (%x : tensor<3x17x5x4xf32>) attributes {extents = array<i64: 3, 5, 17, 4>, row_rank = 0,
      maps = [affine_map<(d0, d1, d2, d3) -> (d0, d2, d1, d3)>, #id4]} {
  ^bb0(%a: f32):
    kernel.yield %a : f32
  } -> (tensor<3x5x17x4xf32>)
  return %y : tensor<3x5x17x4xf32>
}

// CHECK: offset_slice #0 [4, 21] ok
func.func @offset_slice(%x: tensor<6x40xf32>) -> tensor<4x21xf32> {
  %y = kernel.row (%x : tensor<6x40xf32>) attributes {extents = array<i64: 4, 21>, row_rank = 0,
      maps = [affine_map<(d0, d1) -> (d0 + 2, d1 + 19)>, #id2]} {
  ^bb0(%a: f32):
    kernel.yield %a : f32
  } -> (tensor<4x21xf32>)
  return %y : tensor<4x21xf32>
}

// CHECK: fixed_index #0 [9, 33] ok
func.func @fixed_index(%x: tensor<9x3x33xf32>) -> tensor<9x33xf32> {
  %y = kernel.row (%x : tensor<9x3x33xf32>) attributes {extents = array<i64: 9, 33>, row_rank = 0,
      maps = [affine_map<(d0, d1) -> (d0, 1, d1)>, #id2]} {
  ^bb0(%a: f32):
    kernel.yield %a : f32
  } -> (tensor<9x33xf32>)
  return %y : tensor<9x33xf32>
}

// CHECK: sum_all #0 [] ok
func.func @sum_all(%x: tensor<37x129xf32>) -> tensor<f32> {
  %y = kernel.row (%x : tensor<37x129xf32>) attributes {extents = array<i64: 37, 129>, row_rank = 2, maps = [#id2, #none2]} {
  ^bb0(%a: f32):
    %s = kernel.reduce sum %a : f32
    kernel.yield %s : f32
  } -> (tensor<f32>)
  return %y : tensor<f32>
}

// CHECK: sum_rows_1 #0 [5] ok
func.func @sum_rows_1(%x: tensor<5x1xf32>) -> tensor<5xf32> {
  %y = kernel.row (%x : tensor<5x1xf32>) attributes {extents = array<i64: 5, 1>, row_rank = 1, maps = [#id2, #first2]} {
  ^bb0(%a: f32):
    %s = kernel.reduce sum %a : f32
    kernel.yield %s : f32
  } -> (tensor<5xf32>)
  return %y : tensor<5xf32>
}

// CHECK: reduce_3 #0 [65] ok
// CHECK: reduce_3 #1 [65] ok
// CHECK: reduce_3 #2 [65] ok
func.func @reduce_3(%x: tensor<65x3xf32>) -> (tensor<65xf32>, tensor<65xf32>, tensor<65xf32>) {
  %y:3 = kernel.row (%x : tensor<65x3xf32>) attributes {extents = array<i64: 65, 3>, row_rank = 1, maps = [#id2, #first2, #first2, #first2]} {
  ^bb0(%a: f32):
    %s = kernel.reduce sum %a : f32
    %m = kernel.reduce max %a : f32
    %n = kernel.reduce min %a : f32
    kernel.yield %s, %m, %n : f32, f32, f32
  } -> (tensor<65xf32>, tensor<65xf32>, tensor<65xf32>)
  return %y#0, %y#1, %y#2 : tensor<65xf32>, tensor<65xf32>, tensor<65xf32>
}

// CHECK: reduce_44 #0 [7] ok
// CHECK: reduce_44 #1 [7] ok
// CHECK: reduce_44 #2 [7] ok
func.func @reduce_44(%x: tensor<7x44xf32>) -> (tensor<7xf32>, tensor<7xf32>, tensor<7xf32>) {
  %y:3 = kernel.row (%x : tensor<7x44xf32>) attributes {extents = array<i64: 7, 44>, row_rank = 1, maps = [#id2, #first2, #first2, #first2]} {
  ^bb0(%a: f32):
    %s = kernel.reduce sum %a : f32
    %m = kernel.reduce max %a : f32
    %n = kernel.reduce min %a : f32
    kernel.yield %s, %m, %n : f32, f32, f32
  } -> (tensor<7xf32>, tensor<7xf32>, tensor<7xf32>)
  return %y#0, %y#1, %y#2 : tensor<7xf32>, tensor<7xf32>, tensor<7xf32>
}

// The row is the strided dimension: columns are vectorised.
// CHECK: column_sums #0 [352] ok
// CHECK: column_sums #1 [352] ok
func.func @column_sums(%x: tensor<129x352xf32>) -> (tensor<352xf32>, tensor<352xf32>) {
  %y:2 = kernel.row (%x : tensor<129x352xf32>) attributes {extents = array<i64: 352, 129>, row_rank = 1, maps = [#t2, #first2, #first2]} {
  ^bb0(%a: f32):
    %s = kernel.reduce sum %a : f32
    %m = kernel.reduce max %a : f32
    kernel.yield %s, %m : f32, f32
  } -> (tensor<352xf32>, tensor<352xf32>)
  return %y#0, %y#1 : tensor<352xf32>, tensor<352xf32>
}

// CHECK: column_sums_44 #0 [44] ok
func.func @column_sums_44(%x: tensor<2050x44xf32>) -> tensor<44xf32> {
  %y = kernel.row (%x : tensor<2050x44xf32>) attributes {extents = array<i64: 44, 2050>, row_rank = 1, maps = [#t2, #first2]} {
  ^bb0(%a: f32):
    %s = kernel.reduce sum %a : f32
    kernel.yield %s : f32
  } -> (tensor<44xf32>)
  return %y : tensor<44xf32>
}

// CHECK: column_sums_3 #0 [3] ok
func.func @column_sums_3(%x: tensor<2050x3xf32>) -> tensor<3xf32> {
  %y = kernel.row (%x : tensor<2050x3xf32>) attributes {extents = array<i64: 3, 2050>, row_rank = 1, maps = [#t2, #first2]} {
  ^bb0(%a: f32):
    %s = kernel.reduce sum %a : f32
    kernel.yield %s : f32
  } -> (tensor<3xf32>)
  return %y : tensor<3xf32>
}

// A row of two dimensions that lie apart: sums over batch and tokens, one for each feature.
// CHECK: batch_sums #0 [19] ok
func.func @batch_sums(%x: tensor<4x6x19xf32>) -> tensor<19xf32> {
  %y = kernel.row (%x : tensor<4x6x19xf32>) attributes {extents = array<i64: 19, 4, 6>, row_rank = 2,
      maps = [affine_map<(d0, d1, d2) -> (d1, d2, d0)>, affine_map<(d0, d1, d2) -> (d0)>]} {
  ^bb0(%a: f32):
    %s = kernel.reduce sum %a : f32
    kernel.yield %s : f32
  } -> (tensor<19xf32>)
  return %y : tensor<19xf32>
}

// CHECK: split_rows #0 [6] ok
func.func @split_rows(%x: tensor<4x6x19xf32>) -> tensor<6xf32> {
  %y = kernel.row (%x : tensor<4x6x19xf32>) attributes {extents = array<i64: 6, 4, 19>, row_rank = 2,
      maps = [affine_map<(d0, d1, d2) -> (d1, d0, d2)>, affine_map<(d0, d1, d2) -> (d0)>]} {
  ^bb0(%a: f32):
    %s = kernel.reduce sum %a : f32
    kernel.yield %s : f32
  } -> (tensor<6xf32>)
  return %y : tensor<6xf32>
}

// CHECK: softmax_16 #0 [33, 16] ok
func.func @softmax_16(%x: tensor<33x16xf32>) -> tensor<33x16xf32> {
  %y = kernel.row (%x : tensor<33x16xf32>) attributes {extents = array<i64: 33, 16>, row_rank = 1, maps = [#id2, #id2]} {
  ^bb0(%a: f32):
    %m = kernel.reduce max %a : f32
    %b = arith.subf %a, %m : f32
    %e = math.exp %b : f32
    %s = kernel.reduce sum %e : f32
    %p = arith.divf %e, %s : f32
    kernel.yield %p : f32
  } -> (tensor<33x16xf32>)
  return %y : tensor<33x16xf32>
}

// Masked entries are minus infinity and must come out as exact zeros.
// CHECK: softmax_masked #0 [2, 3, 21] ok
func.func @softmax_masked(%x: tensor<2x3x21xf32>, %keep: tensor<3x21xi1>) -> tensor<2x3x21xf32> {
  %y = kernel.row (%x, %keep : tensor<2x3x21xf32>, tensor<3x21xi1>) attributes {extents = array<i64: 2, 3, 21>, row_rank = 1,
      maps = [#id3, affine_map<(d0, d1, d2) -> (d1, d2)>, #id3]} {
  ^bb0(%x0: f32, %k: i1):
    %low = arith.constant 0xFF800000 : f32
    %a = arith.select %k, %x0, %low : f32
    %m = kernel.reduce max %a : f32
    %b = arith.subf %a, %m : f32
    %e = math.exp %b : f32
    %s = kernel.reduce sum %e : f32
    %p = arith.divf %e, %s : f32
    kernel.yield %p : f32
  } -> (tensor<2x3x21xf32>)
  return %y : tensor<2x3x21xf32>
}

// Layer norm with both kinds of result: along the row and one a row.
// CHECK: norm_352 #0 [10, 352] ok
// CHECK: norm_352 #1 [10] ok
func.func @norm_352(%x: tensor<10x352xf32>, %g: tensor<352xf32>) -> (tensor<10x352xf32>, tensor<10xf32>) {
  %y:2 = kernel.row (%x, %g : tensor<10x352xf32>, tensor<352xf32>) attributes {extents = array<i64: 10, 352>, row_rank = 1,
      maps = [#id2, #second2, #id2, #first2]} {
  ^bb0(%a: f32, %w: f32):
    %n = arith.constant 0.0028409090909 : f32
    %eps = arith.constant 1.0e-5 : f32
    %s = kernel.reduce sum %a : f32
    %mean = arith.mulf %s, %n : f32
    %c = arith.subf %a, %mean : f32
    %q = arith.mulf %c, %c : f32
    %v = kernel.reduce sum %q : f32
    %v1 = arith.mulf %v, %n : f32
    %v2 = arith.addf %v1, %eps : f32
    %r = math.rsqrt %v2 : f32
    %z = arith.mulf %c, %r : f32
    %o = arith.mulf %z, %w : f32
    kernel.yield %o, %r : f32, f32
  } -> (tensor<10x352xf32>, tensor<10xf32>)
  return %y#0, %y#1 : tensor<10x352xf32>, tensor<10xf32>
}

// Negative log-likelihood and its gradient: the index within the row is compared with the target.
// CHECK: cross_entropy #0 [9] ok
// CHECK: cross_entropy #1 [9, 1003] ok
func.func @cross_entropy(%x: tensor<9x1003xf32>, %t: tensor<9xi32>) -> (tensor<9xf32>, tensor<9x1003xf32>) {
  %y:2 = kernel.row (%x, %t : tensor<9x1003xf32>, tensor<9xi32>) attributes {extents = array<i64: 9, 1003>, row_rank = 1,
      maps = [#id2, #first2, #first2, #id2]} {
  ^bb0(%a: f32, %target: i32):
    %zero = arith.constant 0.0 : f32
    %one = arith.constant 1.0 : f32
    %m = kernel.reduce max %a : f32
    %b = arith.subf %a, %m : f32
    %e = math.exp %b : f32
    %s = kernel.reduce sum %e : f32
    %i = kernel.index 1
    %hit = arith.cmpi eq, %i, %target : i32
    %h = arith.select %hit, %b, %zero : f32
    %at = kernel.reduce sum %h : f32
    %log = math.log %s : f32
    %loss = arith.subf %log, %at : f32
    %p = arith.divf %e, %s : f32
    %k = arith.select %hit, %one, %zero : f32
    %d = arith.subf %p, %k : f32
    kernel.yield %loss, %d : f32, f32
  } -> (tensor<9xf32>, tensor<9x1003xf32>)
  return %y#0, %y#1 : tensor<9xf32>, tensor<9x1003xf32>
}

// The row's values come out under exchanged indices.
// CHECK: permuted_result #0 [17, 5, 3] ok
func.func @permuted_result(%x: tensor<3x5x17xf32>) -> tensor<17x5x3xf32> {
  %y = kernel.row (%x : tensor<3x5x17xf32>) attributes {extents = array<i64: 3, 5, 17>, row_rank = 1,
      maps = [#id3, affine_map<(d0, d1, d2) -> (d2, d1, d0)>]} {
  ^bb0(%a: f32):
    %m = kernel.reduce max %a : f32
    %b = arith.subf %a, %m : f32
    kernel.yield %b : f32
  } -> (tensor<17x5x3xf32>)
  return %y : tensor<17x5x3xf32>
}

// Results with permuted parallel dimensions and without the row.
// CHECK: permuted_sums #0 [5, 3] ok
func.func @permuted_sums(%x: tensor<3x5x40xf32>) -> tensor<5x3xf32> {
  %y = kernel.row (%x : tensor<3x5x40xf32>) attributes {extents = array<i64: 3, 5, 40>, row_rank = 1,
      maps = [#id3, affine_map<(d0, d1, d2) -> (d1, d0)>]} {
  ^bb0(%a: f32):
    %m = kernel.reduce sum %a : f32
    kernel.yield %m : f32
  } -> (tensor<5x3xf32>)
  return %y : tensor<5x3xf32>
}

// A reduction of a reduced value, and a value used on both sides of it.
// CHECK: three_stages #0 [11, 50] ok
func.func @three_stages(%x: tensor<11x50xf32>) -> tensor<11x50xf32> {
  %y = kernel.row (%x : tensor<11x50xf32>) attributes {extents = array<i64: 11, 50>, row_rank = 1, maps = [#id2, #id2]} {
  ^bb0(%a: f32):
    %s = kernel.reduce sum %a : f32
    %b = arith.mulf %a, %s : f32
    %t = kernel.reduce max %b : f32
    %c = arith.subf %b, %t : f32
    %u = kernel.reduce min %c : f32
    %d = arith.mulf %c, %u : f32
    %e = arith.addf %d, %a : f32
    kernel.yield %e : f32
  } -> (tensor<11x50xf32>)
  return %y : tensor<11x50xf32>
}

// Indices along merged, vectorised and fixed dimensions.
// CHECK: indices #0 [3, 1, 19] ok
// CHECK: indices #1 [3, 1, 19] ok
func.func @indices() -> (tensor<3x1x19xi32>, tensor<3x1x19xf32>) {
  %y:2 = kernel.row () attributes {extents = array<i64: 3, 1, 19>, row_rank = 0, maps = [#id3, #id3]} {
    %i = kernel.index 0
    %j = kernel.index 1
    %k = kernel.index 2
    %h = arith.constant 100 : i32
    %a = arith.muli %i, %h : i32
    %b = arith.addi %a, %j : i32
    %c = arith.addi %b, %k : i32
    %f = arith.sitofp %c : i32 to f32
    kernel.yield %c, %f : i32, f32
  } -> (tensor<3x1x19xi32>, tensor<3x1x19xf32>)
  return %y#0, %y#1 : tensor<3x1x19xi32>, tensor<3x1x19xf32>
}

// An optimiser's step in place: results lie where the arguments were.
// CHECK: optimiser #0 [45, 44] ok
// CHECK: optimiser #1 [45, 44] ok
func.func @optimiser(%p: tensor<45x44xf32>, %m: tensor<45x44xf32>, %g: tensor<45x44xf32>, %lr: tensor<f32>) -> (tensor<45x44xf32>, tensor<45x44xf32>) {
  %y:2 = kernel.row (%p, %m, %g, %lr : tensor<45x44xf32>, tensor<45x44xf32>, tensor<45x44xf32>, tensor<f32>)
      attributes {extents = array<i64: 45, 44>, row_rank = 0, maps = [#id2, #id2, #id2, #none2, #id2, #id2]} {
  ^bb0(%p0: f32, %m0: f32, %g0: f32, %l: f32):
    %mu = arith.constant 0.9 : f32
    %a = arith.mulf %mu, %m0 : f32
    %b = arith.addf %a, %g0 : f32
    %c = arith.mulf %l, %b : f32
    %d = arith.subf %p0, %c : f32
    kernel.yield %d, %b : f32, f32
  } -> (tensor<45x44xf32>, tensor<45x44xf32>)
  return %y#0, %y#1 : tensor<45x44xf32>, tensor<45x44xf32>
}

// Two results on each other's operands.
// CHECK: exchange #0 [45] ok
// CHECK: exchange #1 [45] ok
func.func @exchange(%x: tensor<45xf32>, %z: tensor<45xf32>) -> (tensor<45xf32>, tensor<45xf32>) {
  %a:2 = kernel.row (%x, %z : tensor<45xf32>, tensor<45xf32>) attributes {extents = array<i64: 45>, row_rank = 0, maps = [#id1, #id1, #id1, #id1]} {
  ^bb0(%p: f32, %q: f32):
    %s = arith.addf %p, %q : f32
    %t = arith.mulf %p, %q : f32
    kernel.yield %s, %t : f32, f32
  } -> (tensor<45xf32>, tensor<45xf32>)
  %b:2 = kernel.row (%a#0, %a#1 : tensor<45xf32>, tensor<45xf32>) attributes {extents = array<i64: 45>, row_rank = 0, maps = [#id1, #id1, #id1, #id1]} {
  ^bb0(%p: f32, %q: f32):
    kernel.yield %q, %p : f32, f32
  } -> (tensor<45xf32>, tensor<45xf32>)
  %c:2 = kernel.row (%b#0, %b#1 : tensor<45xf32>, tensor<45xf32>) attributes {extents = array<i64: 45>, row_rank = 0, maps = [#id1, #id1, #id1, #id1]} {
  ^bb0(%p: f32, %q: f32):
    %s = arith.negf %p : f32
    %t = arith.addf %q, %q : f32
    kernel.yield %s, %t : f32, f32
  } -> (tensor<45xf32>, tensor<45xf32>)
  return %c#0, %c#1 : tensor<45xf32>, tensor<45xf32>
}

// Rows with reductions in place (the softmax lies where its operand did, the sums of its columns come from there): whole rows are read before they are written, along
// the vectors and across them. Wide enough for sums in several sets and a tail.
// CHECK: reduced_in_place #0 [7, 203] ok
// CHECK: reduced_in_place #1 [7] ok
func.func @reduced_in_place(%x: tensor<7x203xf32>) -> (tensor<7x203xf32>, tensor<7xf32>) {
  %a = kernel.row (%x : tensor<7x203xf32>) attributes {extents = array<i64: 7, 203>, row_rank = 0, maps = [#id2, #id2]} {
  ^bb0(%v: f32):
    %w = arith.addf %v, %v : f32
    kernel.yield %w : f32
  } -> (tensor<7x203xf32>)
  %b:2 = kernel.row (%a : tensor<7x203xf32>) attributes {extents = array<i64: 7, 203>, row_rank = 1, maps = [#id2, #id2, #first2]} {
  ^bb0(%v: f32):
    %m = kernel.reduce max %v : f32
    %d = arith.subf %v, %m : f32
    %e = math.exp %d : f32
    %s = kernel.reduce sum %e : f32
    %l = math.log %s : f32
    %p = arith.divf %e, %s : f32
    %y = arith.addf %p, %e : f32
    kernel.yield %y, %l : f32, f32
  } -> (tensor<7x203xf32>, tensor<7xf32>)
  %c = kernel.row (%b#0 : tensor<7x203xf32>) attributes {extents = array<i64: 203, 7>, row_rank = 1, maps = [#t2, #t2]} {
  ^bb0(%v: f32):
    %s = kernel.reduce sum %v : f32
    %y = arith.divf %v, %s : f32
    kernel.yield %y : f32
  } -> (tensor<7x203xf32>)
  %d = kernel.row (%c : tensor<7x203xf32>) attributes {extents = array<i64: 7, 203>, row_rank = 0, maps = [#id2, #id2]} {
  ^bb0(%v: f32):
    %w = arith.addf %v, %v : f32
    kernel.yield %w : f32
  } -> (tensor<7x203xf32>)
  return %d, %b#1 : tensor<7x203xf32>, tensor<7xf32>
}

// What is not a number stays so, wherever it stands in the row; infinities are the extremes.
// CHECK: not_a_number #0 [4] ok
// CHECK: not_a_number #1 [4] ok
func.func @not_a_number(%x: tensor<4x100xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  %y:2 = kernel.row (%x : tensor<4x100xf32>) attributes {extents = array<i64: 4, 100>, row_rank = 1, maps = [#id2, #first2, #first2]} {
  ^bb0(%v: f32):
    %i = kernel.index 0
    %j = kernel.index 1
    %place = arith.constant 33 : i32
    %r = arith.muli %i, %place : i32
    %hit = arith.cmpi eq, %j, %r : i32
    %nan = arith.constant 0x7FC00000 : f32
    %w = arith.select %hit, %nan, %v : f32
    %m = kernel.reduce max %w : f32
    %n = kernel.reduce min %w : f32
    kernel.yield %m, %n : f32, f32
  } -> (tensor<4xf32>, tensor<4xf32>)
  return %y#0, %y#1 : tensor<4xf32>, tensor<4xf32>
}
