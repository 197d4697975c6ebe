// RUN: moe-opt --split-input-file --verify-diagnostics %s

func.func @f(%x: tensor<4x8xf32>) {
  // expected-error @below {{'moe.momentum' op C1: block arguments ('tensor<4x8xf32>') must have the types of the operands ('tensor<4x8xf32>', 'tensor<4x8xf32>')}}
  %y = moe.momentum "Rule"(%x, %x : tensor<4x8xf32>, tensor<4x8xf32>) {
  ^bb0(%a: tensor<4x8xf32>):
    moe.yield %a : tensor<4x8xf32>
  } -> (tensor<4x8xf32>)
  return
}

// -----

func.func @f(%x: tensor<4x8xf32>) {
  // expected-error @below {{'moe.momentum' op C2: yielded types ('tensor<4x8xi1>') must be the result types ('tensor<4x8xf32>')}}
  %y = moe.momentum "Rule"(%x, %x : tensor<4x8xf32>, tensor<4x8xf32>) {
  ^bb0(%a: tensor<4x8xf32>, %b: tensor<4x8xf32>):
    %m = moe.compare lt %a, %b : tensor<4x8xf32> -> tensor<4x8xi1>
    moe.yield %m : tensor<4x8xi1>
  } -> (tensor<4x8xf32>)
  return
}

// -----

func.func @f(%x: tensor<4x8xf32>) {
  // expected-error @below {{'moe.momentum' op C2: yielded types ('tensor<4x8xf32>', 'tensor<4x8xf32>') must be the result types ('tensor<4x8xf32>')}}
  %y = moe.momentum "Rule"(%x, %x : tensor<4x8xf32>, tensor<4x8xf32>) {
  ^bb0(%a: tensor<4x8xf32>, %b: tensor<4x8xf32>):
    moe.yield %a, %b : tensor<4x8xf32>, tensor<4x8xf32>
  } -> (tensor<4x8xf32>)
  return
}

// -----

func.func @f(%x: tensor<4x8xf32>) {
  %y = moe.momentum "Rule"(%x : tensor<4x8xf32>) {
  ^bb0(%a: tensor<4x8xf32>):
    // expected-error @below {{'moe.softmax' op C3: is neither elementwise nor a constant}}
    %p = moe.softmax %a : tensor<4x8xf32>
    moe.yield %p : tensor<4x8xf32>
  } -> (tensor<4x8xf32>)
  return
}

// -----

func.func @f(%x: tensor<4x8xf32>) {
  // expected-error @below {{'moe.momentum' op C3: the region must end in moe.yield}}
  %y = moe.momentum "Rule"(%x : tensor<4x8xf32>) {
  ^bb0(%a: tensor<4x8xf32>):
    kernel.yield
  } -> (tensor<4x8xf32>)
  return
}

// -----

func.func @f(%x: tensor<4x8xf32>) {
  %y = moe.momentum "Rule"(%x : tensor<4x8xf32>) {
  ^bb0(%a: tensor<4x8xf32>):
    // expected-error @below {{'moe.constant' op C4: 'tensor<f32>' differs in shape from the other tensors of the rule}}
    %mu = moe.constant dense<0.7> : tensor<f32>
    moe.yield %a : tensor<4x8xf32>
  } -> (tensor<4x8xf32>)
  return
}

// -----

func.func @f(%x: tensor<4x8xf32>, %s: tensor<8xf32>) {
  // expected-error @below {{'moe.momentum' op C4: 'tensor<8xf32>' differs in shape from the other tensors of the rule}}
  %y = moe.momentum "Rule"(%x, %s : tensor<4x8xf32>, tensor<8xf32>) {
  ^bb0(%a: tensor<4x8xf32>, %b: tensor<8xf32>):
    moe.yield %a : tensor<4x8xf32>
  } -> (tensor<4x8xf32>)
  return
}

// -----

func.func @f(%x: tensor<4x8xf32>) {
  // expected-error @below {{'moe.yield' op expects parent op 'moe.momentum'}}
  moe.yield %x : tensor<4x8xf32>
}
