// RUN: moe-opt --split-input-file --verify-diagnostics %s

func.func @f(%x: tensor<4x8xf32>) {
  // expected-error @below {{'moe.reduce' op C1: dims = [2] must increase strictly and stay inside 'tensor<4x8xf32>'}}
  %y = moe.reduce sum %x {dims = array<i64: 2>} : tensor<4x8xf32> -> tensor<4xf32>
  return
}

// -----

func.func @f(%x: tensor<4x8xf32>) {
  // expected-error @below {{'moe.reduce' op C1: dims = [1, 1] must increase strictly and stay inside 'tensor<4x8xf32>'}}
  %y = moe.reduce sum %x {dims = array<i64: 1, 1>} : tensor<4x8xf32> -> tensor<4xf32>
  return
}

// -----

func.func @f(%x: tensor<4x8xf32>) {
  // expected-error @below {{'moe.reduce' op C2: the result must be 'tensor<4xf32>', got 'tensor<8xf32>'}}
  %y = moe.reduce sum %x {dims = array<i64: 1>} : tensor<4x8xf32> -> tensor<8xf32>
  return
}

// -----

func.func @f(%x: tensor<4x8xf32>) {
  // expected-error @below {{'moe.reduce' op C3: the result must be 'tensor<4xf32>', got 'tensor<4xi32>'}}
  %y = moe.reduce sum %x {dims = array<i64: 1>} : tensor<4x8xf32> -> tensor<4xi32>
  return
}

// -----

func.func @f(%x: tensor<4x8xf32>) {
  // expected-error @below {{'moe.cumsum' op C1: dim = 2 is not a dimension of 'tensor<4x8xf32>'}}
  %y = moe.cumsum %x {dim = 2} : tensor<4x8xf32>
  return
}

// -----

func.func @f(%s: tensor<f32>) {
  // expected-error @below {{'moe.softmax' op C1: the operand must have at least rank 1, got 'tensor<f32>'}}
  %y = moe.softmax %s : tensor<f32>
  return
}

// -----

func.func @f(%s: tensor<f32>) {
  // expected-error @below {{'moe.logsumexp' op C1: the operand must have at least rank 1, got 'tensor<f32>'}}
  %y = moe.logsumexp %s : tensor<f32> -> tensor<f32>
  return
}

// -----

func.func @f(%x: tensor<4x8xf32>) {
  // expected-error @below {{'moe.logsumexp' op C1: the result must be 'tensor<4xf32>', got 'tensor<8xf32>'}}
  %y = moe.logsumexp %x : tensor<4x8xf32> -> tensor<8xf32>
  return
}

// -----

func.func @f(%s: tensor<f32>) {
  // expected-error @below {{'moe.normalize' op C1: the operand must have at least rank 1, got 'tensor<f32>'}}
  %y = moe.normalize %s {eps = 0.0 : f64} : tensor<f32>
  return
}

// -----

func.func @f(%x: tensor<4x8xf32>) {
  // expected-error @below {{'moe.normalize' op C2: eps = -1.000000e+00 must not be negative}}
  %y = moe.normalize %x {eps = -1.0 : f64} : tensor<4x8xf32>
  return
}
