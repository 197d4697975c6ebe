// RUN: moe-opt --moe-evaluate %s -o /dev/null | sed -E 's/ rms .* :/ =/' | FileCheck --match-full-lines %s

// Pairs by expert, then by token: (0,0) (2,0) (1,2) (2,2). Expert 1 is empty.
// CHECK: moved #0 [4, 1] = 10 30 20 30
// CHECK: moved #1 [4, 1] = 1 1 3 3
// CHECK: moved #2 [4] = 1 7 6 9
// CHECK: moved #3 [3, 1] = 10 20 60
// CHECK: moved #4 [3, 1] = 40 0 50
// CHECK: moved #5 [3, 3] = 1 0 0 0 0 6 7 0 9
// CHECK: moved #6 [] = 0
!r = !moe.routing<tokens = 3, experts = 3, rows = 4, exact>
func.func @moved() -> (tensor<4x1xf32>, tensor<4x1xf32>, tensor<4xf32>, tensor<3x1xf32>, tensor<3x1xf32>, tensor<3x3xf32>, tensor<i32>) {
  %on = moe.constant dense<[[true, false, false], [false, false, true], [true, false, true]]> : tensor<3x3xi1>
  %r, %excess = moe.route %on : tensor<3x3xi1> -> !r
  %tokens = moe.constant dense<[[10.0], [20.0], [30.0]]> : tensor<3x1xf32>
  %experts = moe.constant dense<[[1.0], [2.0], [3.0]]> : tensor<3x1xf32>
  %pairs = moe.constant dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]> : tensor<3x3xf32>
  %0 = moe.dispatch tokens %tokens, %r : tensor<3x1xf32>, !r -> tensor<4x1xf32>
  %1 = moe.dispatch experts %experts, %r : tensor<3x1xf32>, !r -> tensor<4x1xf32>
  %2 = moe.dispatch pairs %pairs, %r : tensor<3x3xf32>, !r -> tensor<4xf32>
  %3 = moe.combine tokens %0, %r : tensor<4x1xf32>, !r -> tensor<3x1xf32>
  %4 = moe.combine experts %0, %r : tensor<4x1xf32>, !r -> tensor<3x1xf32>
  %5 = moe.combine pairs %2, %r : tensor<4xf32>, !r -> tensor<3x3xf32>
  return %0, %1, %2, %3, %4, %5, %excess : tensor<4x1xf32>, tensor<4x1xf32>, tensor<4xf32>, tensor<3x1xf32>, tensor<3x1xf32>, tensor<3x3xf32>, tensor<i32>
}

// CHECK: products #0 [4, 2] = 10 0 30 0 60 20 90 30
// CHECK: products #1 [4, 1] = 1 1 7 7
// CHECK: products #2 [3, 1, 2] = 40 40 0 0 50 50
func.func @products() -> (tensor<4x2xf32>, tensor<4x1xf32>, tensor<3x1x2xf32>) {
  %on = moe.constant dense<[[true, false, false], [false, false, true], [true, false, true]]> : tensor<3x3xi1>
  %r, %excess = moe.route %on : tensor<3x3xi1> -> !r
  %x = moe.constant dense<[[10.0], [30.0], [20.0], [30.0]]> : tensor<4x1xf32>
  %w = moe.constant dense<[[[1.0, 0.0]], [[100.0, 100.0]], [[3.0, 1.0]]]> : tensor<3x1x2xf32>
  %0 = moe.grouped_matmul %x, %w, %r : tensor<4x1xf32>, tensor<3x1x2xf32>, !r -> tensor<4x2xf32>
  %y = moe.constant dense<[[1.0, 1.0], [1.0, 1.0], [1.0, 4.0], [1.0, 4.0]]> : tensor<4x2xf32>
  %1 = moe.grouped_matmul %y, %w, %r {transpose_w} : tensor<4x2xf32>, tensor<3x1x2xf32>, !r -> tensor<4x1xf32>
  %ones = moe.constant dense<1.0> : tensor<4x2xf32>
  %2 = moe.grouped_outer %x, %ones, %r : tensor<4x1xf32>, tensor<4x2xf32>, !r -> tensor<3x1x2xf32>
  return %0, %1, %2 : tensor<4x2xf32>, tensor<4x1xf32>, tensor<3x1x2xf32>
}

