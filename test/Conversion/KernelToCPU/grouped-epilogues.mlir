// RUN: moe-run-kernels %s | FileCheck %s
// Grouped products that compute further from their elements, and that take their rows by an index.

#eo = affine_map<(e, r, o) -> (e, o)>
#r = affine_map<(e, r, o) -> (r)>
#e = affine_map<(e, r, o) -> (e)>
#o = affine_map<(e, r, o) -> (o)>
#ro = affine_map<(e, r, o) -> (r, o)>
#or = affine_map<(e, r, o) -> (o, r)>
#none = affine_map<(e, r, o) -> ()>

// Operands over every choice of dimensions, results of both types; an empty expert and one with one row.
// CHECK: all_maps #0 [40, 44] ok
// CHECK: all_maps #1 [40, 44] ok
// CHECK: all_maps #2 [40, 44] ok
func.func @all_maps(%x: tensor<40x20xf32>, %w: tensor<4x20x44xf32>, %bias: tensor<4x44xf32>, %scale: tensor<40xf32>, %old: tensor<40x44xf32>, %mask: tensor<40x44xi1>,
                    %column: tensor<44xf32>, %all: tensor<f32>, %each: tensor<4xf32>, %turned: tensor<44x40xf32>) -> (tensor<40x44xf32>, tensor<40x44xi1>, tensor<40x44xf32>) {
  %offsets = kernel.constant dense<[0, 7, 7, 39, 40]> : tensor<5xi32>
  %y:3 = kernel.grouped_contract %x, %w, %offsets
    with(%bias, %scale, %old, %mask, %column, %all, %each, %turned : tensor<4x44xf32>, tensor<40xf32>, tensor<40x44xf32>, tensor<40x44xi1>, tensor<44xf32>, tensor<f32>, tensor<4xf32>, tensor<44x40xf32>)
    {maps = [#eo, #r, #ro, #ro, #o, #none, #e, #or]} : tensor<40x20xf32>, tensor<4x20x44xf32>, tensor<5xi32> -> tensor<40x44xf32>, tensor<40x44xi1>, tensor<40x44xf32> {
  ^bb0(%p: f32, %b: f32, %s: f32, %before: f32, %m: i1, %c: f32, %a: f32, %g: f32, %t: f32):
    %zero = arith.constant 0.0 : f32
    %as = arith.mulf %a, %s : f32
    %ase = arith.addf %as, %g : f32
    %0 = arith.addf %p, %b : f32
    %1 = arith.maximumf %0, %zero : f32
    %2 = arith.cmpf ogt, %0, %zero : f32
    %3 = arith.mulf %1, %ase : f32
    %4 = arith.select %m, %3, %before : f32
    %5 = arith.addf %4, %c : f32
    %6 = arith.addf %5, %t : f32
    kernel.yield %6, %2, %p : f32, i1, f32
  }
  return %y#0, %y#1, %y#2 : tensor<40x44xf32>, tensor<40x44xi1>, tensor<40x44xf32>
}

// Several pieces of rows, passes of the sum and runs of columns; the weights transposed; random numbers by the element's index.
// CHECK: large #0 [420, 300] ok
func.func @large(%x: tensor<420x270xf32>, %w: tensor<3x300x270xf32>, %old: tensor<420x300xf32>, %key: tensor<2xi32>) -> tensor<420x300xf32> {
  %offsets = kernel.constant dense<[0, 211, 211, 420]> : tensor<4xi32>
  %y = kernel.grouped_contract %x, %w, %offsets with(%old : tensor<420x300xf32>) {transpose_w, maps = [#ro]}
    : tensor<420x270xf32>, tensor<3x300x270xf32>, tensor<4xi32> -> tensor<420x300xf32> {
  ^bb0(%p: f32, %before: f32):
    %e = kernel.index 0
    %r = kernel.index 1
    %o = kernel.index 2
    %width = arith.constant 300 : i32
    %half = arith.constant 0.5 : f32
    %zero = arith.constant 0.0 : f32
    %line = arith.muli %r, %width : i32
    %position = arith.addi %line, %o : i32
    %u = kernel.random %e, %width, %width, %width, %position
    %keep = arith.cmpf oge, %u, %half : f32
    %kept = arith.select %keep, %p, %zero : f32
    %z = math.exp %before : f32
    %1 = arith.addf %kept, %z : f32
    kernel.yield %1 : f32
  }
  return %y : tensor<420x300xf32>
}

// Rows taken by an index: some several times, some never; in a product with and without a region, and in both factors of an outer product.
// CHECK: by_index #0 [9, 44] ok
// CHECK: by_index #1 [9, 44] ok
// CHECK: by_index #2 [3, 20, 44] ok
// CHECK: by_index #3 [3, 20, 44] ok
// CHECK: by_index #4 [3, 20, 44] ok
func.func @by_index(%x: tensor<4x20xf32>, %w: tensor<3x20x44xf32>, %bias: tensor<3x44xf32>, %g: tensor<5x44xf32>, %h: tensor<9x44xf32>, %z: tensor<9x20xf32>)
    -> (tensor<9x44xf32>, tensor<9x44xf32>, tensor<3x20x44xf32>, tensor<3x20x44xf32>, tensor<3x20x44xf32>) {
  %offsets = kernel.constant dense<[0, 8, 8, 9]> : tensor<4xi32>
  %index = kernel.constant dense<[3, 0, 0, 1, 3, 3, 3, 1, 0]> : tensor<9xi32>
  %other = kernel.constant dense<[4, 4, 0, 2, 1, 0, 3, 1, 2]> : tensor<9xi32>
  %y = kernel.grouped_contract %x[%index : tensor<9xi32>], %w, %offsets : tensor<4x20xf32>, tensor<3x20x44xf32>, tensor<4xi32> -> tensor<9x44xf32>
  %v = kernel.grouped_contract %x[%index : tensor<9xi32>], %w, %offsets with(%bias : tensor<3x44xf32>) {maps = [#eo]}
    : tensor<4x20xf32>, tensor<3x20x44xf32>, tensor<4xi32> -> tensor<9x44xf32> {
  ^bb0(%p: f32, %b: f32):
    %0 = arith.addf %p, %b : f32
    kernel.yield %0 : f32
  }
  %d = kernel.grouped_outer %x[%index : tensor<9xi32>], %g[%other : tensor<9xi32>], %offsets : tensor<4x20xf32>, tensor<5x44xf32>, tensor<4xi32> -> tensor<3x20x44xf32>
  %f = kernel.grouped_outer %x[%index : tensor<9xi32>], %h, %offsets : tensor<4x20xf32>, tensor<9x44xf32>, tensor<4xi32> -> tensor<3x20x44xf32>
  %k = kernel.grouped_outer %z, %g[%other : tensor<9xi32>], %offsets : tensor<9x20xf32>, tensor<5x44xf32>, tensor<4xi32> -> tensor<3x20x44xf32>
  return %y, %v, %d, %f, %k : tensor<9x44xf32>, tensor<9x44xf32>, tensor<3x20x44xf32>, tensor<3x20x44xf32>, tensor<3x20x44xf32>
}

// One expert has all rows and its rows an index, wider than what is copied of a whole piece.
// CHECK: wide_by_index #0 [300, 8] ok
// CHECK: wide_by_index #1 [2, 700, 8] ok
func.func @wide_by_index(%x: tensor<3x700xf32>, %w: tensor<2x700x8xf32>, %index: tensor<300xi32>, %g: tensor<300x8xf32>) -> (tensor<300x8xf32>, tensor<2x700x8xf32>) {
  %offsets = kernel.constant dense<[0, 0, 300]> : tensor<3xi32>
  %y = kernel.grouped_contract %x[%index : tensor<300xi32>], %w, %offsets : tensor<3x700xf32>, tensor<2x700x8xf32>, tensor<3xi32> -> tensor<300x8xf32>
  %d = kernel.grouped_outer %x[%index : tensor<300xi32>], %g, %offsets : tensor<3x700xf32>, tensor<300x8xf32>, tensor<3xi32> -> tensor<2x700x8xf32>
  return %y, %d : tensor<300x8xf32>, tensor<2x700x8xf32>
}

// Rows behind the last expert are not written, and their index, which may be anything, is not read.
// CHECK: rows_left_over #0 [3, 5] ok
// CHECK: rows_left_over #1 [2, 9, 5] ok
func.func @rows_left_over(%x: tensor<6x9xf32>, %w: tensor<2x9x5xf32>, %g: tensor<6x5xf32>) -> (tensor<3x5xf32>, tensor<2x9x5xf32>) {
  %offsets = kernel.constant dense<[0, 1, 3]> : tensor<3xi32>
  %index = kernel.constant dense<[5, 0, 2, -1, 1000000000, -1000000000]> : tensor<6xi32>
  %first = kernel.constant dense<[2, 0, 1]> : tensor<3xi32>
  %y = kernel.grouped_contract %x[%index : tensor<6xi32>], %w, %offsets : tensor<6x9xf32>, tensor<2x9x5xf32>, tensor<3xi32> -> tensor<6x5xf32>
  %z = kernel.gather_rows %y, %first : tensor<6x5xf32>, tensor<3xi32> -> tensor<3x5xf32>
  %d = kernel.grouped_outer %x[%index : tensor<6xi32>], %g, %offsets : tensor<6x9xf32>, tensor<6x5xf32>, tensor<3xi32> -> tensor<2x9x5xf32>
  return %z, %d : tensor<3x5xf32>, tensor<2x9x5xf32>
}
