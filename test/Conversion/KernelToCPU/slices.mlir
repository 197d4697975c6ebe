// RUN: moe-run-kernels %s | FileCheck %s
// Ops that run slice after slice: private tensors, results that outlive the region, sums that go on, indices of the slice, widths that are no multiple of a vector.

#q = affine_map<(b, n, t, j, c) -> (b, t, n, c)>
#k = affine_map<(b, n, t, j, c) -> (b, t + j, n, c)>
#pe = affine_map<(b, n, t, j, c) -> (c, j)>
#s = affine_map<(b, n, t, j, c) -> (b, n, t, j)>
#id = affine_map<(b, n, t, j) -> (b, n, t, j)>
#p = affine_map<(b, t, n, c, j) -> (b, n, t, j)>
#v = affine_map<(b, t, n, c, j) -> (b, t + j, n, c)>
#o = affine_map<(b, t, n, c, j) -> (b, t, n, c)>

// A span attention over (b, n): the scores are private, the weights are not.
// CHECK: attention #0 [2, 13, 3, 5] ok
// CHECK: attention #1 [2, 3, 13, 11] ok
func.func @attention(%q: tensor<2x13x3x5xf32>, %k: tensor<2x23x3x5xf32>, %v: tensor<2x23x3x5xf32>, %pe: tensor<5x11xf32>)
    -> (tensor<2x13x3x5xf32>, tensor<2x3x13x11xf32>) {
  %o, %w = kernel.slices(%q, %k, %v, %pe : tensor<2x13x3x5xf32>, tensor<2x23x3x5xf32>, tensor<2x23x3x5xf32>, tensor<5x11xf32>)
      attributes {extents = array<i64: 2, 3>, dims = [array<i64: 0, 1>, array<i64: 0, 1>, array<i64: 0, 1>, array<i64: 0, 2>]} {
  ^bb0(%a: tensor<2x13x3x5xf32>, %b: tensor<2x23x3x5xf32>, %c: tensor<2x23x3x5xf32>, %e: tensor<5x11xf32>):
    %s0 = kernel.contract %a, %b {extents = array<i64: 2, 3, 13, 11, 5>, maps = [#q, #k, #s]} : tensor<2x13x3x5xf32>, tensor<2x23x3x5xf32> -> tensor<2x3x13x11xf32>
    %s1 = kernel.contract %a, %e from %s0 : tensor<2x3x13x11xf32> {extents = array<i64: 2, 3, 13, 11, 5>, maps = [#q, #pe, #s]} : tensor<2x13x3x5xf32>, tensor<5x11xf32> -> tensor<2x3x13x11xf32>
    %p = kernel.row(%s1 : tensor<2x3x13x11xf32>) attributes {extents = array<i64: 2, 3, 13, 11>, maps = [#id, #id], row_rank = 1 : i64} {
    ^bb0(%x: f32):
      %m = kernel.reduce max %x : f32
      %d = arith.subf %x, %m : f32
      %z = math.exp %d : f32
      %n = kernel.reduce sum %z : f32
      %r = arith.divf %z, %n : f32
      kernel.yield %r : f32
    } -> (tensor<2x3x13x11xf32>)
    %y = kernel.contract %p, %c {extents = array<i64: 2, 13, 3, 5, 11>, maps = [#p, #v, #o]} : tensor<2x3x13x11xf32>, tensor<2x23x3x5xf32> -> tensor<2x13x3x5xf32>
    kernel.yield %y, %p : tensor<2x13x3x5xf32>, tensor<2x3x13x11xf32>
  } -> (tensor<2x13x3x5xf32>, tensor<2x3x13x11xf32>)
  return %o, %w : tensor<2x13x3x5xf32>, tensor<2x3x13x11xf32>
}

#id2 = affine_map<(i, j) -> (i, j)>
#t2 = affine_map<(i, j) -> (j, i)>
#i1 = affine_map<(i, j) -> (i)>

// The index of the slice is seen inside; a private i1; a result that lies the other way round; a value of one element a slice.
// CHECK: indices #0 [19, 7] ok
// CHECK: indices #1 [7] ok
func.func @indices(%x: tensor<7x19xf32>) -> (tensor<19x7xf32>, tensor<7xf32>) {
  %y, %z = kernel.slices(%x : tensor<7x19xf32>) attributes {extents = array<i64: 7>, dims = [array<i64: 0>, array<i64: 0>]} {
  ^bb0(%a: tensor<7x19xf32>):
    %on, %sum = kernel.row(%a : tensor<7x19xf32>) attributes {extents = array<i64: 7, 19>, maps = [#id2, #id2, #i1], row_rank = 1 : i64} {
    ^bb0(%e: f32):
      %i = kernel.index 0
      %j = kernel.index 1
      %less = arith.cmpi slt, %j, %i : i32
      %t = kernel.reduce sum %e : f32
      kernel.yield %less, %t : i1, f32
    } -> (tensor<7x19xi1>, tensor<7xf32>)
    %w = kernel.row(%a, %on, %sum : tensor<7x19xf32>, tensor<7x19xi1>, tensor<7xf32>) attributes {extents = array<i64: 7, 19>, maps = [#id2, #id2, #i1, #t2], row_rank = 0 : i64} {
    ^bb0(%e: f32, %b: i1, %t: f32):
      %i = kernel.index 0
      %f = arith.sitofp %i : i32 to f32
      %g = arith.addf %f, %e : f32
      %r = arith.select %b, %g, %t : f32
      kernel.yield %r : f32
    } -> (tensor<19x7xf32>)
    kernel.yield %w, %sum : tensor<19x7xf32>, tensor<7xf32>
  } -> (tensor<19x7xf32>, tensor<7xf32>)
  return %y, %z : tensor<19x7xf32>, tensor<7xf32>
}
