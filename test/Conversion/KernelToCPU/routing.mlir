// RUN: moe-run-kernels %s | FileCheck %s
// Selection and routing: ties, NaN, every expert, no expert, too few rows, exact numbers of rows.

#id2 = affine_map<(d0, d1) -> (d0, d1)>

// CHECK: top_2 #0 [33, 16] ok
func.func @top_2(%x: tensor<33x16xf32>) -> tensor<33x16xi1> {
  %y = kernel.top_mask %x {k = 2 : i64} : tensor<33x16xf32> -> tensor<33x16xi1>
  return %y : tensor<33x16xi1>
}

// CHECK: top_all #0 [5, 3] ok rms 1 error
func.func @top_all(%x: tensor<5x3xf32>) -> tensor<5x3xi1> {
  %y = kernel.top_mask %x {k = 3 : i64} : tensor<5x3xf32> -> tensor<5x3xi1>
  return %y : tensor<5x3xi1>
}

// CHECK: top_ties #0 [4, 5] ok
func.func @top_ties() -> tensor<4x5xi1> {
  %x = kernel.constant dense<[[1.0, 3.0, 3.0, 3.0, 2.0], [0.0, 0.0, 0.0, 0.0, 0.0], [0x7FC00000, -1.0, 0x7FC00000, -2.0, 0xFF800000],
                              [0xFF800000, 0xFF800000, 0x7FC00000, 0xFF800000, 0xFF800000]]> : tensor<4x5xf32>
  %y = kernel.top_mask %x {k = 2 : i64} : tensor<4x5xf32> -> tensor<4x5xi1>
  return %y : tensor<4x5xi1>
}

// CHECK: top_large #0 [2, 3, 700] ok
func.func @top_large(%x: tensor<2x3x700xf32>) -> tensor<2x3x700xi1> {
  %y = kernel.top_mask %x {k = 9 : i64} : tensor<2x3x700xf32> -> tensor<2x3x700xi1>
  return %y : tensor<2x3x700xi1>
}

// CHECK: route #0 [6] ok
// CHECK: route #1 [60] ok
// CHECK: route #2 [60] ok
// CHECK: route #3 [60] ok
// CHECK: route #4 [20, 5] ok
// CHECK: route #5 [] ok rms 0 error 0.0e+00
func.func @route(%on: tensor<20x5xi1>) -> (tensor<6xi32>, tensor<60xi32>, tensor<60xi32>, tensor<60xi32>, tensor<20x5xi32>, tensor<i32>) {
  %r:6 = kernel.route %on : tensor<20x5xi1> -> tensor<6xi32>, tensor<60xi32>, tensor<60xi32>, tensor<60xi32>, tensor<20x5xi32>, tensor<i32>
  return %r#0, %r#1, %r#2, %r#3, %r#4, %r#5 : tensor<6xi32>, tensor<60xi32>, tensor<60xi32>, tensor<60xi32>, tensor<20x5xi32>, tensor<i32>
}

// CHECK: too_few_rows #0 [6] ok
// CHECK: too_few_rows #1 [13] ok
// CHECK: too_few_rows #2 [13] ok
// CHECK: too_few_rows #3 [13] ok
// CHECK: too_few_rows #4 [20, 5] ok
// CHECK: too_few_rows #5 [] ok rms
func.func @too_few_rows(%on: tensor<20x5xi1>) -> (tensor<6xi32>, tensor<13xi32>, tensor<13xi32>, tensor<13xi32>, tensor<20x5xi32>, tensor<i32>) {
  %r:6 = kernel.route %on : tensor<20x5xi1> -> tensor<6xi32>, tensor<13xi32>, tensor<13xi32>, tensor<13xi32>, tensor<20x5xi32>, tensor<i32>
  return %r#0, %r#1, %r#2, %r#3, %r#4, %r#5 : tensor<6xi32>, tensor<13xi32>, tensor<13xi32>, tensor<13xi32>, tensor<20x5xi32>, tensor<i32>
}

// A top-2 selection fills its rows exactly.
// CHECK: exact #0 [] ok rms 0 error 0.0e+00
func.func @exact(%x: tensor<9x4xf32>) -> tensor<i32> {
  %on = kernel.top_mask %x {k = 2 : i64} : tensor<9x4xf32> -> tensor<9x4xi1>
  %r:6 = kernel.route %on {exact} : tensor<9x4xi1> -> tensor<5xi32>, tensor<18xi32>, tensor<18xi32>, tensor<18xi32>, tensor<9x4xi32>, tensor<i32>
  return %r#5 : tensor<i32>
}

// CHECK: not_exact #0 [] ok rms 2 error 0.0e+00
func.func @not_exact(%x: tensor<9x4xf32>) -> tensor<i32> {
  %on = kernel.top_mask %x {k = 2 : i64} : tensor<9x4xf32> -> tensor<9x4xi1>
  %r:6 = kernel.route %on {exact} : tensor<9x4xi1> -> tensor<5xi32>, tensor<20xi32>, tensor<20xi32>, tensor<20xi32>, tensor<9x4xi32>, tensor<i32>
  return %r#5 : tensor<i32>
}

// CHECK: nothing_on #0 [4] ok rms 0
// CHECK: nothing_on #1 [5] ok rms 1
// CHECK: nothing_on #2 [7, 3] ok rms 1
func.func @nothing_on() -> (tensor<4xi32>, tensor<5xi32>, tensor<7x3xi32>) {
  %on = kernel.constant dense<false> : tensor<7x3xi1>
  %r:6 = kernel.route %on : tensor<7x3xi1> -> tensor<4xi32>, tensor<5xi32>, tensor<5xi32>, tensor<5xi32>, tensor<7x3xi32>, tensor<i32>
  return %r#0, %r#1, %r#4 : tensor<4xi32>, tensor<5xi32>, tensor<7x3xi32>
}

// Dispatch, experts and combination as a model has them.
// CHECK: experts #0 [19, 44] ok
func.func @experts(%scores: tensor<19x4xf32>, %x: tensor<19x20xf32>, %w: tensor<4x20x44xf32>) -> tensor<19x44xf32> {
  %on = kernel.top_mask %scores {k = 2 : i64} : tensor<19x4xf32> -> tensor<19x4xi1>
  %r:6 = kernel.route %on {exact} : tensor<19x4xi1> -> tensor<5xi32>, tensor<38xi32>, tensor<38xi32>, tensor<38xi32>, tensor<19x4xi32>, tensor<i32>
  %rows = kernel.gather_rows %x, %r#1 : tensor<19x20xf32>, tensor<38xi32> -> tensor<38x20xf32>
  %h = kernel.grouped_contract %rows, %w, %r#0 : tensor<38x20xf32>, tensor<4x20x44xf32>, tensor<5xi32> -> tensor<38x44xf32>
  %y = kernel.combine_rows %h, %r#4 : tensor<38x44xf32>, tensor<19x4xi32> -> tensor<19x44xf32>
  return %y : tensor<19x44xf32>
}
