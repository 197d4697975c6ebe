// RUN: moe-run-kernels %s | FileCheck %s
// Kernels that copy and add rows.

#id1 = affine_map<(d0) -> (d0)>

// CHECK: gather #0 [4, 5, 44] ok
func.func @gather(%x: tensor<3x44xf32>, %i: tensor<4x5xi32>) -> tensor<4x5x44xf32> {
  %y = kernel.gather_rows %x, %i : tensor<3x44xf32>, tensor<4x5xi32> -> tensor<4x5x44xf32>
  return %y : tensor<4x5x44xf32>
}

// Indices of -1 give zeros.
// CHECK: gather_negative #0 [40, 3] ok
func.func @gather_negative(%x: tensor<3x3xf32>, %i: tensor<40xi32>) -> tensor<40x3xf32> {
  %j = kernel.row (%i : tensor<40xi32>) attributes {extents = array<i64: 40>, row_rank = 0, maps = [#id1, #id1]} {
  ^bb0(%a: i32):
    %one = arith.constant 1 : i32
    %b = arith.subi %a, %one : i32
    kernel.yield %b : i32
  } -> (tensor<40xi32>)
  %y = kernel.gather_rows %x, %j : tensor<3x3xf32>, tensor<40xi32> -> tensor<40x3xf32>
  return %y : tensor<40x3xf32>
}

// CHECK: gather_scalars #0 [9] ok
func.func @gather_scalars(%x: tensor<3xi32>, %i: tensor<9xi32>) -> tensor<9xi32> {
  %y = kernel.gather_rows %x, %i : tensor<3xi32>, tensor<9xi32> -> tensor<9xi32>
  return %y : tensor<9xi32>
}

// CHECK: gather_bools #0 [9, 21] ok
func.func @gather_bools(%x: tensor<3x21xi1>, %i: tensor<9xi32>) -> tensor<9x21xi1> {
  %y = kernel.gather_rows %x, %i : tensor<3x21xi1>, tensor<9xi32> -> tensor<9x21xi1>
  return %y : tensor<9x21xi1>
}

// Rows that nobody adds to are zero.
// CHECK: scatter #0 [7, 44] ok
func.func @scatter(%i: tensor<30xi32>, %x: tensor<30x44xf32>) -> tensor<7x44xf32> {
  %y = kernel.scatter_add_rows %i, %x : tensor<30xi32>, tensor<30x44xf32> -> tensor<7x44xf32>
  return %y : tensor<7x44xf32>
}

// CHECK: scatter_negative #0 [2, 3] ok
func.func @scatter_negative(%i: tensor<4x10xi32>, %x: tensor<4x10x3xf32>) -> tensor<2x3xf32> {
  %flat = kernel.view %i {offset = 0 : i64} : tensor<4x10xi32> -> tensor<40xi32>
  %j = kernel.row (%flat : tensor<40xi32>) attributes {extents = array<i64: 40>, row_rank = 0, maps = [#id1, #id1]} {
  ^bb0(%a: i32):
    %one = arith.constant 1 : i32
    %b = arith.subi %a, %one : i32
    kernel.yield %b : i32
  } -> (tensor<40xi32>)
  %rows = kernel.view %x {offset = 0 : i64} : tensor<4x10x3xf32> -> tensor<40x3xf32>
  %y = kernel.scatter_add_rows %j, %rows : tensor<40xi32>, tensor<40x3xf32> -> tensor<2x3xf32>
  return %y : tensor<2x3xf32>
}

// A table of many rows is shared between blocks.
// CHECK: scatter_large #0 [3000, 6] ok
func.func @scatter_large(%i: tensor<12xi32>, %x: tensor<12x6xf32>) -> tensor<3000x6xf32> {
  %j = kernel.row (%i : tensor<12xi32>) attributes {extents = array<i64: 12>, row_rank = 0, maps = [#id1, #id1]} {
  ^bb0(%a: i32):
    %far = arith.constant 1499 : i32
    %b = arith.muli %a, %far : i32
    kernel.yield %b : i32
  } -> (tensor<12xi32>)
  %y = kernel.scatter_add_rows %j, %x : tensor<12xi32>, tensor<12x6xf32> -> tensor<3000x6xf32>
  return %y : tensor<3000x6xf32>
}

// Pairs without a row have -1; a token without any is zero.
// CHECK: combine #0 [3, 44] ok
// CHECK: combine #1 [3, 3] ok
func.func @combine(%x: tensor<5x44xf32>, %z: tensor<5x3xf32>) -> (tensor<3x44xf32>, tensor<3x3xf32>) {
  %rows = kernel.constant dense<[[0, -1, 3], [-1, -1, -1], [1, 2, 4]]> : tensor<3x3xi32>
  %y = kernel.combine_rows %x, %rows : tensor<5x44xf32>, tensor<3x3xi32> -> tensor<3x44xf32>
  %w = kernel.combine_rows %z, %rows : tensor<5x3xf32>, tensor<3x3xi32> -> tensor<3x3xf32>
  return %y, %w : tensor<3x44xf32>, tensor<3x3xf32>
}

// CHECK: scans #0 [3, 17, 5] ok
// CHECK: scans #1 [3, 17, 5] ok
// CHECK: scans #2 [3, 17, 5] ok
// CHECK: scans #3 [3, 17, 5] ok
func.func @scans(%x: tensor<3x17x5xf32>) -> (tensor<3x17x5xf32>, tensor<3x17x5xf32>, tensor<3x17x5xf32>, tensor<3x17x5xf32>) {
  %a = kernel.scan %x {dim = 1 : i64} : tensor<3x17x5xf32>
  %b = kernel.scan %x {dim = 0 : i64, reverse} : tensor<3x17x5xf32>
  %c = kernel.scan %x {dim = 2 : i64, exclusive} : tensor<3x17x5xf32>
  %d = kernel.scan %x {dim = 1 : i64, exclusive, reverse} : tensor<3x17x5xf32>
  return %a, %b, %c, %d : tensor<3x17x5xf32>, tensor<3x17x5xf32>, tensor<3x17x5xf32>, tensor<3x17x5xf32>
}

// CHECK: integer_scan #0 [40] ok
func.func @integer_scan(%x: tensor<40xi32>) -> tensor<40xi32> {
  %a = kernel.scan %x {dim = 0 : i64} : tensor<40xi32>
  return %a : tensor<40xi32>
}

// CHECK: concat_first #0 [9, 5] ok
// CHECK: concat_last #0 [3, 2, 44] ok
// CHECK: concat_bools #0 [2, 9] ok
func.func @concat_first(%x: tensor<2x5xf32>, %z: tensor<7x5xf32>) -> tensor<9x5xf32> {
  %y = kernel.concat %x, %z {dim = 0 : i64} : tensor<2x5xf32>, tensor<7x5xf32> -> tensor<9x5xf32>
  return %y : tensor<9x5xf32>
}
func.func @concat_last(%x: tensor<3x2x3xf32>, %z: tensor<3x2x40xf32>, %w: tensor<3x2x1xf32>) -> tensor<3x2x44xf32> {
  %y = kernel.concat %x, %z, %w {dim = 2 : i64} : tensor<3x2x3xf32>, tensor<3x2x40xf32>, tensor<3x2x1xf32> -> tensor<3x2x44xf32>
  return %y : tensor<3x2x44xf32>
}
func.func @concat_bools(%x: tensor<2x3xi1>, %z: tensor<2x6xi1>) -> tensor<2x9xi1> {
  %y = kernel.concat %x, %z {dim = 1 : i64} : tensor<2x3xi1>, tensor<2x6xi1> -> tensor<2x9xi1>
  return %y : tensor<2x9xi1>
}

// CHECK: pad_row #0 [30] ok
// CHECK: pad_box #0 [4, 9, 44] ok
// CHECK: pad_integers #0 [5, 4] ok
// CHECK: pad_scalar #0 [] ok
func.func @pad_row(%x: tensor<20xf32>) -> tensor<30xf32> {
  %y = kernel.pad %x {offsets = array<i64: 3>} : tensor<20xf32> -> tensor<30xf32>
  return %y : tensor<30xf32>
}
func.func @pad_box(%x: tensor<2x5x21xf32>) -> tensor<4x9x44xf32> {
  %y = kernel.pad %x {offsets = array<i64: 2, 0, 23>} : tensor<2x5x21xf32> -> tensor<4x9x44xf32>
  return %y : tensor<4x9x44xf32>
}
func.func @pad_integers(%x: tensor<2x3xi32>) -> tensor<5x4xi32> {
  %y = kernel.pad %x {offsets = array<i64: 1, 1>} : tensor<2x3xi32> -> tensor<5x4xi32>
  return %y : tensor<5x4xi32>
}
func.func @pad_scalar(%x: tensor<f32>) -> tensor<f32> {
  %y = kernel.pad %x {offsets = array<i64>} : tensor<f32> -> tensor<f32>
  return %y : tensor<f32>
}
