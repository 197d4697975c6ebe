// RUN: moe-run-kernels %s | FileCheck %s
// Windows and guards: span attention (t + j), its gradients, convolutions with stride and dilation.

// CHECK: window_scores #0 [2, 3, 19, 16] ok
func.func @window_scores(%q: tensor<2x19x3x20xf32>, %k: tensor<2x35x3x20xf32>) -> tensor<2x3x19x16xf32> {
  %y = kernel.contract %q, %k {extents = array<i64: 2, 3, 19, 16, 20>, maps = [affine_map<(b, h, t, j, c) -> (b, t, h, c)>,
    affine_map<(b, h, t, j, c) -> (b, t + j, h, c)>, affine_map<(b, h, t, j, c) -> (b, h, t, j)>]} : tensor<2x19x3x20xf32>, tensor<2x35x3x20xf32> -> tensor<2x3x19x16xf32>
  return %y : tensor<2x3x19x16xf32>
}

// CHECK: window_long #0 [1, 2, 70, 65] ok
func.func @window_long(%q: tensor<1x70x2x5xf32>, %k: tensor<1x140x2x5xf32>) -> tensor<1x2x70x65xf32> {
  %y = kernel.contract %q, %k {extents = array<i64: 1, 2, 70, 65, 5>, maps = [affine_map<(b, h, t, j, c) -> (b, t, h, c)>,
    affine_map<(b, h, t, j, c) -> (b, t + j + 1, h, c)>, affine_map<(b, h, t, j, c) -> (b, h, t, j)>]} : tensor<1x70x2x5xf32>, tensor<1x140x2x5xf32> -> tensor<1x2x70x65xf32>
  return %y : tensor<1x2x70x65xf32>
}

// CHECK: window_values #0 [2, 19, 3, 44] ok
func.func @window_values(%p: tensor<2x3x19x16xf32>, %v: tensor<2x35x3x44xf32>) -> tensor<2x19x3x44xf32> {
  %y = kernel.contract %p, %v {extents = array<i64: 2, 3, 19, 44, 16>, maps = [affine_map<(b, h, t, c, j) -> (b, h, t, j)>,
    affine_map<(b, h, t, c, j) -> (b, t + j, h, c)>, affine_map<(b, h, t, c, j) -> (b, t, h, c)>]} : tensor<2x3x19x16xf32>, tensor<2x35x3x44xf32> -> tensor<2x19x3x44xf32>
  return %y : tensor<2x19x3x44xf32>
}

// dk[u] += ds[t, j] * q[t] with u = t + j: guarded, for u - j must be a token.
// CHECK: window_gradient #0 [2, 34, 3, 20] ok
func.func @window_gradient(%s: tensor<2x3x19x16xf32>, %q: tensor<2x19x3x20xf32>) -> tensor<2x34x3x20xf32> {
  %y = kernel.contract %s, %q {extents = array<i64: 2, 3, 34, 20, 16>, maps = [affine_map<(b, h, u, c, j) -> (b, h, u - j, j)>,
    affine_map<(b, h, u, c, j) -> (b, u - j, h, c)>, affine_map<(b, h, u, c, j) -> (b, u, h, c)>],
    guards = affine_map<(b, h, u, c, j) -> (u - j)>, guard_sizes = array<i64: 19>} : tensor<2x3x19x16xf32>, tensor<2x19x3x20xf32> -> tensor<2x34x3x20xf32>
  return %y : tensor<2x34x3x20xf32>
}

// The gradient of what the positions have in common: sums over batches and tokens.
// CHECK: position_gradient #0 [16, 20] ok
func.func @position_gradient(%s: tensor<2x3x19x16xf32>, %q: tensor<2x19x3x20xf32>) -> tensor<16x20xf32> {
  %y = kernel.contract %s, %q {extents = array<i64: 16, 20, 2, 3, 19>, maps = [affine_map<(j, c, b, h, t) -> (b, h, t, j)>,
    affine_map<(j, c, b, h, t) -> (b, t, h, c)>, affine_map<(j, c, b, h, t) -> (j, c)>]} : tensor<2x3x19x16xf32>, tensor<2x19x3x20xf32> -> tensor<16x20xf32>
  return %y : tensor<16x20xf32>
}

