// RUN: moe-opt %s | moe-opt | FileCheck %s
// RUN: moe-opt --mlir-print-op-generic %s | moe-opt | FileCheck %s

// CHECK-LABEL: func.func @f
func.func @f(%x: tensor<4x8xf32>, %b: tensor<8xf32>, %s: tensor<f32>, %key: tensor<3xi32>, %ids: tensor<2x3xi32>) {
  // CHECK: moe.constant dense<1.500000e+00> : tensor<4xf32>
  %0 = moe.constant dense<1.500000e+00> : tensor<4xf32>
  // CHECK: moe.iota {dim = 1 : i64} : tensor<4x8xi32>
  %1 = moe.iota {dim = 1 : i64} : tensor<4x8xi32>
  // CHECK: moe.uniform %{{.*}} {site = 7 : i32} : tensor<4x8xf32>
  %2 = moe.uniform %key {site = 7 : i32} : tensor<4x8xf32>
  // CHECK: moe.broadcast %{{.*}} {dims = array<i64: 1>} : tensor<8xf32> -> tensor<4x8xf32>
  %3 = moe.broadcast %b {dims = array<i64: 1>} : tensor<8xf32> -> tensor<4x8xf32>
  // CHECK: moe.broadcast %{{.*}} {dims = array<i64>} : tensor<f32> -> tensor<2xf32>
  %4 = moe.broadcast %s {dims = array<i64>} : tensor<f32> -> tensor<2xf32>
  // CHECK: moe.reshape %{{.*}} : tensor<4x8xf32> -> tensor<32xf32>
  %5 = moe.reshape %x : tensor<4x8xf32> -> tensor<32xf32>
  // CHECK: moe.transpose %{{.*}} {perm = array<i64: 1, 0>} : tensor<4x8xf32> -> tensor<8x4xf32>
  %6 = moe.transpose %x {perm = array<i64: 1, 0>} : tensor<4x8xf32> -> tensor<8x4xf32>
  // CHECK: moe.slice %{{.*}} {offsets = array<i64: 0, 2>} : tensor<4x8xf32> -> tensor<4x3xf32>
  %7 = moe.slice %x {offsets = array<i64: 0, 2>} : tensor<4x8xf32> -> tensor<4x3xf32>
  // CHECK: moe.pad %{{.*}} {offsets = array<i64: 0, 2>} : tensor<4x3xf32> -> tensor<4x8xf32>
  %8 = moe.pad %7 {offsets = array<i64: 0, 2>} : tensor<4x3xf32> -> tensor<4x8xf32>
  // CHECK: moe.concat %{{.*}}, %{{.*}} {dim = 1 : i64} : tensor<4x8xf32>, tensor<4x3xf32> -> tensor<4x11xf32>
  %9 = moe.concat %x, %7 {dim = 1 : i64} : tensor<4x8xf32>, tensor<4x3xf32> -> tensor<4x11xf32>
  // CHECK: moe.gather %{{.*}}, %{{.*}} : tensor<4x8xf32>, tensor<2x3xi32> -> tensor<2x3x8xf32>
  %10 = moe.gather %x, %ids : tensor<4x8xf32>, tensor<2x3xi32> -> tensor<2x3x8xf32>
  // CHECK: moe.scatter_add %{{.*}}, %{{.*}} : tensor<2x3xi32>, tensor<2x3x8xf32> -> tensor<4x8xf32>
  %11 = moe.scatter_add %ids, %10 : tensor<2x3xi32>, tensor<2x3x8xf32> -> tensor<4x8xf32>
  // CHECK: moe.detach %{{.*}} : tensor<4x8xf32>
  %12 = moe.detach %x : tensor<4x8xf32>
  return
}
