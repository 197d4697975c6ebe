// RUN: moe-opt --split-input-file --verify-diagnostics %s

func.func @f(%s: tensor<f32>) {
  // expected-error @below {{'moe.top_mask' op C1: the operand must have at least rank 1, got 'tensor<f32>'}}
  %y = moe.top_mask %s {k = 1} : tensor<f32> -> tensor<i1>
  return
}

// -----

func.func @f(%s: tensor<4x3xf32>) {
  // expected-error @below {{'moe.top_mask' op C1: the result must be 'tensor<4x3xi1>', got 'tensor<3x4xi1>'}}
  %y = moe.top_mask %s {k = 1} : tensor<4x3xf32> -> tensor<3x4xi1>
  return
}

// -----

func.func @f(%s: tensor<4x3xf32>) {
  // expected-error @below {{'moe.top_mask' op C2: k = 4 must be between 1 and 3}}
  %y = moe.top_mask %s {k = 4} : tensor<4x3xf32> -> tensor<4x3xi1>
  return
}

// -----

func.func @f(%s: tensor<4x3xf32>) {
  // expected-error @below {{'moe.top_mask' op C2: k = 0 must be between 1 and 3}}
  %y = moe.top_mask %s {k = 0} : tensor<4x3xf32> -> tensor<4x3xi1>
  return
}

// -----

func.func @f(%on: tensor<3x4xi1>) {
  // expected-error @below {{'moe.route' op C1: on must be 'tensor<4x3xi1>', got 'tensor<3x4xi1>'}}
  %r, %e = moe.route %on : tensor<3x4xi1> -> !moe.routing<tokens = 4, experts = 3, rows = 8, exact>
  return
}

// -----

// C2 of route, which the type checks
func.func @f(%on: tensor<4x3xi1>) {
  // expected-error @below {{rows = 13 exceeds tokens * experts = 12}}
  %r, %e = moe.route %on : tensor<4x3xi1> -> !moe.routing<tokens = 4, experts = 3, rows = 13>
  return
}

// -----

func.func @f(%on: tensor<4x3xi1>) {
  // expected-error @below {{tokens, experts and rows must be positive}}
  %r, %e = moe.route %on : tensor<4x3xi1> -> !moe.routing<tokens = 4, experts = 3, rows = 0>
  return
}

// -----

func.func @f(%x: tensor<3x8xf32>, %r: !moe.routing<tokens = 4, experts = 3, rows = 8, exact>) {
  // expected-error @below {{'moe.dispatch' op C1: the leading extents of x must be [4], got 'tensor<3x8xf32>'}}
  %y = moe.dispatch tokens %x, %r : tensor<3x8xf32>, !moe.routing<tokens = 4, experts = 3, rows = 8, exact> -> tensor<8x8xf32>
  return
}

// -----

func.func @f(%x: tensor<4x8xf32>, %r: !moe.routing<tokens = 4, experts = 3, rows = 8, exact>) {
  // expected-error @below {{'moe.dispatch' op C1: the leading extents of x must be [3], got 'tensor<4x8xf32>'}}
  %y = moe.dispatch experts %x, %r : tensor<4x8xf32>, !moe.routing<tokens = 4, experts = 3, rows = 8, exact> -> tensor<8x8xf32>
  return
}

// -----

func.func @f(%x: tensor<4xf32>, %r: !moe.routing<tokens = 4, experts = 3, rows = 8, exact>) {
  // expected-error @below {{'moe.dispatch' op C1: the leading extents of x must be [4, 3], got 'tensor<4xf32>'}}
  %y = moe.dispatch pairs %x, %r : tensor<4xf32>, !moe.routing<tokens = 4, experts = 3, rows = 8, exact> -> tensor<8xf32>
  return
}

// -----

func.func @f(%x: tensor<4x8xf32>, %r: !moe.routing<tokens = 4, experts = 3, rows = 8, exact>) {
  // expected-error @below {{'moe.dispatch' op C2: the result must be 'tensor<8x8xf32>', got 'tensor<4x8xf32>'}}
  %y = moe.dispatch tokens %x, %r : tensor<4x8xf32>, !moe.routing<tokens = 4, experts = 3, rows = 8, exact> -> tensor<4x8xf32>
  return
}

// -----

func.func @f(%x: tensor<4x8xf32>, %r: !moe.routing<tokens = 4, experts = 3, rows = 8, exact>) {
  // expected-error @below {{'moe.combine' op C1: the first extent of x must be the 8 rows of the routing, got 'tensor<4x8xf32>'}}
  %y = moe.combine tokens %x, %r : tensor<4x8xf32>, !moe.routing<tokens = 4, experts = 3, rows = 8, exact> -> tensor<4x8xf32>
  return
}

// -----

func.func @f(%x: tensor<f32>, %r: !moe.routing<tokens = 4, experts = 3, rows = 8, exact>) {
  // expected-error @below {{'moe.combine' op C1: the first extent of x must be the 8 rows of the routing, got 'tensor<f32>'}}
  %y = moe.combine tokens %x, %r : tensor<f32>, !moe.routing<tokens = 4, experts = 3, rows = 8, exact> -> tensor<4xf32>
  return
}

// -----

func.func @f(%x: tensor<8x2xf32>, %r: !moe.routing<tokens = 4, experts = 3, rows = 8, exact>) {
  // expected-error @below {{'moe.combine' op C2: the result must be 'tensor<4x3x2xf32>', got 'tensor<3x4x2xf32>'}}
  %y = moe.combine pairs %x, %r : tensor<8x2xf32>, !moe.routing<tokens = 4, experts = 3, rows = 8, exact> -> tensor<3x4x2xf32>
  return
}

