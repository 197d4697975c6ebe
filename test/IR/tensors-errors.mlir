// RUN: moe-opt --split-input-file --verify-diagnostics %s

func.func @f() {
  // expected-error @below {{'moe.iota' op C1: dim = 2 is not a dimension of 'tensor<4x8xi32>'}}
  %y = moe.iota {dim = 2} : tensor<4x8xi32>
  return
}

// -----

func.func @f() {
  // expected-error @below {{'moe.iota' op C1: dim = -1 is not a dimension of 'tensor<4x8xi32>'}}
  %y = moe.iota {dim = -1} : tensor<4x8xi32>
  return
}

// -----

func.func @f(%key: tensor<3xi32>) {
  // expected-error @below {{'moe.uniform' op C1: 'tensor<65536x65536xf32>' has 2^32 elements or more}}
  %y = moe.uniform %key {site = 0 : i32} : tensor<65536x65536xf32>
  return
}

// -----

func.func @f(%b: tensor<8xf32>) {
  // expected-error @below {{'moe.broadcast' op C1: dims has 2 entries for the 1 dimensions of the operand}}
  %y = moe.broadcast %b {dims = array<i64: 0, 1>} : tensor<8xf32> -> tensor<4x8xf32>
  return
}

// -----

func.func @f(%x: tensor<4x8xf32>) {
  // expected-error @below {{'moe.broadcast' op C2: dims = [1, 0] must increase strictly and stay inside 'tensor<8x4xf32>'}}
  %y = moe.broadcast %x {dims = array<i64: 1, 0>} : tensor<4x8xf32> -> tensor<8x4xf32>
  return
}

// -----

func.func @f(%b: tensor<8xf32>) {
  // expected-error @below {{'moe.broadcast' op C2: dims = [2] must increase strictly and stay inside 'tensor<4x8xf32>'}}
  %y = moe.broadcast %b {dims = array<i64: 2>} : tensor<8xf32> -> tensor<4x8xf32>
  return
}

// -----

func.func @f(%b: tensor<8xf32>) {
  // expected-error @below {{'moe.broadcast' op C3: the operand must be 'tensor<4xf32>', got 'tensor<8xf32>'}}
  %y = moe.broadcast %b {dims = array<i64: 0>} : tensor<8xf32> -> tensor<4x8xf32>
  return
}

// -----

func.func @f(%b: tensor<8xf32>) {
  // expected-error @below {{'moe.broadcast' op C3: the operand must be 'tensor<8xf64>', got 'tensor<8xf32>'}}
  %y = moe.broadcast %b {dims = array<i64: 1>} : tensor<8xf32> -> tensor<4x8xf64>
  return
}

// -----

func.func @f(%x: tensor<4x8xf32>) {
  // expected-error @below {{'moe.reshape' op C1: 'tensor<4x8xf32>' and 'tensor<32xi32>' differ in element type}}
  %y = moe.reshape %x : tensor<4x8xf32> -> tensor<32xi32>
  return
}

// -----

func.func @f(%x: tensor<4x8xf32>) {
  // expected-error @below {{'moe.reshape' op C2: 'tensor<4x8xf32>' has 32 elements, 'tensor<31xf32>' has 31}}
  %y = moe.reshape %x : tensor<4x8xf32> -> tensor<31xf32>
  return
}

// -----

func.func @f(%x: tensor<4x8xf32>) {
  // expected-error @below {{'moe.transpose' op C1: perm = [1, 1] is not a permutation of the dimensions of 'tensor<4x8xf32>'}}
  %y = moe.transpose %x {perm = array<i64: 1, 1>} : tensor<4x8xf32> -> tensor<8x8xf32>
  return
}

// -----

func.func @f(%x: tensor<4x8xf32>) {
  // expected-error @below {{'moe.transpose' op C1: perm = [0] is not a permutation of the dimensions of 'tensor<4x8xf32>'}}
  %y = moe.transpose %x {perm = array<i64: 0>} : tensor<4x8xf32> -> tensor<4xf32>
  return
}

// -----

func.func @f(%x: tensor<4x8xf32>) {
  // expected-error @below {{'moe.transpose' op C2: the result must be 'tensor<8x4xf32>', got 'tensor<4x8xf32>'}}
  %y = moe.transpose %x {perm = array<i64: 1, 0>} : tensor<4x8xf32> -> tensor<4x8xf32>
  return
}

// -----

func.func @f(%x: tensor<4x8xf32>) {
  // expected-error @below {{'moe.slice' op C1: 1 offsets, 'tensor<4x8xf32>' and 'tensor<4x8xf32>' do not have one rank}}
  %y = moe.slice %x {offsets = array<i64: 0>} : tensor<4x8xf32> -> tensor<4x8xf32>
  return
}

// -----

func.func @f(%x: tensor<4x8xf32>) {
  // expected-error @below {{'moe.slice' op C1: 'tensor<4x8xi32>' and 'tensor<4x8xf32>' differ in element type}}
  %y = moe.slice %x {offsets = array<i64: 0, 0>} : tensor<4x8xf32> -> tensor<4x8xi32>
  return
}

// -----

func.func @f(%x: tensor<4x8xf32>) {
  // expected-error @below {{'moe.slice' op C2: 'tensor<4x3xf32>' at offsets [0, 6] does not lie inside 'tensor<4x8xf32>'}}
  %y = moe.slice %x {offsets = array<i64: 0, 6>} : tensor<4x8xf32> -> tensor<4x3xf32>
  return
}

// -----

