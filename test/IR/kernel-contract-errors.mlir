// RUN: moe-opt --split-input-file --verify-diagnostics %s

func.func @f(%a: tensor<4x8xf32>, %b: tensor<8x6xf32>) {
  // expected-error @below {{'kernel.contract' op C1: needs three maps, got 2}}
  %y = kernel.contract %a, %b {extents = array<i64: 4, 6, 8>, maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>]} : tensor<4x8xf32>, tensor<8x6xf32> -> tensor<4x6xf32>
  return
}

// -----

func.func @f(%a: tensor<4x8xf32>, %b: tensor<8x6xf32>) {
  // expected-error @below {{'kernel.contract' op C1: map #0 must go from 3 dimensions to 2, got affine_map<(d0, d1) -> (d0, d1)>}}
  %y = kernel.contract %a, %b {extents = array<i64: 4, 6, 8>, maps = [affine_map<(m, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>]} : tensor<4x8xf32>, tensor<8x6xf32> -> tensor<4x6xf32>
  return
}

// -----

func.func @f(%a: tensor<4x8xf32>, %b: tensor<8x6xf32>) {
  // expected-error @below {{'kernel.contract' op C1: map #0 is not linear: affine_map<(d0, d1, d2) -> (d0, d2 mod 4)>}}
  %y = kernel.contract %a, %b {extents = array<i64: 4, 6, 8>, maps = [affine_map<(m, n, k) -> (m, k mod 4)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>]} : tensor<4x8xf32>, tensor<8x6xf32> -> tensor<4x6xf32>
  return
}

// -----

func.func @f(%a: tensor<4x8xf32>, %b: tensor<8x6xf32>) {
  // expected-error @below {{'kernel.contract' op C2: the result's map must be a projected permutation, got affine_map<(d0, d1, d2) -> (d0, d0)>}}
  %y = kernel.contract %a, %b {extents = array<i64: 4, 6, 8>, maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, m)>]} : tensor<4x8xf32>, tensor<8x6xf32> -> tensor<4x4xf32>
  return
}

// -----

func.func @f(%a: tensor<4x8xf32>, %b: tensor<8x6xf32>) {
  // expected-error @below {{'kernel.contract' op C2: the result 'tensor<5x6xf32>' does not have the extents of affine_map<(d0, d1, d2) -> (d0, d1)>}}
  %y = kernel.contract %a, %b {extents = array<i64: 4, 6, 8>, maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>]} : tensor<4x8xf32>, tensor<8x6xf32> -> tensor<5x6xf32>
  return
}

// -----

func.func @f(%a: tensor<4x8xf32>, %b: tensor<8x6xf32>) {
  // expected-error @below {{'kernel.contract' op C3: 'tensor<4x8xf32>' is indexed outside by affine_map<(d0, d1, d2) -> (d0, d2)>}}
  %y = kernel.contract %a, %b {extents = array<i64: 4, 6, 9>, maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>]} : tensor<4x8xf32>, tensor<8x6xf32> -> tensor<4x6xf32>
  return
}

// -----

// The guard lets one index too many through
func.func @f(%a: tensor<19xf32>, %b: tensor<3xf32>) {
  // expected-error @below {{'kernel.contract' op C3: 'tensor<19xf32>' is indexed outside by affine_map<(d0, d1) -> (d0 - d1)>}}
  %y = kernel.contract %a, %b {extents = array<i64: 24, 3>, maps = [affine_map<(u, j) -> (u - j)>, affine_map<(u, j) -> (j)>, affine_map<(u, j) -> (u)>],
    guards = affine_map<(u, j) -> (u - j)>, guard_sizes = array<i64: 20>} : tensor<19xf32>, tensor<3xf32> -> tensor<24xf32>
  return
}

// -----