// Wider than one: y = x w and its transposes with 2 inner and 3 outer channels, all rows on one expert.
// CHECK: hot #0 [2, 3] = 1 2 3 4 5 6
// CHECK: hot #1 [2, 2] = 14 32 32 77
// CHECK: hot #2 [2, 2, 3] = 0 0 0 0 0 0 1 2 3 4 5 6
!h = !moe.routing<tokens = 2, experts = 2, rows = 2, exact>
func.func @hot() -> (tensor<2x3xf32>, tensor<2x2xf32>, tensor<2x2x3xf32>) {
  %on = moe.constant dense<[[false, true], [false, true]]> : tensor<2x2xi1>
  %r, %excess = moe.route %on : tensor<2x2xi1> -> !h
  %x = moe.constant dense<[[1.0, 0.0], [0.0, 1.0]]> : tensor<2x2xf32>
  %w = moe.constant dense<[[[9.0, 9.0, 9.0], [9.0, 9.0, 9.0]], [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]]> : tensor<2x2x3xf32>
  %0 = moe.grouped_matmul %x, %w, %r : tensor<2x2xf32>, tensor<2x2x3xf32>, !h -> tensor<2x3xf32>
  %1 = moe.grouped_matmul %0, %w, %r {transpose_w} : tensor<2x3xf32>, tensor<2x2x3xf32>, !h -> tensor<2x2xf32>
  %2 = moe.grouped_outer %x, %0, %r : tensor<2x2xf32>, tensor<2x3xf32>, !h -> tensor<2x2x3xf32>
  return %0, %1, %2 : tensor<2x3xf32>, tensor<2x2xf32>, tensor<2x2x3xf32>
}

// A bound of 4 on 3 pairs: the last row holds nothing, and nobody reads it.
// CHECK: bounded #0 [4, 1] = 10 20 20 nan
// CHECK: bounded #1 [2, 1] = 10 40
// CHECK: bounded #2 [2, 1] = 30 20
// CHECK: bounded #3 [4, 1] = 10 20 40 nan
// CHECK: bounded #4 [2, 1, 1] = 500 400
// CHECK: bounded #5 [] = 0
!b = !moe.routing<tokens = 2, experts = 2, rows = 4>
func.func @bounded() -> (tensor<4x1xf32>, tensor<2x1xf32>, tensor<2x1xf32>, tensor<4x1xf32>, tensor<2x1x1xf32>, tensor<i32>) {
  %on = moe.constant dense<[[true, false], [true, true]]> : tensor<2x2xi1>
  %r, %excess = moe.route %on : tensor<2x2xi1> -> !b
  %x = moe.constant dense<[[10.0], [20.0]]> : tensor<2x1xf32>
  %w = moe.constant dense<[[[1.0]], [[2.0]]]> : tensor<2x1x1xf32>
  %0 = moe.dispatch tokens %x, %r : tensor<2x1xf32>, !b -> tensor<4x1xf32>
  %1 = moe.combine tokens %0, %r : tensor<4x1xf32>, !b -> tensor<2x1xf32>
  %2 = moe.combine experts %0, %r : tensor<4x1xf32>, !b -> tensor<2x1xf32>
  %3 = moe.grouped_matmul %0, %w, %r : tensor<4x1xf32>, tensor<2x1x1xf32>, !b -> tensor<4x1xf32>
  %4 = moe.grouped_outer %0, %0, %r : tensor<4x1xf32>, tensor<4x1xf32>, !b -> tensor<2x1x1xf32>
  return %0, %1, %2, %3, %4, %excess : tensor<4x1xf32>, tensor<2x1xf32>, tensor<2x1xf32>, tensor<4x1xf32>, tensor<2x1x1xf32>, tensor<i32>
}

// Pairs beyond the bound are dropped and counted; an exact routing counts missing ones, too.
// CHECK: excess #0 [1, 1] = 10
// CHECK: excess #1 [] = 2
// CHECK: excess #2 [] = 2
// CHECK: excess #3 [] = 1
!one = !moe.routing<tokens = 2, experts = 2, rows = 1>
!exactly1 = !moe.routing<tokens = 2, experts = 2, rows = 1, exact>
!exactly4 = !moe.routing<tokens = 2, experts = 2, rows = 4, exact>
func.func @excess() -> (tensor<1x1xf32>, tensor<i32>, tensor<i32>, tensor<i32>) {
  %on = moe.constant dense<[[true, false], [true, true]]> : tensor<2x2xi1>
  %x = moe.constant dense<[[10.0], [20.0]]> : tensor<2x1xf32>
  %r, %1 = moe.route %on : tensor<2x2xi1> -> !one
  %0 = moe.dispatch tokens %x, %r : tensor<2x1xf32>, !one -> tensor<1x1xf32>
  %r2, %2 = moe.route %on : tensor<2x2xi1> -> !exactly1
  %r3, %3 = moe.route %on : tensor<2x2xi1> -> !exactly4
  return %0, %1, %2, %3 : tensor<1x1xf32>, tensor<i32>, tensor<i32>, tensor<i32>
}
