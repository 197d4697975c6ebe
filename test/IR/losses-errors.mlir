// RUN: moe-opt --split-input-file --verify-diagnostics %s

func.func @f(%z: tensor<f32>, %t: tensor<i32>) {
  // expected-error @below {{'moe.cross_entropy' op C1: logits must have at least rank 1, got 'tensor<f32>'}}
  %l = moe.cross_entropy %z, %t : tensor<f32>, tensor<i32> -> tensor<f32>
  return
}

// -----

func.func @f(%z: tensor<6x7xf32>, %t: tensor<7xi32>) {
  // expected-error @below {{'moe.cross_entropy' op C1: targets must be 'tensor<6xi32>', got 'tensor<7xi32>'}}
  %l = moe.cross_entropy %z, %t : tensor<6x7xf32>, tensor<7xi32> -> tensor<6xf32>
  return
}

// -----

func.func @f(%z: tensor<6x7xf32>, %t: tensor<6xi32>) {
  // expected-error @below {{'moe.cross_entropy' op C1: the result must be 'tensor<6xf32>', got 'tensor<6xf64>'}}
  %l = moe.cross_entropy %z, %t : tensor<6x7xf32>, tensor<6xi32> -> tensor<6xf64>
  return
}

// -----

func.func @f(%z: tensor<6x7xf32>, %t: tensor<6xi32>, %g: tensor<f32>) {
  // expected-error @below {{'moe.cross_entropy_grad' op C1: g must be 'tensor<6xf32>', got 'tensor<f32>'}}
  %l = moe.cross_entropy_grad %z, %t, %g : tensor<6x7xf32>, tensor<6xi32>, tensor<f32>
  return
}

// -----

func.func @f(%z: tensor<6x7xf32>, %t: tensor<2x3xi32>, %g: tensor<6xf32>) {
  // expected-error @below {{'moe.cross_entropy_grad' op C1: targets must be 'tensor<6xi32>', got 'tensor<2x3xi32>'}}
  %l = moe.cross_entropy_grad %z, %t, %g : tensor<6x7xf32>, tensor<2x3xi32>, tensor<6xf32>
  return
}
