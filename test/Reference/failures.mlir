// RUN: moe-opt --moe-evaluate --split-input-file --verify-diagnostics %s

// What fails a run fails here, at the op.
func.func @gather(%table: tensor<3x2xf32>) -> tensor<2x2xf32> {
  %ids = moe.constant dense<[2, 3]> : tensor<2xi32>
  // expected-error @below {{id 3 is outside the table of 3 rows}}
  %y = moe.gather %table, %ids : tensor<3x2xf32>, tensor<2xi32> -> tensor<2x2xf32>
  return %y : tensor<2x2xf32>
}

// -----

func.func @scatter(%x: tensor<1x2xf32>) -> tensor<3x2xf32> {
  %ids = moe.constant dense<-1> : tensor<1xi32>
  // expected-error @below {{id -1 is outside the table of 3 rows}}
  %y = moe.scatter_add %ids, %x : tensor<1xi32>, tensor<1x2xf32> -> tensor<3x2xf32>
  return %y : tensor<3x2xf32>
}

// -----

// A table may have no rows.
func.func @empty(%table: tensor<0x2xf32>) -> tensor<1x2xf32> {
  %ids = moe.constant dense<0> : tensor<1xi32>
  // expected-error @below {{id 0 is outside the table of 0 rows}}
  %y = moe.gather %table, %ids : tensor<0x2xf32>, tensor<1xi32> -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// -----

func.func @loss(%z: tensor<2x4xf32>) -> tensor<2xf32> {
  %t = moe.constant dense<[3, 4]> : tensor<2xi32>
  // expected-error @below {{target 4 is outside the 4 classes}}
  %l = moe.cross_entropy %z, %t : tensor<2x4xf32>, tensor<2xi32> -> tensor<2xf32>
  return %l : tensor<2xf32>
}

// -----

func.func @gradient(%z: tensor<2x4xf32>, %g: tensor<2xf32>) -> tensor<2x4xf32> {
  %t = moe.constant dense<[3, -1]> : tensor<2xi32>
  // expected-error @below {{target -1 is outside the 4 classes}}
  %d = moe.cross_entropy_grad %z, %t, %g : tensor<2x4xf32>, tensor<2xi32>, tensor<2xf32>
  return %d : tensor<2x4xf32>
}

// -----

// Nothing outside the dialect has a meaning here.
func.func @other() -> tensor<1xf32> {
  // expected-error @below {{has no reference}}
  %y = arith.constant dense<1.0> : tensor<1xf32>
  return %y : tensor<1xf32>
}

// -----

// expected-error @below {{only a function of one block can be evaluated}}
func.func private @declared() -> tensor<1xf32>
