// RUN: moe-opt --split-input-file --verify-diagnostics %s

#id = affine_map<(i, j) -> (i, j)>
#i = affine_map<(i, j) -> (i)>
#t = affine_map<(i, j) -> (j, i)>
#m0 = affine_map<(m, n, k) -> (m, k)>
#m1 = affine_map<(m, n, k) -> (k, n)>
#m2 = affine_map<(m, n, k) -> (m, n)>
func.func @f(%a: tensor<4x8xf32>, %s: tensor<4x4xf32>) {
  // expected-error @below {{'kernel.slices' op C1: the region must go from the types of the operands to those of the results}}
  %y = kernel.slices(%a, %s : tensor<4x8xf32>, tensor<4x4xf32>) attributes {extents = array<i64: 4>, dims = [array<i64: 0>]} {
  ^bb0(%x: tensor<8x4xf32>, %q: tensor<4x4xf32>):
    %0 = kernel.row(%x : tensor<8x4xf32>) attributes {extents = array<i64: 8, 4>, maps = [#id, #id], row_rank = 1 : i64} {
    ^bb0(%e: f32):
      kernel.yield %e : f32
    } -> (tensor<8x4xf32>)
    kernel.yield %0 : tensor<8x4xf32>
  } -> (tensor<4x8xf32>)
  return
}

// -----

#id = affine_map<(i, j) -> (i, j)>
#i = affine_map<(i, j) -> (i)>
#t = affine_map<(i, j) -> (j, i)>
#m0 = affine_map<(m, n, k) -> (m, k)>
#m1 = affine_map<(m, n, k) -> (k, n)>
#m2 = affine_map<(m, n, k) -> (m, n)>
func.func @f(%a: tensor<4x8xf32>, %s: tensor<4x4xf32>) {
  // expected-error @below {{'kernel.slices' op C1: result #0 is not made inside, or yielded twice}}
  %y = kernel.slices(%a, %s : tensor<4x8xf32>, tensor<4x4xf32>) attributes {extents = array<i64: 4>, dims = [array<i64: 0>]} {
  ^bb0(%x: tensor<4x8xf32>, %q: tensor<4x4xf32>):
    %0 = kernel.row(%x : tensor<4x8xf32>) attributes {extents = array<i64: 4, 8>, maps = [#id, #id], row_rank = 1 : i64} {
    ^bb0(%e: f32):
      kernel.yield %e : f32
    } -> (tensor<4x8xf32>)
    kernel.yield %x : tensor<4x8xf32>
  } -> (tensor<4x8xf32>)
  return
}

// -----

#id = affine_map<(i, j) -> (i, j)>
#i = affine_map<(i, j) -> (i)>
#t = affine_map<(i, j) -> (j, i)>
#m0 = affine_map<(m, n, k) -> (m, k)>
#m1 = affine_map<(m, n, k) -> (k, n)>
#m2 = affine_map<(m, n, k) -> (m, n)>
func.func @f(%a: tensor<4x8xf32>, %s: tensor<4x4xf32>) {
  // expected-error @below {{'kernel.slices' op C2: needs the dims of each op, got 2}}
  %y = kernel.slices(%a, %s : tensor<4x8xf32>, tensor<4x4xf32>) attributes {extents = array<i64: 4>, dims = [array<i64: 0>, array<i64: 0>]} {
  ^bb0(%x: tensor<4x8xf32>, %q: tensor<4x4xf32>):
    %0 = kernel.row(%x : tensor<4x8xf32>) attributes {extents = array<i64: 4, 8>, maps = [#id, #id], row_rank = 1 : i64} {
    ^bb0(%e: f32):
      kernel.yield %e : f32
    } -> (tensor<4x8xf32>)
    kernel.yield %0 : tensor<4x8xf32>
  } -> (tensor<4x8xf32>)
  return
}

// -----

#id = affine_map<(i, j) -> (i, j)>
#i = affine_map<(i, j) -> (i)>
#t = affine_map<(i, j) -> (j, i)>
#m0 = affine_map<(m, n, k) -> (m, k)>
#m1 = affine_map<(m, n, k) -> (k, n)>
#m2 = affine_map<(m, n, k) -> (m, n)>
func.func @f(%a: tensor<4x8xf32>, %s: tensor<4x4xf32>) {
  // expected-error @below {{'kernel.slices' op C2: needs at least one extent, and all must be positive}}
  %y = kernel.slices(%a, %s : tensor<4x8xf32>, tensor<4x4xf32>) attributes {extents = array<i64>, dims = [array<i64>]} {
  ^bb0(%x: tensor<4x8xf32>, %q: tensor<4x4xf32>):
    %0 = kernel.row(%x : tensor<4x8xf32>) attributes {extents = array<i64: 4, 8>, maps = [#id, #id], row_rank = 1 : i64} {
    ^bb0(%e: f32):
      kernel.yield %e : f32
    } -> (tensor<4x8xf32>)
    kernel.yield %0 : tensor<4x8xf32>
  } -> (tensor<4x8xf32>)
  return
}

// -----

#id = affine_map<(i, j) -> (i, j)>
#i = affine_map<(i, j) -> (i)>
#t = affine_map<(i, j) -> (j, i)>
#m0 = affine_map<(m, n, k) -> (m, k)>
#m1 = affine_map<(m, n, k) -> (k, n)>
#m2 = affine_map<(m, n, k) -> (m, n)>
func.func @f(%a: tensor<4x8xf32>, %s: tensor<4x4xf32>) {
  // expected-error @below {{'kernel.slices' op C2: dims must be arrays of i64}}
  %y = kernel.slices(%a, %s : tensor<4x8xf32>, tensor<4x4xf32>) attributes {extents = array<i64: 4>, dims = [0]} {
  ^bb0(%x: tensor<4x8xf32>, %q: tensor<4x4xf32>):
    %0 = kernel.row(%x : tensor<4x8xf32>) attributes {extents = array<i64: 4, 8>, maps = [#id, #id], row_rank = 1 : i64} {
    ^bb0(%e: f32):
      kernel.yield %e : f32
    } -> (tensor<4x8xf32>)
    kernel.yield %0 : tensor<4x8xf32>
  } -> (tensor<4x8xf32>)
  return
}

// -----

#id = affine_map<(i, j) -> (i, j)>
#i = affine_map<(i, j) -> (i)>
#t = affine_map<(i, j) -> (j, i)>
#m0 = affine_map<(m, n, k) -> (m, k)>
#m1 = affine_map<(m, n, k) -> (k, n)>
#m2 = affine_map<(m, n, k) -> (m, n)>
func.func @f(%a: tensor<4x8xf32>, %s: tensor<4x4xf32>) {
  %y = kernel.slices(%a, %s : tensor<4x8xf32>, tensor<4x4xf32>) attributes {extents = array<i64: 8>, dims = [array<i64: 1>]} {
  ^bb0(%x: tensor<4x8xf32>, %q: tensor<4x4xf32>):
    // expected-error @below {{'kernel.row' op C2: dims [1] are not distinct parallel dimensions with the extents [8]}}
    %0 = kernel.row(%x : tensor<4x8xf32>) attributes {extents = array<i64: 4, 8>, maps = [#id, #id], row_rank = 1 : i64} {
    ^bb0(%e: f32):
      kernel.yield %e : f32
    } -> (tensor<4x8xf32>)
    kernel.yield %0 : tensor<4x8xf32>
  } -> (tensor<4x8xf32>)
  return
}

// -----

#id = affine_map<(i, j) -> (i, j)>
#i = affine_map<(i, j) -> (i)>
#t = affine_map<(i, j) -> (j, i)>
#m0 = affine_map<(m, n, k) -> (m, k)>
#m1 = affine_map<(m, n, k) -> (k, n)>
#m2 = affine_map<(m, n, k) -> (m, n)>
func.func @f(%a: tensor<4x8xf32>, %s: tensor<4x4xf32>) {
  %y = kernel.slices(%a, %s : tensor<4x8xf32>, tensor<4x4xf32>) attributes {extents = array<i64: 8>, dims = [array<i64: 0>]} {
  ^bb0(%x: tensor<4x8xf32>, %q: tensor<4x4xf32>):
    // expected-error @below {{'kernel.row' op C2: dims [0] are not distinct parallel dimensions with the extents [8]}}
    %0 = kernel.row(%x : tensor<4x8xf32>) attributes {extents = array<i64: 4, 8>, maps = [#id, #id], row_rank = 1 : i64} {
    ^bb0(%e: f32):
      kernel.yield %e : f32
    } -> (tensor<4x8xf32>)
    kernel.yield %0 : tensor<4x8xf32>
  } -> (tensor<4x8xf32>)
  return
}

// -----

#id = affine_map<(i, j) -> (i, j)>
#i = affine_map<(i, j) -> (i)>
#t = affine_map<(i, j) -> (j, i)>
#m0 = affine_map<(m, n, k) -> (m, k)>
#m1 = affine_map<(m, n, k) -> (k, n)>
#m2 = affine_map<(m, n, k) -> (m, n)>
func.func @f(%a: tensor<4x8xf32>, %s: tensor<4x4xf32>) {
  %y = kernel.slices(%a, %s : tensor<4x8xf32>, tensor<4x4xf32>) attributes {extents = array<i64: 4>, dims = [array<i64: 0>]} {
  ^bb0(%x: tensor<4x8xf32>, %q: tensor<4x4xf32>):
    // expected-error @below {{'kernel.view' op C2: is neither a row nor a contraction}}
    %0 = kernel.view %x : tensor<4x8xf32> -> tensor<4x8xf32>
    kernel.yield %0 : tensor<4x8xf32>
  } -> (tensor<4x8xf32>)
  return
}

// -----

#id = affine_map<(i, j) -> (i, j)>
#i = affine_map<(i, j) -> (i)>
#t = affine_map<(i, j) -> (j, i)>
#m0 = affine_map<(m, n, k) -> (m, k)>
#m1 = affine_map<(m, n, k) -> (k, n)>
#m2 = affine_map<(m, n, k) -> (m, n)>
func.func @f(%a: tensor<4x8xf32>, %s: tensor<4x4xf32>) {
  %y = kernel.slices(%a, %s : tensor<4x8xf32>, tensor<4x4xf32>) attributes {extents = array<i64: 4>, dims = [array<i64: 2>]} {
  ^bb0(%x: tensor<4x8xf32>, %q: tensor<4x4xf32>):
    // expected-error @below {{'kernel.contract' op C3: result #0 is not indexed by each of the dims}}
    %0 = kernel.contract %q, %x {extents = array<i64: 4, 8, 4>, maps = [#m0, #m1, #m2]} : tensor<4x4xf32>, tensor<4x8xf32> -> tensor<4x8xf32>
    kernel.yield %0 : tensor<4x8xf32>
  } -> (tensor<4x8xf32>)
  return
}

// -----

#id = affine_map<(i, j) -> (i, j)>
#i = affine_map<(i, j) -> (i)>
#t = affine_map<(i, j) -> (j, i)>
#m0 = affine_map<(m, n, k) -> (m, k)>
#m1 = affine_map<(m, n, k) -> (k, n)>
#m2 = affine_map<(m, n, k) -> (m, n)>
func.func @f(%a: tensor<4x8xf32>, %s: tensor<4x4xf32>) {
  %y = kernel.slices(%a, %s : tensor<4x8xf32>, tensor<4x4xf32>) attributes {extents = array<i64: 4>, dims = [array<i64: 0>, array<i64: 0>]} {
  ^bb0(%x: tensor<4x8xf32>, %q: tensor<4x4xf32>):
    %1 = kernel.row(%q : tensor<4x4xf32>) attributes {extents = array<i64: 4, 4>, maps = [#id, #id], row_rank = 0 : i64} {
    ^bb0(%e: f32):
      kernel.yield %e : f32
    } -> (tensor<4x4xf32>)
    // expected-error @below {{'kernel.row' op C4: operand #0 is made inside and not indexed by the dims as its result was}}
    %0 = kernel.row(%1 : tensor<4x4xf32>) attributes {extents = array<i64: 4, 4>, maps = [#t, #id], row_rank = 0 : i64} {
    ^bb0(%e: f32):
      kernel.yield %e : f32
    } -> (tensor<4x4xf32>)
    kernel.yield %0 : tensor<4x4xf32>
  } -> (tensor<4x4xf32>)
  return
}

// -----

#id = affine_map<(i, j) -> (i, j)>
#i = affine_map<(i, j) -> (i)>
#t = affine_map<(i, j) -> (j, i)>
#m0 = affine_map<(m, n, k) -> (m, k)>
#m1 = affine_map<(m, n, k) -> (k, n)>
#m2 = affine_map<(m, n, k) -> (m, n)>
func.func @f(%a: tensor<4x8xf32>, %s: tensor<4x4xf32>) {
  %y = kernel.slices(%a, %s : tensor<4x8xf32>, tensor<4x4xf32>) attributes {extents = array<i64: 4>, dims = [array<i64: 0>]} {
  ^bb0(%x: tensor<4x8xf32>, %q: tensor<4x4xf32>):
    // expected-error @below {{'kernel.contract' op C5: a guard depends on the dims}}
    %0 = kernel.contract %q, %x {extents = array<i64: 4, 8, 4>, guard_sizes = array<i64: 2>, guards = affine_map<(m, n, k) -> (m)>, maps = [#m0, #m1, #m2]} : tensor<4x4xf32>, tensor<4x8xf32> -> tensor<4x8xf32>
    kernel.yield %0 : tensor<4x8xf32>
  } -> (tensor<4x8xf32>)
  return
}

// -----

#id = affine_map<(i, j) -> (i, j)>
#i = affine_map<(i, j) -> (i)>
#t = affine_map<(i, j) -> (j, i)>
#m0 = affine_map<(m, n, k) -> (m, k)>
#m1 = affine_map<(m, n, k) -> (k, n)>
#m2 = affine_map<(m, n, k) -> (m, n)>
func.func @f(%a: tensor<4x8xf32>, %s: tensor<4x4xf32>) {
  %y = kernel.slices(%a, %s : tensor<4x8xf32>, tensor<4x4xf32>) attributes {extents = array<i64: 4>, dims = [array<i64: 0>, array<i64: 0>]} {
  ^bb0(%x: tensor<4x8xf32>, %q: tensor<4x4xf32>):
    %1 = kernel.row(%x : tensor<4x8xf32>) attributes {extents = array<i64: 4, 8>, maps = [#id, #id], row_rank = 0 : i64} {
    ^bb0(%e: f32):
      kernel.yield %e : f32
    } -> (tensor<4x8xf32>)
    // expected-error @below {{'kernel.contract' op C6: either both or none of init and the result must be private to the region}}
    %0 = kernel.contract %q, %x from %1 : tensor<4x8xf32> {extents = array<i64: 4, 8, 4>, maps = [#m0, #m1, #m2]} : tensor<4x4xf32>, tensor<4x8xf32> -> tensor<4x8xf32>
    kernel.yield %0 : tensor<4x8xf32>
  } -> (tensor<4x8xf32>)
  return
}
