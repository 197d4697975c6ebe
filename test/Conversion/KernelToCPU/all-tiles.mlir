// RUN: moe-run-kernels --all-tiles %S/contract.mlir | FileCheck %S/contract.mlir
// RUN: moe-run-kernels --all-tiles %S/grouped.mlir | FileCheck %S/grouped.mlir
// RUN: moe-run-kernels --all-tiles %S/contract-windows.mlir | FileCheck %S/contract-windows.mlir
// RUN: moe-opt --pass-pipeline='builtin.module(func.func(kernel-narrow-products{always}))' %S/contract.mlir -o %t && moe-run-kernels --all-tiles %t | FileCheck %S/contract.mlir
// Products with every tile that a machine may choose: right, and the same bits.
