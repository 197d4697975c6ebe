// RUN: moe-opt --split-input-file --verify-diagnostics %s

func.func @f(%s: tensor<4x3xf32>) {
  // expected-error @below {{'kernel.top_mask' op C1: the result must be 'tensor<4x3xi1>', got 'tensor<3x4xi1>'}}
  %y = kernel.top_mask %s {k = 1} : tensor<4x3xf32> -> tensor<3x4xi1>
  return
}

// -----

func.func @f(%s: tensor<4x3xf32>) {
  // expected-error @below {{'kernel.top_mask' op C2: k = 4 must be between 1 and 3}}
  %y = kernel.top_mask %s {k = 4} : tensor<4x3xf32> -> tensor<4x3xi1>
  return
}

// -----

func.func @f(%on: tensor<12xi1>) {
  // expected-error @below {{'kernel.route' op C1: on must have rank 2, got 'tensor<12xi1>'}}
  %r:6 = kernel.route %on : tensor<12xi1> -> tensor<4xi32>, tensor<8xi32>, tensor<8xi32>, tensor<8xi32>, tensor<4x3xi32>, tensor<i32>
  return
}

// -----

func.func @f(%on: tensor<4x3xi1>) {
  // expected-error @below {{'kernel.route' op C2: offsets must be 'tensor<4xi32>', got 'tensor<3xi32>'}}
  %r:6 = kernel.route %on : tensor<4x3xi1> -> tensor<3xi32>, tensor<8xi32>, tensor<8xi32>, tensor<8xi32>, tensor<4x3xi32>, tensor<i32>
  return
}

// -----

func.func @f(%on: tensor<4x3xi1>) {
  // expected-error @below {{'kernel.route' op C2: row_token must have rank 1, got 'tensor<2x4xi32>'}}
  %r:6 = kernel.route %on : tensor<4x3xi1> -> tensor<4xi32>, tensor<2x4xi32>, tensor<8xi32>, tensor<8xi32>, tensor<4x3xi32>, tensor<i32>
  return
}

// -----

func.func @f(%on: tensor<4x3xi1>) {
  // expected-error @below {{'kernel.route' op C2: row_expert must be 'tensor<8xi32>', got 'tensor<7xi32>'}}
  %r:6 = kernel.route %on : tensor<4x3xi1> -> tensor<4xi32>, tensor<8xi32>, tensor<7xi32>, tensor<8xi32>, tensor<4x3xi32>, tensor<i32>
  return
}

// -----

func.func @f(%on: tensor<4x3xi1>) {
  // expected-error @below {{'kernel.route' op C2: row_pair must be 'tensor<8xi32>', got 'tensor<7xi32>'}}
  %r:6 = kernel.route %on : tensor<4x3xi1> -> tensor<4xi32>, tensor<8xi32>, tensor<8xi32>, tensor<7xi32>, tensor<4x3xi32>, tensor<i32>
  return
}

// -----

func.func @f(%on: tensor<4x3xi1>) {
  // expected-error @below {{'kernel.route' op C2: pair_row must be 'tensor<4x3xi32>', got 'tensor<3x4xi32>'}}
  %r:6 = kernel.route %on : tensor<4x3xi1> -> tensor<4xi32>, tensor<8xi32>, tensor<8xi32>, tensor<8xi32>, tensor<3x4xi32>, tensor<i32>
  return
}

// -----

func.func @f(%on: tensor<4x3xi1>) {
  // expected-error @below {{'kernel.route' op C2: excess must be 'tensor<i32>', got 'tensor<1xi32>'}}
  %r:6 = kernel.route %on : tensor<4x3xi1> -> tensor<4xi32>, tensor<8xi32>, tensor<8xi32>, tensor<8xi32>, tensor<4x3xi32>, tensor<1xi32>
  return
}

// -----

func.func @f(%on: tensor<4x3xi1>) {
  // expected-error @below {{'kernel.route' op C3: 13 rows exceed 4 * 3 pairs}}
  %r:6 = kernel.route %on : tensor<4x3xi1> -> tensor<4xi32>, tensor<13xi32>, tensor<13xi32>, tensor<13xi32>, tensor<4x3xi32>, tensor<i32>
  return
}

// -----

func.func @f(%s: tensor<f32>, %t: tensor<8xi32>) {
  // expected-error @below {{'kernel.gather_rows' op C1: x must have at least rank 1, got 'tensor<f32>'}}
  %y = kernel.gather_rows %s, %t : tensor<f32>, tensor<8xi32> -> tensor<8xf32>
  return
}

// -----

func.func @f(%x: tensor<8x5xf32>, %t: tensor<2xi32>) {
  // expected-error @below {{'kernel.gather_rows' op C2: the result must be 'tensor<2x5xf32>', got 'tensor<2x6xf32>'}}
  %y = kernel.gather_rows %x, %t : tensor<8x5xf32>, tensor<2xi32> -> tensor<2x6xf32>
  return
}

// -----

