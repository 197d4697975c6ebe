// RUN: moe-opt %s | moe-opt | FileCheck %s
// RUN: moe-opt --mlir-print-op-generic %s | moe-opt | FileCheck %s

// CHECK-LABEL: func.func @f
func.func @f(%z: tensor<2x3x7xf32>, %t: tensor<2x3xi32>) {
  // CHECK: moe.cross_entropy %{{.*}}, %{{.*}} : tensor<2x3x7xf32>, tensor<2x3xi32> -> tensor<2x3xf32>
  %l = moe.cross_entropy %z, %t : tensor<2x3x7xf32>, tensor<2x3xi32> -> tensor<2x3xf32>
  // CHECK: moe.cross_entropy_grad %{{.*}}, %{{.*}}, %{{.*}} : tensor<2x3x7xf32>, tensor<2x3xi32>, tensor<2x3xf32>
  %d = moe.cross_entropy_grad %z, %t, %l : tensor<2x3x7xf32>, tensor<2x3xi32>, tensor<2x3xf32>
  return
}
