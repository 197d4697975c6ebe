// RUN: moe-opt %s --split-input-file --kernel-print-plan --verify-diagnostics -o /dev/null

// expected-error @below {{argument #0 of a program needs a kind and a name}}
func.func @nameless(%a: tensor<4xf32>) { return }

// -----

// expected-error @below {{unknown kind "weight" of argument #0}}
func.func @kind(%a: tensor<4xf32> {moe.arg = {kind = "weight", name = "a"}}) { return }

// -----

// expected-error @below {{argument #0 has elements without a kernel: 'f64'}}
func.func @double(%a: tensor<4xf64> {moe.arg = {kind = "param", name = "a"}}) { return }

// -----

// expected-error @below {{argument #0 of a program must be a tensor, got 'f32'}}
func.func @scalar(%a: f32 {moe.arg = {kind = "param", name = "a"}}) { return }

// -----

// expected-error @below {{two arguments are param 'a'}}
func.func @twice(%a: tensor<4xf32> {moe.arg = {kind = "param", name = "a"}}, %b: tensor<4xf32> {moe.arg = {kind = "param", name = "a"}}) { return }

// -----

// expected-error @below {{two results are probe 'a'}}
func.func @results(%a: tensor<4xf32> {moe.arg = {kind = "param", name = "a"}})
    -> (tensor<4xf32> {moe.res = {kind = "probe", name = "a"}}, tensor<4xf32> {moe.res = {kind = "probe", name = "a"}}) {
  return %a, %a : tensor<4xf32>, tensor<4xf32>
}

// -----

// expected-error @below {{argument and result differ in type: state 'a'}}
func.func @types(%a: tensor<4xf32> {moe.arg = {kind = "state", name = "a"}}) -> (tensor<2x2xf32> {moe.res = {kind = "state", name = "a"}}) {
  %v = kernel.view %a : tensor<4xf32> -> tensor<2x2xf32>
  return %v : tensor<2x2xf32>
}

// -----

// expected-error @below {{unknown distribution "gamma"}}
func.func @init(%a: tensor<4xf32> {moe.arg = {kind = "param", name = "a", init = {dist = "gamma", value = 1.0 : f64}}}) { return }

// -----

func.func @foreign(%a: tensor<4xf32> {moe.arg = {kind = "param", name = "a"}}) -> (tensor<4xf32> {moe.res = {kind = "probe", name = "p"}}) {
  // expected-error @below {{is not a kernel: it cannot be launched}}
  %y = arith.negf %a : tensor<4xf32>
  return %y : tensor<4xf32>
}