// A guard that holds for whole rows or not at all, one with an offset, and two at once.
// CHECK: two_guards #0 [12, 20] ok
func.func @two_guards(%a: tensor<12x8xf32>, %b: tensor<8x20xf32>) -> tensor<12x20xf32> {
  %y = kernel.contract %a, %b {extents = array<i64: 12, 20, 10>, maps = [affine_map<(m, n, k) -> (m, k - 1)>, affine_map<(m, n, k) -> (k - 1, n)>,
    affine_map<(m, n, k) -> (m, n)>], guards = affine_map<(m, n, k) -> (k - 1, m - 3, m - k)>, guard_sizes = array<i64: 8, 7, 9>}
    : tensor<12x8xf32>, tensor<8x20xf32> -> tensor<12x20xf32>
  return %y : tensor<12x20xf32>
}

// The guard runs along the result's contiguous dimension.
// CHECK: guard_along_columns #0 [5, 37] ok
func.func @guard_along_columns(%a: tensor<5x4xf32>, %b: tensor<34xf32>) -> tensor<5x37xf32> {
  %y = kernel.contract %a, %b {extents = array<i64: 5, 37, 4>, maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n - k)>,
    affine_map<(m, n, k) -> (m, n)>], guards = affine_map<(m, n, k) -> (n - k)>, guard_sizes = array<i64: 34>} : tensor<5x4xf32>, tensor<34xf32> -> tensor<5x37xf32>
  return %y : tensor<5x37xf32>
}

// CHECK: guard_without_points #0 [4, 9] ok rms 0
func.func @guard_without_points(%a: tensor<4x8xf32>, %b: tensor<8x9xf32>) -> tensor<4x9xf32> {
  %y = kernel.contract %a, %b {extents = array<i64: 4, 9, 8>, maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>,
    affine_map<(m, n, k) -> (m, n)>], guards = affine_map<(m, n, k) -> (k - 100)>, guard_sizes = array<i64: 8>} : tensor<4x8xf32>, tensor<8x9xf32> -> tensor<4x9xf32>
  return %y : tensor<4x9xf32>
}

// CHECK: stride_and_dilation #0 [3, 14] ok
func.func @stride_and_dilation(%a: tensor<3x5xf32>, %b: tensor<40xf32>) -> tensor<3x14xf32> {
  %y = kernel.contract %a, %b {extents = array<i64: 3, 14, 5>, maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n * 2 + k * 3)>,
    affine_map<(m, n, k) -> (m, n)>]} : tensor<3x5xf32>, tensor<40xf32> -> tensor<3x14xf32>
  return %y : tensor<3x14xf32>
}

// CHECK: stride_gradient #0 [40] ok
func.func @stride_gradient(%a: tensor<40x5xf32>, %b: tensor<14x5xf32>) -> tensor<40xf32> {
  %y = kernel.contract %a, %b {extents = array<i64: 40, 14, 5>, maps = [affine_map<(u, n, k) -> (u, k)>, affine_map<(u, n, k) -> (n, k)>,
    affine_map<(u, n, k) -> (u)>], guards = affine_map<(u, n, k) -> (u - n * 2 - k * 3)>, guard_sizes = array<i64: 1>} : tensor<40x5xf32>, tensor<14x5xf32> -> tensor<40xf32>
  return %y : tensor<40xf32>
}

// Windows wider than a panel is deep, more rows than a block packs: bands that pass through several blocks, cut by both edges.
// CHECK: wide_values #0 [210, 2] ok
func.func @wide_values(%p: tensor<210x300xf32>, %v: tensor<509x2xf32>) -> tensor<210x2xf32> {
  %y = kernel.contract %p, %v {extents = array<i64: 210, 2, 300>, maps = [affine_map<(t, c, j) -> (t, j)>, affine_map<(t, c, j) -> (t + j, c)>,
    affine_map<(t, c, j) -> (t, c)>]} : tensor<210x300xf32>, tensor<509x2xf32> -> tensor<210x2xf32>
  return %y : tensor<210x2xf32>
}

// CHECK: wide_scores #0 [210, 300] ok
func.func @wide_scores(%q: tensor<210x2xf32>, %k: tensor<509x2xf32>) -> tensor<210x300xf32> {
  %y = kernel.contract %q, %k {extents = array<i64: 210, 300, 2>, maps = [affine_map<(t, j, c) -> (t, c)>, affine_map<(t, j, c) -> (t + j, c)>,
    affine_map<(t, j, c) -> (t, j)>]} : tensor<210x2xf32>, tensor<509x2xf32> -> tensor<210x300xf32>
  return %y : tensor<210x300xf32>
}