func.func @f(%s: tensor<8xf32>, %t: tensor<8xi32>) {
  // expected-error @below {{'kernel.scatter_add_rows' op C1: the result must have at least rank 1, got 'tensor<f32>'}}
  %y = kernel.scatter_add_rows %t, %s : tensor<8xi32>, tensor<8xf32> -> tensor<f32>
  return
}

// -----

func.func @f(%x: tensor<8x5xf32>, %t: tensor<7xi32>) {
  // expected-error @below {{'kernel.scatter_add_rows' op C2: x must be 'tensor<7x5xf32>', got 'tensor<8x5xf32>'}}
  %y = kernel.scatter_add_rows %t, %x : tensor<7xi32>, tensor<8x5xf32> -> tensor<3x5xf32>
  return
}

// -----

func.func @f(%x: tensor<8x5xf32>, %t: tensor<8xi32>) {
  // expected-error @below {{'kernel.combine_rows' op C1: pair_row must have rank 2, got 'tensor<8xi32>'}}
  %y = kernel.combine_rows %x, %t : tensor<8x5xf32>, tensor<8xi32> -> tensor<8x5xf32>
  return
}

// -----

func.func @f(%x: tensor<8x5xf32>, %t: tensor<4x3xi32>) {
  // expected-error @below {{'kernel.combine_rows' op C2: the result must be 'tensor<4x5xf32>', got 'tensor<3x5xf32>'}}
  %y = kernel.combine_rows %x, %t : tensor<8x5xf32>, tensor<4x3xi32> -> tensor<3x5xf32>
  return
}

// -----

func.func @f(%x: tensor<8x5xf32>, %t: tensor<4x3xi32>) {
  // expected-error @below {{'kernel.segment_sum' op C1: offsets must have rank 1, got 'tensor<4x3xi32>'}}
  %y = kernel.segment_sum %x, %t : tensor<8x5xf32>, tensor<4x3xi32> -> tensor<3x5xf32>
  return
}

// -----

func.func @f(%x: tensor<8x5xf32>, %t: tensor<4xi32>) {
  // expected-error @below {{'kernel.segment_sum' op C2: the result must be 'tensor<3x5xf32>', got 'tensor<4x5xf32>'}}
  %y = kernel.segment_sum %x, %t : tensor<8x5xf32>, tensor<4xi32> -> tensor<4x5xf32>
  return
}

// -----

func.func @f(%x: tensor<8x5xf32>) {
  // expected-error @below {{'kernel.scan' op C1: dim = 2 is not a dimension of 'tensor<8x5xf32>'}}
  %y = kernel.scan %x {dim = 2} : tensor<8x5xf32>
  return
}

// -----

func.func @f() {
  // expected-error @below {{'kernel.concat' op C1: needs at least one operand}}
  %y = "kernel.concat"() {dim = 0 : i64} : () -> tensor<4xf32>
  return
}

// -----

func.func @f(%x: tensor<8x5xf32>, %t: tensor<4xi32>) {
  // expected-error @below {{'kernel.concat' op C2: 'tensor<4xi32>' and 'tensor<9x5xf32>' differ in rank or element type}}
  %y = kernel.concat %x, %t {dim = 0} : tensor<8x5xf32>, tensor<4xi32> -> tensor<9x5xf32>
  return
}

// -----

func.func @f(%x: tensor<8x5xf32>) {
  // expected-error @below {{'kernel.concat' op C3: the result must be 'tensor<16x5xf32>', got 'tensor<15x5xf32>'}}
  %y = kernel.concat %x, %x {dim = 0} : tensor<8x5xf32>, tensor<8x5xf32> -> tensor<15x5xf32>
  return
}

// -----

func.func @f(%x: tensor<8x5xf32>) {
  // expected-error @below {{'kernel.pad' op C1: 1 offsets, 'tensor<8x5xf32>' and 'tensor<9x5xf32>' do not have one rank}}
  %y = kernel.pad %x {offsets = array<i64: 0>} : tensor<8x5xf32> -> tensor<9x5xf32>
  return
}

// -----

func.func @f(%x: tensor<8x5xf32>) {
  // expected-error @below {{'kernel.pad' op C2: 'tensor<8x5xf32>' at offsets [2, 0] does not lie inside 'tensor<9x5xf32>'}}
  %y = kernel.pad %x {offsets = array<i64: 2, 0>} : tensor<8x5xf32> -> tensor<9x5xf32>
  return
}

// -----

func.func @f(%x: tensor<8x5xf32>) {
  // expected-error @below {{'kernel.view' op C1: 'tensor<8x5xf32>' is viewed as 'tensor<40xi32>'}}
  %y = kernel.view %x : tensor<8x5xf32> -> tensor<40xi32>
  return
}

// -----

func.func @f(%x: tensor<8x5xf32>) {
  // expected-error @below {{'kernel.view' op C2: 'tensor<5xf32>' at offset 36 does not lie inside 'tensor<8x5xf32>'}}
  %y = kernel.view %x {offset = 36} : tensor<8x5xf32> -> tensor<5xf32>
  return
}
