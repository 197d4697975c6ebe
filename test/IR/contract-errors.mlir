// RUN: moe-opt --split-input-file --verify-diagnostics %s

func.func @f(%q: tensor<8x16xf32>, %k: tensor<11x16xf32>) {
  // expected-error @below {{'moe.contract' op C1: needs one or two operands, got 3}}
  %s = moe.contract %q, %k, %q {extents = array<i64: 8, 4, 16>, maps = [affine_map<(t, j, c) -> (t, c)>, affine_map<(t, j, c) -> (t + j, c)>, affine_map<(t, j, c) -> (t, j)>]}
    : tensor<8x16xf32>, tensor<11x16xf32>, tensor<8x16xf32> -> tensor<8x4xf32>
  return
}

// -----

func.func @f(%q: tensor<8x16xf32>, %k: tensor<11x16xf32>) {
  // expected-error @below {{'moe.contract' op C2: needs 3 maps, got 2}}
  %s = moe.contract %q, %k {extents = array<i64: 8, 4, 16>, maps = [affine_map<(t, j, c) -> (t, c)>, affine_map<(t, j, c) -> (t + j, c)>]}
    : tensor<8x16xf32>, tensor<11x16xf32> -> tensor<8x4xf32>
  return
}

// -----

func.func @f(%q: tensor<8x16xf32>, %k: tensor<11x16xf32>) {
  // expected-error @below {{'moe.contract' op C2: map #0 must have 3 dimensions and no symbols, got affine_map<(d0, d1) -> (d0, d1)>}}
  %s = moe.contract %q, %k {extents = array<i64: 8, 4, 16>, maps = [affine_map<(t, c) -> (t, c)>, affine_map<(t, j, c) -> (t + j, c)>, affine_map<(t, j, c) -> (t, j)>]}
    : tensor<8x16xf32>, tensor<11x16xf32> -> tensor<8x4xf32>
  return
}

// -----

func.func @f(%q: tensor<8x16xf32>, %k: tensor<11x16xf32>) {
  // expected-error @below {{'moe.contract' op C2: map #0 must have 3 dimensions and no symbols, got affine_map<(d0, d1, d2)[s0] -> (d0, d2 + s0)>}}
  %s = moe.contract %q, %k {extents = array<i64: 8, 4, 16>, maps = [affine_map<(t, j, c)[s] -> (t, c + s)>, affine_map<(t, j, c) -> (t + j, c)>, affine_map<(t, j, c) -> (t, j)>]}
    : tensor<8x16xf32>, tensor<11x16xf32> -> tensor<8x4xf32>
  return
}

// -----

func.func @f(%q: tensor<8x16xf32>, %k: tensor<11x16xf32>) {
  // expected-error @below {{'moe.contract' op C2: map #1 must be linear with integer coefficients and within 64 bits, got affine_map<(d0, d1, d2) -> (d0 floordiv 2, d2)>}}
  %s = moe.contract %q, %k {extents = array<i64: 8, 4, 16>, maps = [affine_map<(t, j, c) -> (t, c)>, affine_map<(t, j, c) -> (t floordiv 2, c)>, affine_map<(t, j, c) -> (t, j)>]}
    : tensor<8x16xf32>, tensor<11x16xf32> -> tensor<8x4xf32>
  return
}

// -----

func.func @f(%q: tensor<8x16xf32>, %k: tensor<11x16xf32>) {
  // expected-error @below {{'moe.contract' op C3: map #1 must have one result for each dimension of 'tensor<11x16xf32>', got affine_map<(d0, d1, d2) -> (d0 + d1)>}}
  %s = moe.contract %q, %k {extents = array<i64: 8, 4, 16>, maps = [affine_map<(t, j, c) -> (t, c)>, affine_map<(t, j, c) -> (t + j)>, affine_map<(t, j, c) -> (t, j)>]}
    : tensor<8x16xf32>, tensor<11x16xf32> -> tensor<8x4xf32>
  return
}

// -----

// 4 * 2^62 is 0 modulo 2^64, and so would be every index
func.func @f(%x: tensor<4xf32>) {
  // expected-error @below {{'moe.contract' op C2: map #0 must be linear with integer coefficients and within 64 bits, got affine_map<(d0) -> (d0 * 4611686018427387904)>}}
  %y = moe.contract %x {extents = array<i64: 5>, maps = [affine_map<(i) -> (i * 4611686018427387904)>, affine_map<(i) -> (0)>]} : tensor<4xf32> -> tensor<4xf32>
  return
}

// -----

// The last window ends one behind the keys
func.func @f(%q: tensor<8x16xf32>, %k: tensor<11x16xf32>) {
  // expected-error @below {{'moe.contract' op C4: map #1 reaches index 11 of an extent of 11 of 'tensor<11x16xf32>'}}
  %s = moe.contract %q, %k {extents = array<i64: 8, 5, 16>, maps = [affine_map<(t, j, c) -> (t, c)>, affine_map<(t, j, c) -> (t + j, c)>, affine_map<(t, j, c) -> (t, j)>]}
    : tensor<8x16xf32>, tensor<11x16xf32> -> tensor<8x5xf32>
  return
}

// -----

func.func @f(%q: tensor<8x16xf32>, %k: tensor<11x16xf32>) {
  // expected-error @below {{'moe.contract' op C4: map #1 reaches index -3 of an extent of 11 of 'tensor<11x16xf32>'}}
  %s = moe.contract %q, %k {extents = array<i64: 8, 4, 16>, maps = [affine_map<(t, j, c) -> (t, c)>, affine_map<(t, j, c) -> (t - j, c)>, affine_map<(t, j, c) -> (t, j)>]}
    : tensor<8x16xf32>, tensor<11x16xf32> -> tensor<8x4xf32>
  return
}

// -----

func.func @f(%q: tensor<8x16xf32>, %k: tensor<11x16xf32>) {
  // expected-error @below {{'moe.contract' op C4: map #2 reaches index 3 of an extent of 3 of 'tensor<8x3xf32>'}}
  %s = moe.contract %q, %k {extents = array<i64: 8, 4, 16>, maps = [affine_map<(t, j, c) -> (t, c)>, affine_map<(t, j, c) -> (t + j, c)>, affine_map<(t, j, c) -> (t, j)>]}
    : tensor<8x16xf32>, tensor<11x16xf32> -> tensor<8x3xf32>
  return
}

// -----

func.func @f(%q: tensor<8x16xf32>, %k: tensor<11x16xf32>) {
  // expected-error @below {{'moe.contract' op C5: 'tensor<8x16xf32>' and 'tensor<8x4xf64>' differ in element type}}
  %s = moe.contract %q, %k {extents = array<i64: 8, 4, 16>, maps = [affine_map<(t, j, c) -> (t, c)>, affine_map<(t, j, c) -> (t + j, c)>, affine_map<(t, j, c) -> (t, j)>]}
    : tensor<8x16xf32>, tensor<11x16xf32> -> tensor<8x4xf64>
  return
}

// -----

func.func @f(%q: tensor<8x16xf32>, %k: tensor<11x16xf32>) {
  // expected-error @below {{'moe.contract' op C6: extents = [8, 0, 16] must be positive}}
  %s = moe.contract %q, %k {extents = array<i64: 8, 0, 16>, maps = [affine_map<(t, j, c) -> (t, c)>, affine_map<(t, j, c) -> (t + j, c)>, affine_map<(t, j, c) -> (t, j)>]}
    : tensor<8x16xf32>, tensor<11x16xf32> -> tensor<8x4xf32>
  return
}