// Rows before, inside and after the tokens: the first and the last have nothing to sum.
// CHECK: wide_gradient #0 [460, 2] ok
func.func @wide_gradient(%s: tensor<195x260xf32>, %q: tensor<195x2xf32>) -> tensor<460x2xf32> {
  %y = kernel.contract %s, %q {extents = array<i64: 460, 2, 260>, maps = [affine_map<(u, c, j) -> (u - j - 5, j)>,
    affine_map<(u, c, j) -> (u - j - 5, c)>, affine_map<(u, c, j) -> (u, c)>],
    guards = affine_map<(u, c, j) -> (u - j - 5)>, guard_sizes = array<i64: 195>} : tensor<195x260xf32>, tensor<195x2xf32> -> tensor<460x2xf32>
  return %y : tensor<460x2xf32>
}

// CHECK: gradient_from #0 [34, 5] ok
func.func @gradient_from(%s: tensor<19x16xf32>, %q: tensor<19x5xf32>, %z: tensor<34x5xf32>) -> tensor<34x5xf32> {
  %y = kernel.contract %s, %q from %z : tensor<34x5xf32> {extents = array<i64: 34, 5, 16>, maps = [affine_map<(u, c, j) -> (u - j, j)>,
    affine_map<(u, c, j) -> (u - j, c)>, affine_map<(u, c, j) -> (u, c)>],
    guards = affine_map<(u, c, j) -> (u - j)>, guard_sizes = array<i64: 19>} : tensor<19x16xf32>, tensor<19x5xf32> -> tensor<34x5xf32>
  return %y : tensor<34x5xf32>
}

// CHECK: scores_from #0 [19, 16] ok
func.func @scores_from(%q: tensor<19x5xf32>, %k: tensor<34x5xf32>, %z: tensor<19x16xf32>) -> tensor<19x16xf32> {
  %y = kernel.contract %q, %k from %z : tensor<19x16xf32> {extents = array<i64: 19, 16, 5>, maps = [affine_map<(t, j, c) -> (t, c)>,
    affine_map<(t, j, c) -> (t + j, c)>, affine_map<(t, j, c) -> (t, j)>]} : tensor<19x5xf32>, tensor<34x5xf32> -> tensor<19x16xf32>
  return %y : tensor<19x16xf32>
}

// A window that looks back (t - j), summed over it and kept.
// CHECK: backwards #0 [30, 20] ok
// CHECK: backwards #1 [30, 7] ok
func.func @backwards(%q: tensor<30x7xf32>, %k: tensor<49x7xf32>, %p: tensor<30x20xf32>) -> (tensor<30x20xf32>, tensor<30x7xf32>) {
  %y = kernel.contract %q, %k {extents = array<i64: 30, 20, 7>, maps = [affine_map<(t, j, c) -> (t, c)>, affine_map<(t, j, c) -> (t - j + 19, c)>,
    affine_map<(t, j, c) -> (t, j)>]} : tensor<30x7xf32>, tensor<49x7xf32> -> tensor<30x20xf32>
  %z = kernel.contract %p, %k {extents = array<i64: 30, 7, 20>, maps = [affine_map<(t, c, j) -> (t, j)>, affine_map<(t, c, j) -> (t - j + 19, c)>,
    affine_map<(t, c, j) -> (t, c)>]} : tensor<30x20xf32>, tensor<49x7xf32> -> tensor<30x7xf32>
  return %y, %z : tensor<30x20xf32>, tensor<30x7xf32>
}

// Too narrow for a band.
// CHECK: narrow_window #0 [40, 3] ok
func.func @narrow_window(%q: tensor<40x44xf32>, %k: tensor<42x44xf32>) -> tensor<40x3xf32> {
  %y = kernel.contract %q, %k {extents = array<i64: 40, 3, 44>, maps = [affine_map<(t, j, c) -> (t, c)>, affine_map<(t, j, c) -> (t + j, c)>,
    affine_map<(t, j, c) -> (t, j)>]} : tensor<40x44xf32>, tensor<42x44xf32> -> tensor<40x3xf32>
  return %y : tensor<40x3xf32>
}
