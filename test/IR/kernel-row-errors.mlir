// RUN: moe-opt --allow-unregistered-dialect --split-input-file --verify-diagnostics %s

func.func @f(%x: tensor<4x8xf32>) {
  // expected-error @below {{'kernel.row' op C1: needs one map an operand and a result, got 1}}
  %y = kernel.row (%x : tensor<4x8xf32>) attributes {extents = array<i64: 4, 8>, row_rank = 1, maps = [affine_map<(i, j) -> (i, j)>]} {
  ^bb0(%a: f32):
    kernel.yield %a : f32
  } -> (tensor<4x8xf32>)
  return
}

// -----

func.func @f(%x: tensor<4x8xf32>) {
  // expected-error @below {{'kernel.row' op C1: the map of operand #0 must go from 2 dimensions to 2, got affine_map<(d0, d1) -> (d0)>}}
  %y = kernel.row (%x : tensor<4x8xf32>) attributes {extents = array<i64: 4, 8>, row_rank = 1, maps = [affine_map<(i, j) -> (i)>, affine_map<(i, j) -> (i, j)>]} {
  ^bb0(%a: f32):
    kernel.yield %a : f32
  } -> (tensor<4x8xf32>)
  return
}

// -----

func.func @f(%x: tensor<4x8xf32>) {
  // expected-error @below {{'kernel.row' op C1: an index is a dimension, a constant or a dimension plus a constant, got affine_map<(d0, d1) -> (d0, d0 + d1)>}}
  %y = kernel.row (%x : tensor<4x8xf32>) attributes {extents = array<i64: 4, 8>, row_rank = 1, maps = [affine_map<(i, j) -> (i, i + j)>, affine_map<(i, j) -> (i, j)>]} {
  ^bb0(%a: f32):
    kernel.yield %a : f32
  } -> (tensor<4x8xf32>)
  return
}

// -----

func.func @f(%x: tensor<4x8xf32>) {
  // expected-error @below {{'kernel.row' op C1: the map of result #0 must permute the domain or its parallel dimensions, got affine_map<(d0, d1) -> (d0, 0)>}}
  %y = kernel.row (%x : tensor<4x8xf32>) attributes {extents = array<i64: 4, 8>, row_rank = 1, maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, 0)>]} {
  ^bb0(%a: f32):
    kernel.yield %a : f32
  } -> (tensor<4x1xf32>)
  return
}

// -----

// A result over the row alone
func.func @f(%x: tensor<4x8xf32>) {
  // expected-error @below {{'kernel.row' op C1: the map of result #0 must permute the domain or its parallel dimensions, got affine_map<(d0, d1) -> (d1)>}}
  %y = kernel.row (%x : tensor<4x8xf32>) attributes {extents = array<i64: 4, 8>, row_rank = 1, maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (j)>]} {
  ^bb0(%a: f32):
    kernel.yield %a : f32
  } -> (tensor<8xf32>)
  return
}

// -----

func.func @f(%x: tensor<4x8xf32>) {
  // expected-error @below {{'kernel.row' op C2: operand #0 of type 'tensor<4x8xf32>' is indexed outside by affine_map<(d0, d1) -> (d0, d1 + 1)>}}
  %y = kernel.row (%x : tensor<4x8xf32>) attributes {extents = array<i64: 4, 8>, row_rank = 1, maps = [affine_map<(i, j) -> (i, j + 1)>, affine_map<(i, j) -> (i, j)>]} {
  ^bb0(%a: f32):
    kernel.yield %a : f32
  } -> (tensor<4x8xf32>)
  return
}

// -----

func.func @f(%x: tensor<4x8xf32>) {
  // expected-error @below {{'kernel.row' op C2: result #0 of type 'tensor<4x9xf32>' does not have the extents of affine_map<(d0, d1) -> (d0, d1)>}}
  %y = kernel.row (%x : tensor<4x8xf32>) attributes {extents = array<i64: 4, 8>, row_rank = 1, maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>]} {
  ^bb0(%a: f32):
    kernel.yield %a : f32
  } -> (tensor<4x9xf32>)
  return
}

// -----

func.func @f(%x: tensor<4x8xf32>) {
  // expected-error @below {{'kernel.row' op C3: block argument #0 must be 'f32'}}
  %y = kernel.row (%x : tensor<4x8xf32>) attributes {extents = array<i64: 4, 8>, row_rank = 1, maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>]} {
  ^bb0(%a: i32):
    %f = arith.sitofp %a : i32 to f32
    kernel.yield %f : f32
  } -> (tensor<4x8xf32>)
  return
}

// -----

func.func @f(%x: tensor<4x8xf32>) {
  // expected-error @below {{'kernel.row' op C3: needs one block argument an operand and one yielded value a result}}
  %y = kernel.row (%x : tensor<4x8xf32>) attributes {extents = array<i64: 4, 8>, row_rank = 1, maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>]} {
  ^bb0(%a: f32):
    kernel.yield
  } -> (tensor<4x8xf32>)
  return
}

// -----

func.func @f(%x: tensor<4x8xf32>) {
  // expected-error @below {{'kernel.row' op C3: yielded value #0 must be 'i32'}}
  %y = kernel.row (%x : tensor<4x8xf32>) attributes {extents = array<i64: 4, 8>, row_rank = 1, maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>]} {
  ^bb0(%a: f32):
    kernel.yield %a : f32
  } -> (tensor<4x8xi32>)
  return
}

