// RUN: moe-opt %s | moe-opt | FileCheck %s
// RUN: moe-opt --mlir-print-op-generic %s | moe-opt | FileCheck %s

// CHECK-LABEL: func.func @f
func.func @f(%x: tensor<4x8xf32>, %i: tensor<4x8xi32>) {
  // CHECK: moe.reduce sum %{{.*}} {dims = array<i64: 1>} : tensor<4x8xf32> -> tensor<4xf32>
  %0 = moe.reduce sum %x {dims = array<i64: 1>} : tensor<4x8xf32> -> tensor<4xf32>
  // CHECK: moe.reduce max %{{.*}} {dims = array<i64: 0, 1>} : tensor<4x8xf32> -> tensor<f32>
  %1 = moe.reduce max %x {dims = array<i64: 0, 1>} : tensor<4x8xf32> -> tensor<f32>
  // CHECK: moe.reduce min %{{.*}} {dims = array<i64: 0>} : tensor<4x8xi32> -> tensor<8xi32>
  %2 = moe.reduce min %i {dims = array<i64: 0>} : tensor<4x8xi32> -> tensor<8xi32>
  // CHECK: moe.cumsum %{{.*}} {dim = 0 : i64, exclusive} : tensor<4x8xi32>
  %3 = moe.cumsum %i {dim = 0 : i64, exclusive} : tensor<4x8xi32>
  // CHECK: moe.cumsum %{{.*}} {dim = 1 : i64, reverse} : tensor<4x8xf32>
  %4 = moe.cumsum %x {dim = 1 : i64, reverse} : tensor<4x8xf32>
  // CHECK: moe.softmax %{{.*}} : tensor<4x8xf32>
  %5 = moe.softmax %x : tensor<4x8xf32>
  // CHECK: moe.logsumexp %{{.*}} : tensor<4x8xf32> -> tensor<4xf32>
  %6 = moe.logsumexp %x : tensor<4x8xf32> -> tensor<4xf32>
  // CHECK: moe.normalize %{{.*}} {eps = 1.000000e-05 : f64} : tensor<4x8xf32>
  %7 = moe.normalize %x {eps = 1.000000e-05 : f64} : tensor<4x8xf32>
  return
}
