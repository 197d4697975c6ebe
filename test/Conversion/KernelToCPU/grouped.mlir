// RUN: moe-run-kernels %s | FileCheck %s
// Ragged products: even and uneven groups, empty experts, one hot expert, no rows at all, widths 1, 3, 44, 352.

// CHECK: uneven #0 [40, 44] ok
// CHECK: uneven #1 [4, 20, 44] ok
func.func @uneven(%x: tensor<40x20xf32>, %w: tensor<4x20x44xf32>, %g: tensor<40x44xf32>) -> (tensor<40x44xf32>, tensor<4x20x44xf32>) {
  %offsets = kernel.constant dense<[0, 7, 7, 39, 40]> : tensor<5xi32>
  %y = kernel.grouped_contract %x, %w, %offsets : tensor<40x20xf32>, tensor<4x20x44xf32>, tensor<5xi32> -> tensor<40x44xf32>
  %d = kernel.grouped_outer %x, %g, %offsets : tensor<40x20xf32>, tensor<40x44xf32>, tensor<5xi32> -> tensor<4x20x44xf32>
  return %y, %d : tensor<40x44xf32>, tensor<4x20x44xf32>
}

// CHECK: transposed #0 [40, 20] ok
func.func @transposed(%x: tensor<40x44xf32>, %w: tensor<4x20x44xf32>) -> tensor<40x20xf32> {
  %offsets = kernel.constant dense<[0, 7, 7, 39, 40]> : tensor<5xi32>
  %y = kernel.grouped_contract %x, %w, %offsets {transpose_w} : tensor<40x44xf32>, tensor<4x20x44xf32>, tensor<5xi32> -> tensor<40x20xf32>
  return %y : tensor<40x20xf32>
}

// More rows than a block packs, more inputs than a panel is deep; groups cross the ranges of rows that blocks own.
// CHECK: hot #0 [420, 8] ok
// CHECK: hot #1 [3, 270, 8] ok
func.func @hot(%x: tensor<420x270xf32>, %w: tensor<3x270x8xf32>, %g: tensor<420x8xf32>) -> (tensor<420x8xf32>, tensor<3x270x8xf32>) {
  %offsets = kernel.constant dense<[0, 0, 420, 420]> : tensor<4xi32>
  %y = kernel.grouped_contract %x, %w, %offsets : tensor<420x270xf32>, tensor<3x270x8xf32>, tensor<4xi32> -> tensor<420x8xf32>
  %d = kernel.grouped_outer %x, %g, %offsets : tensor<420x270xf32>, tensor<420x8xf32>, tensor<4xi32> -> tensor<3x270x8xf32>
  return %y, %d : tensor<420x8xf32>, tensor<3x270x8xf32>
}

// CHECK: across_blocks #0 [400, 16] ok
func.func @across_blocks(%x: tensor<400x8xf32>, %w: tensor<3x8x16xf32>) -> tensor<400x16xf32> {
  %offsets = kernel.constant dense<[0, 191, 193, 400]> : tensor<4xi32>
  %y = kernel.grouped_contract %x, %w, %offsets : tensor<400x8xf32>, tensor<3x8x16xf32>, tensor<4xi32> -> tensor<400x16xf32>
  return %y : tensor<400x16xf32>
}

// CHECK: narrow #0 [9, 3] ok
// CHECK: narrow #1 [3, 1, 3] ok
func.func @narrow(%x: tensor<9x1xf32>, %w: tensor<3x1x3xf32>, %g: tensor<9x3xf32>) -> (tensor<9x3xf32>, tensor<3x1x3xf32>) {
  %offsets = kernel.constant dense<[0, 4, 8, 9]> : tensor<4xi32>
  %y = kernel.grouped_contract %x, %w, %offsets : tensor<9x1xf32>, tensor<3x1x3xf32>, tensor<4xi32> -> tensor<9x3xf32>
  %d = kernel.grouped_outer %x, %g, %offsets : tensor<9x1xf32>, tensor<9x3xf32>, tensor<4xi32> -> tensor<3x1x3xf32>
  return %y, %d : tensor<9x3xf32>, tensor<3x1x3xf32>
}

// CHECK: wide #0 [11, 352] ok
// CHECK: wide #1 [2, 130, 352] ok
func.func @wide(%x: tensor<11x130xf32>, %w: tensor<2x130x352xf32>, %g: tensor<11x352xf32>) -> (tensor<11x352xf32>, tensor<2x130x352xf32>) {
  %offsets = kernel.constant dense<[0, 1, 11]> : tensor<3xi32>
  %y = kernel.grouped_contract %x, %w, %offsets : tensor<11x130xf32>, tensor<2x130x352xf32>, tensor<3xi32> -> tensor<11x352xf32>
  %d = kernel.grouped_outer %x, %g, %offsets : tensor<11x130xf32>, tensor<11x352xf32>, tensor<3xi32> -> tensor<2x130x352xf32>
  return %y, %d : tensor<11x352xf32>, tensor<2x130x352xf32>
}

// Without rows every gradient is zero, and rows past the last group are not written: what is gathered from the groups does not see them.
// CHECK: no_rows #0 [2, 9, 44] ok rms 0 error 0.0e+00
func.func @no_rows(%x: tensor<6x9xf32>, %g: tensor<6x44xf32>) -> tensor<2x9x44xf32> {
  %offsets = kernel.constant dense<0> : tensor<3xi32>
  %d = kernel.grouped_outer %x, %g, %offsets : tensor<6x9xf32>, tensor<6x44xf32>, tensor<3xi32> -> tensor<2x9x44xf32>
  return %d : tensor<2x9x44xf32>
}

// CHECK: rows_left_over #0 [3, 5] ok
func.func @rows_left_over(%x: tensor<6x9xf32>, %w: tensor<2x9x5xf32>) -> tensor<3x5xf32> {
  %offsets = kernel.constant dense<[0, 1, 3]> : tensor<3xi32>
  %first = kernel.constant dense<[2, 0, 1]> : tensor<3xi32>
  %y = kernel.grouped_contract %x, %w, %offsets : tensor<6x9xf32>, tensor<2x9x5xf32>, tensor<3xi32> -> tensor<6x5xf32>
  %z = kernel.gather_rows %y, %first : tensor<6x5xf32>, tensor<3xi32> -> tensor<3x5xf32>
  return %z : tensor<3x5xf32>
}

// CHECK: segment_sums #0 [4, 44] ok
func.func @segment_sums(%x: tensor<40x44xf32>) -> tensor<4x44xf32> {
  %offsets = kernel.constant dense<[0, 7, 7, 39, 40]> : tensor<5xi32>
  %y = kernel.segment_sum %x, %offsets : tensor<40x44xf32>, tensor<5xi32> -> tensor<4x44xf32>
  return %y : tensor<4x44xf32>
}

// CHECK: segment_sums_narrow #0 [2] ok
func.func @segment_sums_narrow(%x: tensor<40xf32>) -> tensor<2xf32> {
  %offsets = kernel.constant dense<[0, 0, 33]> : tensor<3xi32>
  %y = kernel.segment_sum %x, %offsets : tensor<40xf32>, tensor<3xi32> -> tensor<2xf32>
  return %y : tensor<2xf32>
}
