// RUN: moe-run-kernels %s | FileCheck %s
// RUN: moe-opt --pass-pipeline='builtin.module(func.func(kernel-narrow-products{always}))' %S/contract.mlir -o %t && grep -q 'xbf16>' %t && moe-run-kernels %t | FileCheck %S/contract.mlir
// RUN: moe-opt --pass-pipeline='builtin.module(func.func(kernel-narrow-products{always}))' %S/contract-windows.mlir -o %t && grep -q 'xbf16>' %t && moe-run-kernels %t | FileCheck %S/contract-windows.mlir
// RUN: moe-opt --pass-pipeline='builtin.module(func.func(kernel-narrow-products{always}))' %S/grouped.mlir -o %t && grep -q 'xbf16>' %t && moe-run-kernels %t | FileCheck %S/grouped.mlir
// RUN: moe-opt --pass-pipeline='builtin.module(func.func(kernel-narrow-products{always}))' %S/grouped-epilogues.mlir -o %t && grep -q 'xbf16>' %t && moe-run-kernels %t | FileCheck %S/grouped-epilogues.mlir
// Factors that are stored as bf16: what is rounded how, and every product of the files above with such factors.

#id = affine_map<(d0) -> (d0)>
#id2 = affine_map<(d0, d1) -> (d0, d1)>
#t2 = affine_map<(d0, d1) -> (d1, d0)>

// To nearest: 1 + 2^-8 lies between 1 and 1 + 2^-7 and goes to the even one, 1 + 3 * 2^-8 to 1 + 2^-6, what lies above a middle up. The largest float becomes infinite, a NaN
// whose upper half would be that of infinity stays a NaN, the smallest numbers keep their sign.
// CHECK: rounding #0 [12] ok
func.func @rounding() -> tensor<12xf32> {
  %x = kernel.constant dense<[0x3f800000, 0x3f808000, 0x3f818000, 0x3f808001, 0xbf808001, 0x7f7fffff, 0xff7f8000, 0x7f800000, 0x7f800001, 0xff800000, 0x80000001, 0x00008001]> : tensor<12xf32>
  %y = kernel.row (%x : tensor<12xf32>) attributes {extents = array<i64: 12>, row_rank = 0, maps = [#id, #id]} {
  ^bb0(%a: f32):
    %b = arith.truncf %a : f32 to bf16
    %c = arith.extf %b : bf16 to f32
    kernel.yield %c : f32
  } -> (tensor<12xf32>)
  return %y : tensor<12xf32>
}

// Stored, moved, read across and along: rows of 44, and an index that gives zeros.
// CHECK: moved #0 [44, 5] ok
// CHECK: moved #1 [3] ok
func.func @moved(%x: tensor<3x44xf32>) -> (tensor<44x5xf32>, tensor<3xf32>) {
  %index = kernel.constant dense<[2, -1, 0, 0, 1]> : tensor<5xi32>
  %n = kernel.row (%x : tensor<3x44xf32>) attributes {extents = array<i64: 3, 44>, row_rank = 0, maps = [#id2, #id2]} {
  ^bb0(%a: f32):
    %b = arith.truncf %a : f32 to bf16
    kernel.yield %b : bf16
  } -> (tensor<3x44xbf16>)
  %g = kernel.gather_rows %n, %index : tensor<3x44xbf16>, tensor<5xi32> -> tensor<5x44xbf16>
  %p = kernel.concat %g, %n {dim = 0 : i64} : tensor<5x44xbf16>, tensor<3x44xbf16> -> tensor<8x44xbf16>
  %v = kernel.view %p : tensor<8x44xbf16> -> tensor<5x44xbf16>
  %y = kernel.row (%v : tensor<5x44xbf16>) attributes {extents = array<i64: 44, 5>, row_rank = 0, maps = [#t2, #id2]} {
  ^bb0(%a: bf16):
    %b = arith.extf %a : bf16 to f32
    kernel.yield %b : f32
  } -> (tensor<44x5xf32>)
  %s = kernel.row (%n : tensor<3x44xbf16>) attributes {extents = array<i64: 3, 44>, row_rank = 1, maps = [#id2, affine_map<(d0, d1) -> (d0)>]} {
  ^bb0(%a: bf16):
    %b = arith.extf %a : bf16 to f32
    %c = kernel.reduce sum %b : f32
    kernel.yield %c : f32
  } -> (tensor<3xf32>)
  return %y, %s : tensor<44x5xf32>, tensor<3xf32>
}

// In slices: a window's scores stay inside, once as f32 and once rounded.
// CHECK: slices #0 [2, 13, 3, 20] ok
func.func @slices(%p: tensor<2x3x13x11xf32>, %v: tensor<2x23x3x20xf32>) -> tensor<2x13x3x20xf32> {
  %o = kernel.slices(%p, %v : tensor<2x3x13x11xf32>, tensor<2x23x3x20xf32>) attributes {extents = array<i64: 2, 3>, dims = [array<i64: 0, 1>, array<i64: 0, 2>, array<i64: 0, 2>]} {
  ^bb0(%a: tensor<2x3x13x11xf32>, %b: tensor<2x23x3x20xf32>):
    %w = kernel.row (%a : tensor<2x3x13x11xf32>) attributes {extents = array<i64: 2, 3, 13, 11>, row_rank = 0,
        maps = [affine_map<(b, n, t, j) -> (b, n, t, j)>, affine_map<(b, n, t, j) -> (b, n, t, j)>]} {
    ^bb0(%x: f32):
      %y = arith.truncf %x : f32 to bf16
      kernel.yield %y : bf16
    } -> (tensor<2x3x13x11xbf16>)
    %n = kernel.row (%b : tensor<2x23x3x20xf32>) attributes {extents = array<i64: 2, 23, 3, 20>, row_rank = 0,
        maps = [affine_map<(b, e, n, c) -> (b, e, n, c)>, affine_map<(b, e, n, c) -> (b, e, n, c)>]} {
    ^bb0(%x: f32):
      %y = arith.truncf %x : f32 to bf16
      kernel.yield %y : bf16
    } -> (tensor<2x23x3x20xbf16>)
    %y = kernel.contract %w, %n {extents = array<i64: 2, 13, 3, 20, 11>, maps = [affine_map<(b, t, n, c, j) -> (b, n, t, j)>, affine_map<(b, t, n, c, j) -> (b, t + j, n, c)>,
        affine_map<(b, t, n, c, j) -> (b, t, n, c)>]} : tensor<2x3x13x11xbf16>, tensor<2x23x3x20xbf16> -> tensor<2x13x3x20xf32>
    kernel.yield %y : tensor<2x13x3x20xf32>
  } -> (tensor<2x13x3x20xf32>)
  return %o : tensor<2x13x3x20xf32>
}
