// RUN: moe-opt %s | moe-opt | FileCheck %s
// RUN: moe-opt --mlir-print-op-generic %s | moe-opt | FileCheck %s

// CHECK-LABEL: func.func @f
func.func @f(%x: tensor<4x8xf32>, %i: tensor<4x8xi32>, %m: tensor<4x8xi1>, %d: tensor<f64>) {
  // CHECK: moe.neg %{{.*}} : tensor<4x8xf32>
  %u0 = moe.neg %x : tensor<4x8xf32>
  // CHECK: moe.abs %{{.*}} : tensor<4x8xf32>
  %u1 = moe.abs %x : tensor<4x8xf32>
  // CHECK: moe.sign %{{.*}} : tensor<4x8xf32>
  %u2 = moe.sign %x : tensor<4x8xf32>
  // CHECK: moe.exp %{{.*}} : tensor<4x8xf32>
  %u3 = moe.exp %x : tensor<4x8xf32>
  // CHECK: moe.log %{{.*}} : tensor<4x8xf32>
  %u4 = moe.log %x : tensor<4x8xf32>
  // CHECK: moe.sqrt %{{.*}} : tensor<4x8xf32>
  %u5 = moe.sqrt %x : tensor<4x8xf32>
  // CHECK: moe.rsqrt %{{.*}} : tensor<4x8xf32>
  %u6 = moe.rsqrt %x : tensor<4x8xf32>
  // CHECK: moe.tanh %{{.*}} : tensor<4x8xf32>
  %u7 = moe.tanh %x : tensor<4x8xf32>
  // CHECK: moe.sigmoid %{{.*}} : tensor<4x8xf32>
  %u8 = moe.sigmoid %x : tensor<4x8xf32>
  // CHECK: moe.erf %{{.*}} : tensor<4x8xf32>
  %u9 = moe.erf %x : tensor<4x8xf32>
  // CHECK: moe.sin %{{.*}} : tensor<4x8xf32>
  %u10 = moe.sin %x : tensor<4x8xf32>
  // CHECK: moe.cos %{{.*}} : tensor<4x8xf32>
  %u11 = moe.cos %x : tensor<4x8xf32>
  // CHECK: moe.floor %{{.*}} : tensor<4x8xf32>
  %u12 = moe.floor %x : tensor<4x8xf32>
  // CHECK: moe.relu %{{.*}} : tensor<4x8xf32>
  %u13 = moe.relu %x : tensor<4x8xf32>
  // CHECK: moe.add %{{.*}}, %{{.*}} : tensor<4x8xf32>
  %u14 = moe.add %x, %x : tensor<4x8xf32>
  // CHECK: moe.sub %{{.*}}, %{{.*}} : tensor<4x8xf32>
  %u15 = moe.sub %x, %x : tensor<4x8xf32>
  // CHECK: moe.mul %{{.*}}, %{{.*}} : tensor<4x8xf32>
  %u16 = moe.mul %x, %x : tensor<4x8xf32>
  // CHECK: moe.div %{{.*}}, %{{.*}} : tensor<4x8xf32>
  %u17 = moe.div %x, %x : tensor<4x8xf32>
  // CHECK: moe.max %{{.*}}, %{{.*}} : tensor<4x8xf32>
  %u18 = moe.max %x, %x : tensor<4x8xf32>
  // CHECK: moe.min %{{.*}}, %{{.*}} : tensor<4x8xf32>
  %u19 = moe.min %x, %x : tensor<4x8xf32>
  // CHECK: moe.pow %{{.*}}, %{{.*}} : tensor<4x8xf32>
  %u20 = moe.pow %x, %x : tensor<4x8xf32>
  // CHECK: moe.neg %{{.*}} : tensor<4x8xi32>
  %i0 = moe.neg %i : tensor<4x8xi32>
  // CHECK: moe.add %{{.*}}, %{{.*}} : tensor<4x8xi32>
  %i1 = moe.add %i, %i : tensor<4x8xi32>
  // CHECK: moe.mul %{{.*}}, %{{.*}} : tensor<f64>
  %d0 = moe.mul %d, %d : tensor<f64>
  // CHECK: moe.not %{{.*}} : tensor<4x8xi1>
  %m0 = moe.not %m : tensor<4x8xi1>
  // CHECK: moe.and %{{.*}}, %{{.*}} : tensor<4x8xi1>
  %m1 = moe.and %m, %m : tensor<4x8xi1>
  // CHECK: moe.or %{{.*}}, %{{.*}} : tensor<4x8xi1>
  %m2 = moe.or %m, %m : tensor<4x8xi1>
  // CHECK: moe.compare eq %{{.*}}, %{{.*}} : tensor<4x8xf32> -> tensor<4x8xi1>
  %c0 = moe.compare eq %x, %x : tensor<4x8xf32> -> tensor<4x8xi1>
  // CHECK: moe.compare ne %{{.*}}, %{{.*}} : tensor<4x8xf32> -> tensor<4x8xi1>
  %c1 = moe.compare ne %x, %x : tensor<4x8xf32> -> tensor<4x8xi1>
  // CHECK: moe.compare lt %{{.*}}, %{{.*}} : tensor<4x8xf32> -> tensor<4x8xi1>
  %c2 = moe.compare lt %x, %x : tensor<4x8xf32> -> tensor<4x8xi1>
  // CHECK: moe.compare le %{{.*}}, %{{.*}} : tensor<4x8xf32> -> tensor<4x8xi1>
  %c3 = moe.compare le %x, %x : tensor<4x8xf32> -> tensor<4x8xi1>
  // CHECK: moe.compare gt %{{.*}}, %{{.*}} : tensor<4x8xf32> -> tensor<4x8xi1>
  %c4 = moe.compare gt %x, %x : tensor<4x8xf32> -> tensor<4x8xi1>
  // CHECK: moe.compare ge %{{.*}}, %{{.*}} : tensor<4x8xf32> -> tensor<4x8xi1>
  %c5 = moe.compare ge %x, %x : tensor<4x8xf32> -> tensor<4x8xi1>
  // CHECK: moe.select %{{.*}}, %{{.*}}, %{{.*}} : tensor<4x8xi1>, tensor<4x8xf32>
  %s0 = moe.select %m, %x, %x : tensor<4x8xi1>, tensor<4x8xf32>
  // CHECK: moe.convert %{{.*}} : tensor<4x8xi1> -> tensor<4x8xf32>
  %v0 = moe.convert %m : tensor<4x8xi1> -> tensor<4x8xf32>
  // CHECK: moe.convert %{{.*}} : tensor<4x8xf32> -> tensor<4x8xi32>
  %v1 = moe.convert %x : tensor<4x8xf32> -> tensor<4x8xi32>
  return
}