// -----

func.func @f(%x: tensor<8xf32>, %w: tensor<3x8x16xf32>, %r: !moe.routing<tokens = 4, experts = 3, rows = 8, exact>) {
  // expected-error @below {{'moe.grouped_matmul' op C1: x must have rank 2, got 'tensor<8xf32>'}}
  %y = moe.grouped_matmul %x, %w, %r : tensor<8xf32>, tensor<3x8x16xf32>, !moe.routing<tokens = 4, experts = 3, rows = 8, exact> -> tensor<8x16xf32>
  return
}

// -----

func.func @f(%x: tensor<7x8xf32>, %w: tensor<3x8x16xf32>, %r: !moe.routing<tokens = 4, experts = 3, rows = 8, exact>) {
  // expected-error @below {{'moe.grouped_matmul' op C1: x must be 'tensor<8x8xf32>', got 'tensor<7x8xf32>'}}
  %y = moe.grouped_matmul %x, %w, %r : tensor<7x8xf32>, tensor<3x8x16xf32>, !moe.routing<tokens = 4, experts = 3, rows = 8, exact> -> tensor<7x16xf32>
  return
}

// -----

func.func @f(%x: tensor<8x8xf32>, %w: tensor<8x16xf32>, %r: !moe.routing<tokens = 4, experts = 3, rows = 8, exact>) {
  // expected-error @below {{'moe.grouped_matmul' op C2: w must have rank 3, got 'tensor<8x16xf32>'}}
  %y = moe.grouped_matmul %x, %w, %r : tensor<8x8xf32>, tensor<8x16xf32>, !moe.routing<tokens = 4, experts = 3, rows = 8, exact> -> tensor<8x16xf32>
  return
}

// -----

func.func @f(%x: tensor<8x8xf32>, %w: tensor<3x8x16xf32>, %r: !moe.routing<tokens = 4, experts = 3, rows = 8, exact>) {
  // expected-error @below {{'moe.grouped_matmul' op C2: w must be 'tensor<3x8x8xf32>', got 'tensor<3x8x16xf32>'}}
  %y = moe.grouped_matmul %x, %w, %r {transpose_w} : tensor<8x8xf32>, tensor<3x8x16xf32>, !moe.routing<tokens = 4, experts = 3, rows = 8, exact> -> tensor<8x8xf32>
  return
}

// -----

func.func @f(%x: tensor<8x8xf32>, %w: tensor<4x8x16xf32>, %r: !moe.routing<tokens = 4, experts = 3, rows = 8, exact>) {
  // expected-error @below {{'moe.grouped_matmul' op C2: w must be 'tensor<3x8x16xf32>', got 'tensor<4x8x16xf32>'}}
  %y = moe.grouped_matmul %x, %w, %r : tensor<8x8xf32>, tensor<4x8x16xf32>, !moe.routing<tokens = 4, experts = 3, rows = 8, exact> -> tensor<8x16xf32>
  return
}

// -----

func.func @f(%x: tensor<8x8xf32>, %w: tensor<3x8x16xf32>, %r: !moe.routing<tokens = 4, experts = 3, rows = 8, exact>) {
  // expected-error @below {{'moe.grouped_matmul' op C3: the result must be 'tensor<8x16xf32>', got 'tensor<8x8xf32>'}}
  %y = moe.grouped_matmul %x, %w, %r : tensor<8x8xf32>, tensor<3x8x16xf32>, !moe.routing<tokens = 4, experts = 3, rows = 8, exact> -> tensor<8x8xf32>
  return
}

// -----

func.func @f(%a: tensor<8x8xf32>, %b: tensor<8xf32>, %r: !moe.routing<tokens = 4, experts = 3, rows = 8, exact>) {
  // expected-error @below {{'moe.grouped_outer' op C1: b must have rank 2, got 'tensor<8xf32>'}}
  %w = moe.grouped_outer %a, %b, %r : tensor<8x8xf32>, tensor<8xf32>, !moe.routing<tokens = 4, experts = 3, rows = 8, exact> -> tensor<3x8x16xf32>
  return
}

// -----

func.func @f(%a: tensor<8x8xf32>, %b: tensor<7x16xf32>, %r: !moe.routing<tokens = 4, experts = 3, rows = 8, exact>) {
  // expected-error @below {{'moe.grouped_outer' op C1: b must be 'tensor<8x16xf32>', got 'tensor<7x16xf32>'}}
  %w = moe.grouped_outer %a, %b, %r : tensor<8x8xf32>, tensor<7x16xf32>, !moe.routing<tokens = 4, experts = 3, rows = 8, exact> -> tensor<3x8x16xf32>
  return
}

// -----

func.func @f(%a: tensor<8x8xf32>, %b: tensor<8x16xf32>, %r: !moe.routing<tokens = 4, experts = 3, rows = 8, exact>) {
  // expected-error @below {{'moe.grouped_outer' op C2: the result must be 'tensor<3x8x16xf32>', got 'tensor<3x16x8xf32>'}}
  %w = moe.grouped_outer %a, %b, %r : tensor<8x8xf32>, tensor<8x16xf32>, !moe.routing<tokens = 4, experts = 3, rows = 8, exact> -> tensor<3x16x8xf32>
  return
}
