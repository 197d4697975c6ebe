// RUN: moe-opt %s --moe-differentiate --split-input-file --verify-diagnostics

func.func private @unknown(tensor<f32>) -> tensor<f32>

func.func @noVjp(%w: tensor<f32> {moe.arg = {kind = "param", name = "w"}}) -> (tensor<f32> {moe.res = {kind = "objective", name = "o"}}) {
  // expected-error @below {{the objective depends on parameters through 'func.call', which has no gradient}}
  %y = func.call @unknown(%w) : (tensor<f32>) -> tensor<f32>
  return %y : tensor<f32>
}

// -----

func.func private @unknown(tensor<f32>) -> tensor<f32>

// The same op off the path is no obstacle.
func.func @offThePath(%w: tensor<f32> {moe.arg = {kind = "param", name = "w"}}, %x: tensor<f32>)
    -> (tensor<f32> {moe.res = {kind = "objective", name = "o"}}, tensor<f32> {moe.res = {kind = "probe", name = "p"}}) {
  %probe = func.call @unknown(%w) : (tensor<f32>) -> tensor<f32>
  %input = func.call @unknown(%x) : (tensor<f32>) -> tensor<f32>
  %y = moe.mul %w, %input : tensor<f32>
  return %y, %probe : tensor<f32>, tensor<f32>
}

// -----

// expected-error @below {{expected one result of kind 'objective', found 2}}
func.func @two(%w: tensor<f32> {moe.arg = {kind = "param", name = "w"}})
    -> (tensor<f32> {moe.res = {kind = "objective", name = "a"}}, tensor<f32> {moe.res = {kind = "objective", name = "b"}}) {
  return %w, %w : tensor<f32>, tensor<f32>
}

// -----

// expected-error @below {{the objective must be a float scalar, found 'tensor<4xf32>'}}
func.func @vector(%w: tensor<4xf32> {moe.arg = {kind = "param", name = "w"}}) -> (tensor<4xf32> {moe.res = {kind = "objective", name = "o"}}) {
  return %w : tensor<4xf32>
}

// -----

// expected-error @below {{a parameter needs a name and a float tensor type, found 'tensor<i32>'}}
func.func @integer(%w: tensor<i32> {moe.arg = {kind = "param", name = "w"}}, %x: tensor<f32>) -> (tensor<f32> {moe.res = {kind = "objective", name = "o"}}) {
  return %x : tensor<f32>
}

// -----

// expected-error @below {{'moe.micro_batches' must be a positive integer, found 0 : i64}}
func.func @noBatches(%w: tensor<f32> {moe.arg = {kind = "param", name = "w"}}) -> (tensor<f32> {moe.res = {kind = "objective", name = "o"}})
    attributes {moe.micro_batches = 0 : i64} {
  return %w : tensor<f32>
}

// -----

// expected-error @below {{already has gradients}}
func.func @again(%w: tensor<f32> {moe.arg = {kind = "param", name = "w"}}, %g: tensor<f32> {moe.arg = {kind = "grad", name = "w"}})
    -> (tensor<f32> {moe.res = {kind = "objective", name = "o"}}) attributes {moe.micro_batches = 2 : i64} {
  return %w : tensor<f32>
}