func.func @f(%x: tensor<4x8xf32>) {
  // expected-error @below {{'moe.slice' op C2: 'tensor<2x8xf32>' at offsets [-1, 0] does not lie inside 'tensor<4x8xf32>'}}
  %y = moe.slice %x {offsets = array<i64: -1, 0>} : tensor<4x8xf32> -> tensor<2x8xf32>
  return
}

// -----

func.func @f(%x: tensor<4x8xf32>) {
  // expected-error @below {{'moe.pad' op C1: 1 offsets, 'tensor<4x8xf32>' and 'tensor<40xf32>' do not have one rank}}
  %y = moe.pad %x {offsets = array<i64: 0>} : tensor<4x8xf32> -> tensor<40xf32>
  return
}

// -----

func.func @f(%x: tensor<4x8xf32>) {
  // expected-error @below {{'moe.pad' op C2: 'tensor<4x8xf32>' at offsets [1, 0] does not lie inside 'tensor<4x9xf32>'}}
  %y = moe.pad %x {offsets = array<i64: 1, 0>} : tensor<4x8xf32> -> tensor<4x9xf32>
  return
}

// -----

func.func @f() {
  // expected-error @below {{'moe.concat' op C1: needs at least one operand}}
  %y = "moe.concat"() {dim = 0 : i64} : () -> tensor<4xf32>
  return
}

// -----

func.func @f(%x: tensor<4x8xf32>, %b: tensor<8xf32>) {
  // expected-error @below {{'moe.concat' op C2: 'tensor<8xf32>' and 'tensor<5x8xf32>' differ in rank or element type}}
  %y = moe.concat %x, %b {dim = 0} : tensor<4x8xf32>, tensor<8xf32> -> tensor<5x8xf32>
  return
}

// -----

func.func @f(%x: tensor<4x8xf32>, %i: tensor<4x8xi32>) {
  // expected-error @below {{'moe.concat' op C2: 'tensor<4x8xi32>' and 'tensor<8x8xf32>' differ in rank or element type}}
  %y = moe.concat %x, %i {dim = 0} : tensor<4x8xf32>, tensor<4x8xi32> -> tensor<8x8xf32>
  return
}

// -----

func.func @f(%x: tensor<4x8xf32>) {
  // expected-error @below {{'moe.concat' op C3: dim = 2 is not a dimension of 'tensor<8x8xf32>'}}
  %y = moe.concat %x, %x {dim = 2} : tensor<4x8xf32>, tensor<4x8xf32> -> tensor<8x8xf32>
  return
}

// -----

func.func @f(%x: tensor<4x8xf32>, %z: tensor<4x7xf32>) {
  // expected-error @below {{'moe.concat' op C3: an operand must be 'tensor<4x8xf32>', got 'tensor<4x7xf32>'}}
  %y = moe.concat %x, %z {dim = 0} : tensor<4x8xf32>, tensor<4x7xf32> -> tensor<8x8xf32>
  return
}

// -----

func.func @f(%x: tensor<4x8xf32>) {
  // expected-error @below {{'moe.concat' op C3: the result must be 'tensor<8x8xf32>', got 'tensor<7x8xf32>'}}
  %y = moe.concat %x, %x {dim = 0} : tensor<4x8xf32>, tensor<4x8xf32> -> tensor<7x8xf32>
  return
}

// -----

func.func @f(%s: tensor<f32>, %ids: tensor<2xi32>) {
  // expected-error @below {{'moe.gather' op C1: the table must have at least rank 1, got 'tensor<f32>'}}
  %y = moe.gather %s, %ids : tensor<f32>, tensor<2xi32> -> tensor<2xf32>
  return
}

// -----

func.func @f(%x: tensor<4x8xf32>, %ids: tensor<2xi32>) {
  // expected-error @below {{'moe.gather' op C2: the result must be 'tensor<2x8xf32>', got 'tensor<2x4xf32>'}}
  %y = moe.gather %x, %ids : tensor<4x8xf32>, tensor<2xi32> -> tensor<2x4xf32>
  return
}

// -----

func.func @f(%x: tensor<4x8xf32>, %ids: tensor<2xi32>) {
  // expected-error @below {{'moe.gather' op C2: the result must be 'tensor<2x8xf32>', got 'tensor<2x8xi32>'}}
  %y = moe.gather %x, %ids : tensor<4x8xf32>, tensor<2xi32> -> tensor<2x8xi32>
  return
}

// -----

func.func @f(%z: tensor<2xf32>, %ids: tensor<2xi32>) {
  // expected-error @below {{'moe.scatter_add' op C1: the result must have at least rank 1, got 'tensor<f32>'}}
  %y = moe.scatter_add %ids, %z : tensor<2xi32>, tensor<2xf32> -> tensor<f32>
  return
}

// -----

func.func @f(%x: tensor<4x8xf32>, %ids: tensor<2xi32>) {
  // expected-error @below {{'moe.scatter_add' op C2: x must be 'tensor<2x8xf32>', got 'tensor<4x8xf32>'}}
  %y = moe.scatter_add %ids, %x : tensor<2xi32>, tensor<4x8xf32> -> tensor<9x8xf32>
  return
}

// -----

// C1 of detach
func.func @f(%x: tensor<4x8xf32>) {
  // expected-error @below {{'moe.detach' op requires the same type for all operands and results}}
  %y = "moe.detach"(%x) : (tensor<4x8xf32>) -> tensor<32xf32>
  return
}

// -----

// The type of a constant is that of its elements
func.func @f() {
  // expected-error @below {{'moe.constant' op failed to verify that all of {value, y} have same type}}
  %y = "moe.constant"() {value = dense<1.0> : tensor<4xf32>} : () -> tensor<5xf32>
  return
}