// Nothing keeps the index from falling below 0
func.func @f(%a: tensor<19xf32>, %b: tensor<3xf32>) {
  // expected-error @below {{'kernel.contract' op C3: 'tensor<19xf32>' is indexed outside by affine_map<(d0, d1) -> (d0 - d1 * 2)>}}
  %y = kernel.contract %a, %b {extents = array<i64: 19, 3>, maps = [affine_map<(u, j) -> (u - j * 2)>, affine_map<(u, j) -> (j)>, affine_map<(u, j) -> (u)>],
    guards = affine_map<(u, j) -> (u - j)>, guard_sizes = array<i64: 19>} : tensor<19xf32>, tensor<3xf32> -> tensor<19xf32>
  return
}

// -----

func.func @f(%a: tensor<4x8xf32>, %b: tensor<8x6xf32>, %i: tensor<6x4xf32>) {
  // expected-error @below {{'kernel.contract' op C4: init must be 'tensor<4x6xf32>', got 'tensor<6x4xf32>'}}
  %y = kernel.contract %a, %b from %i : tensor<6x4xf32> {extents = array<i64: 4, 6, 8>, maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>]} : tensor<4x8xf32>, tensor<8x6xf32> -> tensor<4x6xf32>
  return
}

// -----

func.func @f(%a: tensor<4x8xf32>, %b: tensor<8x6xf32>) {
  // expected-error @below {{'kernel.contract' op C5: extents must be positive}}
  %y = kernel.contract %a, %b {extents = array<i64: 4, 6, 0>, maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>]} : tensor<4x8xf32>, tensor<8x6xf32> -> tensor<4x6xf32>
  return
}

// -----

func.func @f(%a: tensor<4x8xf32>, %b: tensor<8x6xf32>) {
  // expected-error @below {{'kernel.contract' op C6: guards need one size each and a map over the domain}}
  %y = kernel.contract %a, %b {extents = array<i64: 4, 6, 8>, maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>], guards = affine_map<(m, n, k) -> (m - k)>} : tensor<4x8xf32>, tensor<8x6xf32> -> tensor<4x6xf32>
  return
}

// -----

func.func @f(%a: tensor<4x8xf32>, %b: tensor<8x6xf32>) {
  // expected-error @below {{'kernel.contract' op C6: guards need one size each and a map over the domain}}
  %y = kernel.contract %a, %b {extents = array<i64: 4, 6, 8>, maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>], guards = affine_map<(m, n, k) -> (m - k)>, guard_sizes = array<i64: 4, 4>} : tensor<4x8xf32>, tensor<8x6xf32> -> tensor<4x6xf32>
  return
}

// -----

func.func @f(%a: tensor<4x8xf32>, %b: tensor<8x6xf32>) {
  // expected-error @below {{'kernel.contract' op C6: guards are not linear: affine_map<(d0, d1, d2) -> (d2 mod 2)>}}
  %y = kernel.contract %a, %b {extents = array<i64: 4, 6, 8>, maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>], guards = affine_map<(m, n, k) -> (k mod 2)>, guard_sizes = array<i64: 1>} : tensor<4x8xf32>, tensor<8x6xf32> -> tensor<4x6xf32>
  return
}

// -----

func.func @f(%a: tensor<4x8xf32>, %b: tensor<8x6xf32>) {
  // expected-error @below {{'kernel.contract' op C6: guards need one size each and a map over the domain}}
  %y = kernel.contract %a, %b {extents = array<i64: 4, 6, 8>, maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>], guards = affine_map<(m, n, k)[s] -> (m - s)>, guard_sizes = array<i64: 4>} : tensor<4x8xf32>, tensor<8x6xf32> -> tensor<4x6xf32>
  return
}

// -----

func.func @f(%x: tensor<8x5xf32>, %w: tensor<3x5x6xf32>, %o: tensor<4xi32>) {
  // expected-error @below {{'kernel.grouped_contract' op C1: extents of 'tensor<8x5xf32>', 'tensor<3x5x6xf32>' and 'tensor<8x5xf32>' do not agree}}
  %y = kernel.grouped_contract %x, %w, %o : tensor<8x5xf32>, tensor<3x5x6xf32>, tensor<4xi32> -> tensor<8x5xf32>
  return
}