// -----

func.func @f(%x: tensor<4x8xf32>) {
  // expected-error @below {{'kernel.row' op C4: extents must be positive}}
  %y = kernel.row (%x : tensor<4x8xf32>) attributes {extents = array<i64: 4, 0>, row_rank = 1, maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>]} {
  ^bb0(%a: f32):
    kernel.yield %a : f32
  } -> (tensor<4x8xf32>)
  return
}

// -----

func.func @f(%x: tensor<4x8xf32>) {
  // expected-error @below {{'kernel.row' op C4: row_rank must be between 0 and the rank of the domain}}
  %y = kernel.row (%x : tensor<4x8xf32>) attributes {extents = array<i64: 4, 8>, row_rank = 3, maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>]} {
  ^bb0(%a: f32):
    kernel.yield %a : f32
  } -> (tensor<4x8xf32>)
  return
}

// -----

func.func @f(%x: tensor<4x8xf32>) {
  // expected-error @below {{'kernel.row' op C5: result #0 omits the row but its value varies along it}}
  %y = kernel.row (%x : tensor<4x8xf32>) attributes {extents = array<i64: 4, 8>, row_rank = 1, maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>]} {
  ^bb0(%a: f32):
    kernel.yield %a : f32
  } -> (tensor<4xf32>)
  return
}

// -----

func.func @f(%x: tensor<4x8xf32>) {
  // expected-error @below {{'kernel.row' op C5: result #0 omits the row but its value varies along it}}
  %y = kernel.row (%x : tensor<4x8xf32>) attributes {extents = array<i64: 4, 8>, row_rank = 1, maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>]} {
  ^bb0(%a: f32):
    %s = kernel.reduce sum %a : f32
    %d = arith.addf %s, %a : f32
    kernel.yield %d : f32
  } -> (tensor<4xf32>)
  return
}

// -----

func.func @f(%x: tensor<4x8xf32>) {
  %y = kernel.row (%x : tensor<4x8xf32>) attributes {extents = array<i64: 4, 8>, row_rank = 1, maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>]} {
  ^bb0(%a: f32):
    // expected-error @below {{'moe.constant' op C6: is not an op of a kernel.row region}}
    %c = moe.constant dense<1.0> : tensor<f32>
    kernel.yield %a : f32
  } -> (tensor<4x8xf32>)
  return
}

// -----

func.func @f(%x: tensor<4x8xf32>) {
  %y = kernel.row (%x : tensor<4x8xf32>) attributes {extents = array<i64: 4, 8>, row_rank = 1, maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>]} {
  ^bb0(%a: f32):
    // expected-error @below {{'kernel.index' op C6: dim = 2 is outside the domain}}
    %i = kernel.index 2
    kernel.yield %a : f32
  } -> (tensor<4x8xf32>)
  return
}

// -----

func.func @f(%x: tensor<4x8xf32>) {
  // expected-error @below {{'kernel.row' op C6: the region must end in kernel.yield}}
  %y = kernel.row (%x : tensor<4x8xf32>) attributes {extents = array<i64: 4, 8>, row_rank = 1, maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>]} {
  ^bb0(%a: f32):
    "test.end"() : () -> ()
  } -> (tensor<4x8xf32>)
  return
}

// -----

func.func @f(%x: tensor<4x8xf32>) {
  %y = kernel.row (%x : tensor<4x8xf32>) attributes {extents = array<i64: 4, 8>, row_rank = 1, maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>]} {
  ^bb0(%a: f32):
    // expected-error @below {{'kernel.index' op C6: dim = -1 is outside the domain}}
    %i = kernel.index -1
    kernel.yield %a : f32
  } -> (tensor<4x8xf32>)
  return
}

// -----

// No tensors inside
func.func @f(%x: tensor<4x8xf32>) {
  %y = kernel.row (%x : tensor<4x8xf32>) attributes {extents = array<i64: 4, 8>, row_rank = 1, maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>]} {
  ^bb0(%a: f32):
    // expected-error @below {{'arith.constant' op C6: is not an op of a kernel.row region}}
    %c = arith.constant dense<1.0> : tensor<4xf32>
    kernel.yield %a : f32
  } -> (tensor<4x8xf32>)
  return
}

// -----

// A bf16 is stored, not computed with
func.func @f(%x: tensor<4x8xbf16>) {
  %y = kernel.row (%x : tensor<4x8xbf16>) attributes {extents = array<i64: 4, 8>, row_rank = 1, maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>]} {
  ^bb0(%a: bf16):
    // expected-error @below {{'arith.addf' op C6: is not an op of a kernel.row region}}
    %b = arith.addf %a, %a : bf16
    kernel.yield %b : bf16
  } -> (tensor<4x8xbf16>)
  return
}

// -----

func.func @f(%x: tensor<4x8xf32>) {
  %y = kernel.row (%x : tensor<4x8xf32>) attributes {extents = array<i64: 4, 8>, row_rank = 1, maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>]} {
  ^bb0(%a: f32):
    // expected-error @below {{'arith.truncf' op C7: rounds an f32 to a bf16}}
    %b = arith.truncf %a : f32 to f16
    kernel.yield %a : f32
  } -> (tensor<4x8xf32>)
  return
}
