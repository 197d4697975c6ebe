// RUN: moe-opt --convert-moe-to-kernel --split-input-file --verify-diagnostics %s

// expected-error @below {{f64 is not supported in kernels: the program must be f32}}
func.func @argument(%x: tensor<4xf64>) {
  return
}

// -----

func.func @inside(%x: tensor<4xi32>) {
  // expected-error @below {{f64 is not supported in kernels: the program must be f32}}
  %y = moe.convert %x : tensor<4xi32> -> tensor<4xf64>
  return
}

// -----

// expected-error @below {{a routing does not cross the boundary of a program}}
func.func @routing_argument(%r: !moe.routing<tokens = 8, experts = 4, rows = 16>) {
  return
}
