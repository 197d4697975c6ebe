// RUN: moe-run-kernels %s | FileCheck %s
// Matrix products: tails of the register tile in rows and columns, every transposition, sums deeper than a panel, several sums, batches, `from`.

#a = affine_map<(m, n, k) -> (m, k)>
#at = affine_map<(m, n, k) -> (k, m)>
#b = affine_map<(m, n, k) -> (k, n)>
#bt = affine_map<(m, n, k) -> (n, k)>
#y = affine_map<(m, n, k) -> (m, n)>
#yt = affine_map<(m, n, k) -> (n, m)>

// CHECK: one #0 [1, 1] ok
func.func @one(%a: tensor<1x1xf32>, %b: tensor<1x1xf32>) -> tensor<1x1xf32> {
  %y = kernel.contract %a, %b {extents = array<i64: 1, 1, 1>, maps = [#a, #b, #y]} : tensor<1x1xf32>, tensor<1x1xf32> -> tensor<1x1xf32>
  return %y : tensor<1x1xf32>
}

// CHECK: small #0 [5, 3] ok
func.func @small(%a: tensor<5x7xf32>, %b: tensor<7x3xf32>) -> tensor<5x3xf32> {
  %y = kernel.contract %a, %b {extents = array<i64: 5, 3, 7>, maps = [#a, #b, #y]} : tensor<5x7xf32>, tensor<7x3xf32> -> tensor<5x3xf32>
  return %y : tensor<5x3xf32>
}

// CHECK: width_44 #0 [13, 44] ok
func.func @width_44(%a: tensor<13x270xf32>, %b: tensor<270x44xf32>) -> tensor<13x44xf32> {
  %y = kernel.contract %a, %b {extents = array<i64: 13, 44, 270>, maps = [#a, #b, #y]} : tensor<13x270xf32>, tensor<270x44xf32> -> tensor<13x44xf32>
  return %y : tensor<13x44xf32>
}

// CHECK: width_352 #0 [13, 352] ok
func.func @width_352(%a: tensor<13x44xf32>, %b: tensor<44x352xf32>) -> tensor<13x352xf32> {
  %y = kernel.contract %a, %b {extents = array<i64: 13, 352, 44>, maps = [#a, #b, #y]} : tensor<13x44xf32>, tensor<44x352xf32> -> tensor<13x352xf32>
  return %y : tensor<13x352xf32>
}

// CHECK: width_16 #0 [25, 16] ok
func.func @width_16(%a: tensor<25x128xf32>, %b: tensor<128x16xf32>) -> tensor<25x16xf32> {
  %y = kernel.contract %a, %b {extents = array<i64: 25, 16, 128>, maps = [#a, #b, #y]} : tensor<25x128xf32>, tensor<128x16xf32> -> tensor<25x16xf32>
  return %y : tensor<25x16xf32>
}

// CHECK: b_transposed #0 [25, 53] ok
func.func @b_transposed(%a: tensor<25x44xf32>, %b: tensor<53x44xf32>) -> tensor<25x53xf32> {
  %y = kernel.contract %a, %b {extents = array<i64: 25, 53, 44>, maps = [#a, #bt, #y]} : tensor<25x44xf32>, tensor<53x44xf32> -> tensor<25x53xf32>
  return %y : tensor<25x53xf32>
}

// CHECK: a_transposed #0 [44, 61] ok
func.func @a_transposed(%a: tensor<100x44xf32>, %b: tensor<100x61xf32>) -> tensor<44x61xf32> {
  %y = kernel.contract %a, %b {extents = array<i64: 44, 61, 100>, maps = [#at, #b, #y]} : tensor<100x44xf32>, tensor<100x61xf32> -> tensor<44x61xf32>
  return %y : tensor<44x61xf32>
}

// CHECK: both_transposed #0 [50, 21] ok
func.func @both_transposed(%a: tensor<66x50xf32>, %b: tensor<21x66xf32>) -> tensor<50x21xf32> {
  %y = kernel.contract %a, %b {extents = array<i64: 50, 21, 66>, maps = [#at, #bt, #y]} : tensor<66x50xf32>, tensor<21x66xf32> -> tensor<50x21xf32>
  return %y : tensor<50x21xf32>
}

// CHECK: result_transposed #0 [44, 61] ok
func.func @result_transposed(%a: tensor<61x70xf32>, %b: tensor<70x44xf32>) -> tensor<44x61xf32> {
  %y = kernel.contract %a, %b {extents = array<i64: 61, 44, 70>, maps = [#a, #b, #yt]} : tensor<61x70xf32>, tensor<70x44xf32> -> tensor<44x61xf32>
  return %y : tensor<44x61xf32>
}

// More rows than are packed at once.
// CHECK: tall #0 [400, 20] ok
func.func @tall(%a: tensor<400x7xf32>, %b: tensor<7x20xf32>) -> tensor<400x20xf32> {
  %y = kernel.contract %a, %b {extents = array<i64: 400, 20, 7>, maps = [#a, #b, #y]} : tensor<400x7xf32>, tensor<7x20xf32> -> tensor<400x20xf32>
  return %y : tensor<400x20xf32>
}

// CHECK: tall_transposed #0 [400, 20] ok
func.func @tall_transposed(%a: tensor<7x400xf32>, %b: tensor<20x7xf32>) -> tensor<400x20xf32> {
  %y = kernel.contract %a, %b {extents = array<i64: 400, 20, 7>, maps = [#at, #bt, #y]} : tensor<7x400xf32>, tensor<20x7xf32> -> tensor<400x20xf32>
  return %y : tensor<400x20xf32>
}

// Neither operand of the middle product is contiguous anywhere.
// CHECK: strided #0 [30, 40] ok
func.func @strided(%a: tensor<30x20x3xf32>, %b: tensor<20x40x2xf32>) -> tensor<30x40xf32> {
  %y = kernel.contract %a, %b {extents = array<i64: 30, 40, 20>, maps = [affine_map<(m, n, k) -> (m, k, 1)>, affine_map<(m, n, k) -> (k, n, 1)>, #y]}
    : tensor<30x20x3xf32>, tensor<20x40x2xf32> -> tensor<30x40xf32>
  return %y : tensor<30x40xf32>
}

// CHECK: deep #0 [13, 33] ok
func.func @deep(%a: tensor<13x530xf32>, %b: tensor<530x33xf32>) -> tensor<13x33xf32> {
  %y = kernel.contract %a, %b {extents = array<i64: 13, 33, 530>, maps = [#a, #b, #y]} : tensor<13x530xf32>, tensor<530x33xf32> -> tensor<13x33xf32>
  return %y : tensor<13x33xf32>
}

// CHECK: wide #0 [7, 1003] ok
func.func @wide(%a: tensor<7x30xf32>, %b: tensor<30x1003xf32>) -> tensor<7x1003xf32> {
  %y = kernel.contract %a, %b {extents = array<i64: 7, 1003, 30>, maps = [#a, #b, #y]} : tensor<7x30xf32>, tensor<30x1003xf32> -> tensor<7x1003xf32>
  return %y : tensor<7x1003xf32>
}

// Products that sum nothing, rows or columns of one.
// CHECK: outer_product #0 [19, 23] ok
func.func @outer_product(%a: tensor<19xf32>, %b: tensor<23xf32>) -> tensor<19x23xf32> {
  %y = kernel.contract %a, %b {extents = array<i64: 19, 23>, maps = [affine_map<(m, n) -> (m)>, affine_map<(m, n) -> (n)>, affine_map<(m, n) -> (m, n)>]}
    : tensor<19xf32>, tensor<23xf32> -> tensor<19x23xf32>
  return %y : tensor<19x23xf32>
}

// CHECK: dot #0 [] ok
func.func @dot(%a: tensor<533xf32>, %b: tensor<533xf32>) -> tensor<f32> {
  %y = kernel.contract %a, %b {extents = array<i64: 533>, maps = [affine_map<(k) -> (k)>, affine_map<(k) -> (k)>, affine_map<(k) -> ()>]}
    : tensor<533xf32>, tensor<533xf32> -> tensor<f32>
  return %y : tensor<f32>
}

// CHECK: matrix_vector #0 [77] ok
func.func @matrix_vector(%a: tensor<77x90xf32>, %b: tensor<90xf32>) -> tensor<77xf32> {
  %y = kernel.contract %a, %b {extents = array<i64: 77, 90>, maps = [affine_map<(m, k) -> (m, k)>, affine_map<(m, k) -> (k)>, affine_map<(m, k) -> (m)>]}
    : tensor<77x90xf32>, tensor<90xf32> -> tensor<77xf32>
  return %y : tensor<77xf32>
}

// CHECK: vector_matrix #0 [90] ok
func.func @vector_matrix(%a: tensor<77xf32>, %b: tensor<77x90xf32>) -> tensor<90xf32> {
  %y = kernel.contract %a, %b {extents = array<i64: 90, 77>, maps = [affine_map<(n, k) -> (k)>, affine_map<(n, k) -> (k, n)>, affine_map<(n, k) -> (n)>]}
    : tensor<77xf32>, tensor<77x90xf32> -> tensor<90xf32>
  return %y : tensor<90xf32>
}

// CHECK: elementwise #0 [7, 18] ok
func.func @elementwise(%a: tensor<7x18xf32>, %b: tensor<7x18xf32>) -> tensor<7x18xf32> {
  %y = kernel.contract %a, %b {extents = array<i64: 7, 18>, maps = [affine_map<(m, n) -> (m, n)>, affine_map<(m, n) -> (m, n)>, affine_map<(m, n) -> (m, n)>]}
    : tensor<7x18xf32>, tensor<7x18xf32> -> tensor<7x18xf32>
  return %y : tensor<7x18xf32>
}

// CHECK: row_dots #0 [31] ok
func.func @row_dots(%a: tensor<31x46xf32>, %b: tensor<31x46xf32>) -> tensor<31xf32> {
  %y = kernel.contract %a, %b {extents = array<i64: 31, 46>, maps = [affine_map<(m, k) -> (m, k)>, affine_map<(m, k) -> (m, k)>, affine_map<(m, k) -> (m)>]}
    : tensor<31x46xf32>, tensor<31x46xf32> -> tensor<31xf32>
  return %y : tensor<31xf32>
}

// A broadcast operand: summed over what it lacks.
// CHECK: sums_of_b_alone #0 [6, 20] ok
func.func @sums_of_b_alone(%a: tensor<6x9xf32>, %b: tensor<9x4x20xf32>) -> tensor<6x20xf32> {
  %y = kernel.contract %a, %b {extents = array<i64: 6, 20, 9, 4>,
    maps = [affine_map<(m, n, k, j) -> (m, k)>, affine_map<(m, n, k, j) -> (k, j, n)>, affine_map<(m, n, k, j) -> (m, n)>]}
    : tensor<6x9xf32>, tensor<9x4x20xf32> -> tensor<6x20xf32>
  return %y : tensor<6x20xf32>
}

// Attention scores and their gradients: batches and heads outside, in and out of order.
// CHECK: scores #0 [2, 4, 21, 21] ok
func.func @scores(%q: tensor<2x21x4x44xf32>, %k: tensor<2x21x4x44xf32>) -> tensor<2x4x21x21xf32> {
  %y = kernel.contract %q, %k {extents = array<i64: 2, 4, 21, 21, 44>, maps = [affine_map<(b, h, t, j, c) -> (b, t, h, c)>,
    affine_map<(b, h, t, j, c) -> (b, j, h, c)>, affine_map<(b, h, t, j, c) -> (b, h, t, j)>]} : tensor<2x21x4x44xf32>, tensor<2x21x4x44xf32> -> tensor<2x4x21x21xf32>
  return %y : tensor<2x4x21x21xf32>
}

// CHECK: mixed #0 [2, 21, 4, 16] ok
func.func @mixed(%p: tensor<2x4x21x21xf32>, %v: tensor<2x21x4x16xf32>) -> tensor<2x21x4x16xf32> {
  %y = kernel.contract %p, %v {extents = array<i64: 2, 4, 21, 21, 16>, maps = [affine_map<(b, h, t, j, c) -> (b, h, t, j)>,
    affine_map<(b, h, t, j, c) -> (b, j, h, c)>, affine_map<(b, h, t, j, c) -> (b, t, h, c)>]} : tensor<2x4x21x21xf32>, tensor<2x21x4x16xf32> -> tensor<2x21x4x16xf32>
  return %y : tensor<2x21x4x16xf32>
}

// Two sums that cannot be walked as one, the outer one of several passes.
// CHECK: two_sums #0 [3, 40] ok
func.func @two_sums(%a: tensor<3x5x17xf32>, %b: tensor<17x5x40xf32>) -> tensor<3x40xf32> {
  %y = kernel.contract %a, %b {extents = array<i64: 3, 40, 5, 17>, maps = [affine_map<(m, n, i, k) -> (m, i, k)>,
    affine_map<(m, n, i, k) -> (k, i, n)>, affine_map<(m, n, i, k) -> (m, n)>]} : tensor<3x5x17xf32>, tensor<17x5x40xf32> -> tensor<3x40xf32>
  return %y : tensor<3x40xf32>
}

// CHECK: two_sums_tall #0 [40, 40] ok
func.func @two_sums_tall(%a: tensor<40x5x17xf32>, %b: tensor<17x5x40xf32>) -> tensor<40x40xf32> {
  %y = kernel.contract %a, %b {extents = array<i64: 40, 40, 5, 17>, maps = [affine_map<(m, n, i, k) -> (m, i, k)>,
    affine_map<(m, n, i, k) -> (k, i, n)>, affine_map<(m, n, i, k) -> (m, n)>]} : tensor<40x5x17xf32>, tensor<17x5x40xf32> -> tensor<40x40xf32>
  return %y : tensor<40x40xf32>
}

// Sums over batch and tokens that are neighbours in both operands become one.
// CHECK: merged_sums #0 [44, 30] ok
func.func @merged_sums(%a: tensor<3x50x44xf32>, %b: tensor<3x50x30xf32>) -> tensor<44x30xf32> {
  %y = kernel.contract %a, %b {extents = array<i64: 44, 30, 3, 50>, maps = [affine_map<(m, n, b, t) -> (b, t, m)>,
    affine_map<(m, n, b, t) -> (b, t, n)>, affine_map<(m, n, b, t) -> (m, n)>]} : tensor<3x50x44xf32>, tensor<3x50x30xf32> -> tensor<44x30xf32>
  return %y : tensor<44x30xf32>
}

// CHECK: from_panels #0 [40, 50] ok
func.func @from_panels(%a: tensor<40x30xf32>, %b: tensor<30x50xf32>, %c: tensor<40x50xf32>) -> tensor<40x50xf32> {
  %y = kernel.contract %a, %b from %c : tensor<40x50xf32> {extents = array<i64: 40, 50, 30>, maps = [#a, #b, #y]} : tensor<40x30xf32>, tensor<30x50xf32> -> tensor<40x50xf32>
  return %y : tensor<40x50xf32>
}

// CHECK: from_deep #0 [13, 70] ok
func.func @from_deep(%a: tensor<13x270xf32>, %b: tensor<270x70xf32>, %c: tensor<13x70xf32>) -> tensor<13x70xf32> {
  %y = kernel.contract %a, %b from %c : tensor<13x70xf32> {extents = array<i64: 13, 70, 270>, maps = [#a, #b, #y]} : tensor<13x270xf32>, tensor<270x70xf32> -> tensor<13x70xf32>
  return %y : tensor<13x70xf32>
}

// The second product starts from the first, in place.
// CHECK: from_in_place #0 [44, 50] ok
func.func @from_in_place(%a: tensor<200x44xf32>, %b: tensor<200x50xf32>) -> tensor<44x50xf32> {
  %a0 = kernel.view %a {offset = 0 : i64} : tensor<200x44xf32> -> tensor<100x44xf32>
  %a1 = kernel.view %a {offset = 4400 : i64} : tensor<200x44xf32> -> tensor<100x44xf32>
  %b0 = kernel.view %b {offset = 0 : i64} : tensor<200x50xf32> -> tensor<100x50xf32>
  %b1 = kernel.view %b {offset = 5000 : i64} : tensor<200x50xf32> -> tensor<100x50xf32>
  %y0 = kernel.contract %a0, %b0 {extents = array<i64: 44, 50, 100>, maps = [#at, #b, #y]} : tensor<100x44xf32>, tensor<100x50xf32> -> tensor<44x50xf32>
  %y1 = kernel.contract %a1, %b1 from %y0 : tensor<44x50xf32> {extents = array<i64: 44, 50, 100>, maps = [#at, #b, #y]} : tensor<100x44xf32>, tensor<100x50xf32> -> tensor<44x50xf32>
  return %y1 : tensor<44x50xf32>
}

// CHECK: from_direct #0 [77] ok
func.func @from_direct(%a: tensor<77x90xf32>, %b: tensor<90xf32>, %c: tensor<77xf32>) -> tensor<77xf32> {
  %y = kernel.contract %a, %b from %c : tensor<77xf32> {extents = array<i64: 77, 90>, maps = [affine_map<(m, k) -> (m, k)>, affine_map<(m, k) -> (k)>, affine_map<(m, k) -> (m)>]}
    : tensor<77x90xf32>, tensor<90xf32> -> tensor<77xf32>
  return %y : tensor<77xf32>
}