// -----

func.func @f(%x: tensor<40xf32>, %w: tensor<3x5x6xf32>, %o: tensor<4xi32>) {
  // expected-error @below {{'kernel.grouped_contract' op C1: needs x [R, i], w [E, i, o] and y [R, o]}}
  %y = kernel.grouped_contract %x, %w, %o : tensor<40xf32>, tensor<3x5x6xf32>, tensor<4xi32> -> tensor<8x6xf32>
  return
}

// -----

func.func @f(%x: tensor<8x5xf32>, %w: tensor<3x5x6xf32>, %o: tensor<3xi32>) {
  // expected-error @below {{'kernel.grouped_contract' op C2: offsets must be 'tensor<4xi32>', got 'tensor<3xi32>'}}
  %y = kernel.grouped_contract %x, %w, %o : tensor<8x5xf32>, tensor<3x5x6xf32>, tensor<3xi32> -> tensor<8x6xf32>
  return
}

// -----

func.func @f(%x: tensor<8x5xf32>, %o: tensor<4xi32>) {
  // expected-error @below {{'kernel.grouped_outer' op C1: extents of 'tensor<8x5xf32>', 'tensor<8x5xf32>' and 'tensor<3x5x6xf32>' do not agree}}
  %w = kernel.grouped_outer %x, %x, %o : tensor<8x5xf32>, tensor<8x5xf32>, tensor<4xi32> -> tensor<3x5x6xf32>
  return
}

// -----

func.func @f(%x: tensor<8x5xf32>, %o: tensor<4xi32>) {
  // expected-error @below {{'kernel.grouped_outer' op C1: needs a [R, i], b [R, o] and w [E, i, o]}}
  %w = kernel.grouped_outer %x, %x, %o : tensor<8x5xf32>, tensor<8x5xf32>, tensor<4xi32> -> tensor<3x25xf32>
  return
}

// -----

func.func @f(%x: tensor<8x5xf32>, %o: tensor<4xi32>) {
  // expected-error @below {{'kernel.grouped_outer' op C2: offsets must be 'tensor<5xi32>', got 'tensor<4xi32>'}}
  %w = kernel.grouped_outer %x, %x, %o : tensor<8x5xf32>, tensor<8x5xf32>, tensor<4xi32> -> tensor<4x5x5xf32>
  return
}

// -----

func.func @f(%a: tensor<4x8xf32>, %b: tensor<8x5xbf16>) {
  // expected-error @below {{'kernel.contract' op C7: factors must have the same element type, got 'f32' and 'bf16'}}
  %y = kernel.contract %a, %b {extents = array<i64: 4, 5, 8>, maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>]}
    : tensor<4x8xf32>, tensor<8x5xbf16> -> tensor<4x5xf32>
  return
}

// -----

func.func @f(%x: tensor<4x8xbf16>, %w: tensor<2x8x5xf32>, %offsets: tensor<3xi32>) {
  // expected-error @below {{'kernel.grouped_contract' op C3: factors must have the same element type, got 'bf16' and 'f32'}}
  %y = kernel.grouped_contract %x, %w, %offsets : tensor<4x8xbf16>, tensor<2x8x5xf32>, tensor<3xi32> -> tensor<4x5xf32>
  return
}

// -----

func.func @f(%a: tensor<4x8xbf16>, %b: tensor<4x5xf32>, %offsets: tensor<3xi32>) {
  // expected-error @below {{'kernel.grouped_outer' op C3: factors must have the same element type, got 'bf16' and 'f32'}}
  %y = kernel.grouped_outer %a, %b, %offsets : tensor<4x8xbf16>, tensor<4x5xf32>, tensor<3xi32> -> tensor<2x8x5xf32>
  return
}

// -----

