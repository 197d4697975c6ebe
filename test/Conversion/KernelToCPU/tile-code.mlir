// REQUIRES: x86_64
// RUN: moe-run-kernels --assembly=znver4 %s > %t.znver4
// RUN: moe-run-kernels --assembly=haswell %s > %t.haswell
// RUN: %python %S/Inputs/tile_loop.py tile_12_rows < %t.znver4 | FileCheck %s --check-prefix=ROWS
// RUN: %python %S/Inputs/tile_loop.py tile_12_columns < %t.znver4 | FileCheck %s --check-prefix=COLUMNS
// RUN: %python %S/Inputs/tile_loop.py tile_12_pairs_rows < %t.znver4 | FileCheck %s --check-prefix=PAIRS
// RUN: %python %S/Inputs/tile_loop.py tile_12_pairs < %t.znver4 | FileCheck %s --check-prefix=PACKED
// RUN: %python %S/Inputs/tile_loop.py tile_6_rows < %t.haswell | FileCheck %s --check-prefix=NARROW
// RUN: not grep vdpbf16ps %t.haswell
// RUN: moe-run-kernels %s | FileCheck %s --check-prefix=RESULT
// Four steps of a tile are a loop of multiply-adds and broadcasts: all sums are in registers, and rows are found without an addition for each row and step, for
// there are as many of these as cycles.

// ROWS: tile_12_rows: 96 multiply-adds of f32, 0 of bf16, 48 broadcasts, 0 vectors on the stack, few additions of addresses
// COLUMNS: tile_12_columns: 96 multiply-adds of f32, 0 of bf16, 48 broadcasts, 0 vectors on the stack, few additions of addresses
// PAIRS: tile_12_pairs_rows: 0 multiply-adds of f32, 96 of bf16, 48 broadcasts, 0 vectors on the stack, few additions of addresses
// PACKED: tile_12_pairs: 0 multiply-adds of f32, 96 of bf16, 48 broadcasts, 0 vectors on the stack, few additions of addresses
// NARROW: tile_6_rows: 48 multiply-adds of f32, 0 of bf16, 24 broadcasts, 0 vectors on the stack, few additions of addresses

#mk = affine_map<(m, n, k) -> (m, k)>
#km = affine_map<(m, n, k) -> (k, m)>
#kn = affine_map<(m, n, k) -> (k, n)>
#mn = affine_map<(m, n, k) -> (m, n)>
#id = affine_map<(d0, d1) -> (d0, d1)>

// RESULT: products #0 [48, 96] ok
// RESULT: products #1 [48, 96] ok
// RESULT: products #2 [48, 96] ok
// RESULT: products #3 [48, 96] ok
func.func @products(%a: tensor<48x75xf32>, %t: tensor<75x48xf32>, %b: tensor<75x96xf32>) -> (tensor<48x96xf32>, tensor<48x96xf32>, tensor<48x96xf32>, tensor<48x96xf32>) {
  %0 = kernel.contract %a, %b {extents = array<i64: 48, 96, 75>, maps = [#mk, #kn, #mn]} : tensor<48x75xf32>, tensor<75x96xf32> -> tensor<48x96xf32>
  %1 = kernel.contract %t, %b {extents = array<i64: 48, 96, 75>, maps = [#km, #kn, #mn]} : tensor<75x48xf32>, tensor<75x96xf32> -> tensor<48x96xf32>
  %an = kernel.row (%a : tensor<48x75xf32>) attributes {extents = array<i64: 48, 75>, row_rank = 0, maps = [#id, #id]} {
  ^bb0(%x: f32):
    %r = arith.truncf %x : f32 to bf16
    kernel.yield %r : bf16
  } -> (tensor<48x75xbf16>)
  %tn = kernel.row (%t : tensor<75x48xf32>) attributes {extents = array<i64: 75, 48>, row_rank = 0, maps = [#id, #id]} {
  ^bb0(%x: f32):
    %r = arith.truncf %x : f32 to bf16
    kernel.yield %r : bf16
  } -> (tensor<75x48xbf16>)
  %bn = kernel.row (%b : tensor<75x96xf32>) attributes {extents = array<i64: 75, 96>, row_rank = 0, maps = [#id, #id]} {
  ^bb0(%x: f32):
    %r = arith.truncf %x : f32 to bf16
    kernel.yield %r : bf16
  } -> (tensor<75x96xbf16>)
  %2 = kernel.contract %an, %bn {extents = array<i64: 48, 96, 75>, maps = [#mk, #kn, #mn]} : tensor<48x75xbf16>, tensor<75x96xbf16> -> tensor<48x96xf32>
  %3 = kernel.contract %tn, %bn {extents = array<i64: 48, 96, 75>, maps = [#km, #kn, #mn]} : tensor<75x48xbf16>, tensor<75x96xbf16> -> tensor<48x96xf32>
  return %0, %1, %2, %3 : tensor<48x96xf32>, tensor<48x96xf32>, tensor<48x96xf32>, tensor<48x96xf32>
}
