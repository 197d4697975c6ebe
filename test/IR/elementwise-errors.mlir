// RUN: moe-opt --split-input-file --verify-diagnostics %s

// C1 of an op with one operand
func.func @f(%x: tensor<4x8xf32>) {
  // expected-error @below {{'moe.neg' op requires the same type for all operands and results}}
  %y = "moe.neg"(%x) : (tensor<4x8xf32>) -> tensor<8x4xf32>
  return
}

// -----

// C1 of an op with two operands
func.func @f(%x: tensor<4x8xf32>, %z: tensor<8x4xf32>) {
  // expected-error @below {{'moe.add' op requires the same type for all operands and results}}
  %y = "moe.add"(%x, %z) : (tensor<4x8xf32>, tensor<8x4xf32>) -> tensor<4x8xf32>
  return
}

// -----

// Broadcasting is explicit
func.func @f(%x: tensor<4x8xf32>, %z: tensor<8xf32>) {
  // expected-error @below {{'moe.mul' op requires the same type for all operands and results}}
  %y = "moe.mul"(%x, %z) : (tensor<4x8xf32>, tensor<8xf32>) -> tensor<4x8xf32>
  return
}

// -----

// No exponential of integers
func.func @f(%i: tensor<4xi32>) {
  // expected-error @below {{'moe.exp' op operand #0 must be statically shaped tensor of 32-bit float or 64-bit float values, but got 'tensor<4xi32>'}}
  %y = moe.exp %i : tensor<4xi32>
  return
}

// -----

// Extents are known
func.func @f(%x: tensor<?xf32>) {
  // expected-error @below {{'moe.exp' op operand #0 must be statically shaped tensor of 32-bit float or 64-bit float values, but got 'tensor<?xf32>'}}
  %y = moe.exp %x : tensor<?xf32>
  return
}

// -----

// C1 of compare
func.func @f(%x: tensor<4x8xf32>, %z: tensor<4x8xi32>) {
  // expected-error @below {{'moe.compare' op requires all operands to have the same type}}
  %y = "moe.compare"(%x, %z) {predicate = #moe<predicate lt>} : (tensor<4x8xf32>, tensor<4x8xi32>) -> tensor<4x8xi1>
  return
}

// -----

// C2 of compare
func.func @f(%x: tensor<4x8xf32>) {
  // expected-error @below {{'moe.compare' op requires the same shape for all operands and results}}
  %y = moe.compare lt %x, %x : tensor<4x8xf32> -> tensor<8x4xi1>
  return
}

// -----

// C1 of select
func.func @f(%m: tensor<4x8xi1>, %x: tensor<4x8xf32>) {
  // expected-error @below {{'moe.select' op failed to verify that all of {a, b, y} have same type}}
  %y = "moe.select"(%m, %x, %x) : (tensor<4x8xi1>, tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf64>
  return
}

// -----

// C2 of select
func.func @f(%m: tensor<4xi1>, %x: tensor<4x8xf32>) {
  // expected-error @below {{'moe.select' op requires the same shape for all operands and results}}
  %y = moe.select %m, %x, %x : tensor<4xi1>, tensor<4x8xf32>
  return
}

// -----

// C1 of convert
func.func @f(%x: tensor<4x8xf32>) {
  // expected-error @below {{'moe.convert' op requires the same shape for all operands and results}}
  %y = moe.convert %x : tensor<4x8xf32> -> tensor<32xi32>
  return
}
