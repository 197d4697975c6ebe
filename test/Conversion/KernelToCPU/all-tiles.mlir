// RUN: moe-run-kernels --all-tiles %S/contract.mlir | FileCheck %S/contract.mlir
// RUN: moe-run-kernels --all-tiles %S/grouped.mlir | FileCheck %S/grouped.mlir
// RUN: moe-run-kernels --all-tiles %S/contract-windows.mlir | FileCheck %S/contract-windows.mlir
// RUN: moe-opt --pass-pipeline='builtin.module(func.func(kernel-narrow-products{always}))' %S/contract.mlir -o %t && moe-run-kernels --all-tiles %t | FileCheck %S/contract.mlir
// RUN: moe-run-kernels --all-tiles %s | FileCheck %s
// RUN: moe-opt --pass-pipeline='builtin.module(func.func(kernel-narrow-products{always}))' %s -o %t && moe-run-kernels --all-tiles %t | FileCheck %s
// Products with every tile that a machine may choose, and blocks for few and many threads: right, and the same bits.

// Sums of a window that are taken in several parts, of which blocks of rows meet other ones.
// CHECK: window #0 [500, 20] ok
// CHECK: window #1 [500, 600] ok
func.func @window(%p: tensor<500x600xf32>, %v: tensor<1099x20xf32>, %g: tensor<500x20xf32>) -> (tensor<500x20xf32>, tensor<500x600xf32>) {
  %y = kernel.contract %p, %v {extents = array<i64: 500, 20, 600>, maps = [affine_map<(t, c, j) -> (t, j)>, affine_map<(t, c, j) -> (t + j, c)>, affine_map<(t, c, j) -> (t, c)>]}
    : tensor<500x600xf32>, tensor<1099x20xf32> -> tensor<500x20xf32>
  %d = kernel.contract %g, %v {extents = array<i64: 500, 600, 20>, maps = [affine_map<(t, j, c) -> (t, c)>, affine_map<(t, j, c) -> (t + j, c)>, affine_map<(t, j, c) -> (t, j)>]}
    : tensor<500x20xf32>, tensor<1099x20xf32> -> tensor<500x600xf32>
  return %y, %d : tensor<500x20xf32>, tensor<500x600xf32>
}