func.func @f(%x: tensor<8x5xf32>, %w: tensor<3x5x6xf32>, %o: tensor<4xi32>, %i: tensor<7xi32>) {
  // expected-error @below {{'kernel.grouped_contract' op C1: extents of 'tensor<8x5xf32>', 'tensor<3x5x6xf32>' and 'tensor<8x6xf32>' do not agree}}
  %y = kernel.grouped_contract %x[%i : tensor<7xi32>], %w, %o : tensor<8x5xf32>, tensor<3x5x6xf32>, tensor<4xi32> -> tensor<8x6xf32>
  return
}

// -----

func.func @f(%x: tensor<8x5xf32>, %w: tensor<3x5x6xf32>, %o: tensor<4xi32>, %b: tensor<3x6xf32>) {
  // expected-error @below {{'kernel.grouped_contract' op C4: without a region there are no ins and one result of f32}}
  %y = kernel.grouped_contract %x, %w, %o with(%b : tensor<3x6xf32>) {maps = [affine_map<(e, r, o) -> (e, o)>]} : tensor<8x5xf32>, tensor<3x5x6xf32>, tensor<4xi32> -> tensor<8x6xf32>
  return
}

// -----

func.func @f(%x: tensor<8x5xf32>, %w: tensor<3x5x6xf32>, %o: tensor<4xi32>, %b: tensor<3x6xf32>) {
  // expected-error @below {{'kernel.grouped_contract' op C4: needs one map an element of ins, got 0}}
  %y = kernel.grouped_contract %x, %w, %o with(%b : tensor<3x6xf32>) : tensor<8x5xf32>, tensor<3x5x6xf32>, tensor<4xi32> -> tensor<8x6xf32> {
  ^bb0(%p: f32, %c: f32):
    kernel.yield %c : f32
  }
  return
}

// -----

func.func @f(%x: tensor<8x5xf32>, %w: tensor<3x5x6xf32>, %o: tensor<4xi32>, %b: tensor<3x6xf32>) {
  // expected-error @below {{'kernel.grouped_contract' op C4: element #0 of ins, 'tensor<3x6xf32>', is not what affine_map<(d0, d1, d2) -> (d1, d2)> makes of [3, 8, 6]}}
  %y = kernel.grouped_contract %x, %w, %o with(%b : tensor<3x6xf32>) {maps = [affine_map<(e, r, o) -> (r, o)>]} : tensor<8x5xf32>, tensor<3x5x6xf32>, tensor<4xi32> -> tensor<8x6xf32> {
  ^bb0(%p: f32, %c: f32):
    kernel.yield %c : f32
  }
  return
}

// -----

func.func @f(%x: tensor<8x5xf32>, %w: tensor<3x5x6xf32>, %o: tensor<4xi32>) {
  // expected-error @below {{'kernel.grouped_contract' op C5: the region must go from p and an element of each of ins to one of each result}}
  %y = kernel.grouped_contract %x, %w, %o {maps = []} : tensor<8x5xf32>, tensor<3x5x6xf32>, tensor<4xi32> -> tensor<8x6xi1> {
  ^bb0(%p: f32):
    kernel.yield %p : f32
  }
  return
}

// -----

func.func @f(%x: tensor<8x5xf32>, %w: tensor<3x5x6xf32>, %o: tensor<4xi32>) {
  %y = kernel.grouped_contract %x, %w, %o {maps = []} : tensor<8x5xf32>, tensor<3x5x6xf32>, tensor<4xi32> -> tensor<8x6xi32> {
  ^bb0(%p: f32):
    // expected-error @below {{'kernel.index' op C6: is not an op of the region of a kernel.grouped_contract}}
    %i = kernel.index 3
    kernel.yield %i : i32
  }
  return
}

// -----

func.func @f(%x: tensor<8x5xf32>, %o: tensor<4xi32>, %i: tensor<8x1xi32>) {
  // expected-error @below {{'kernel.grouped_outer' op C1: needs a [R, i], b [R, o] and w [E, i, o]}}
  %w = kernel.grouped_outer %x, %x[%i : tensor<8x1xi32>], %o : tensor<8x5xf32>, tensor<8x5xf32>, tensor<4xi32> -> tensor<3x5x5xf32>
  return
}
