// RUN: moe-opt --pass-pipeline='builtin.module(func.func(kernel-gather-in-products))' --split-input-file %s | FileCheck %s
// RUN: moe-opt --pass-pipeline='builtin.module(kernel-evaluate)' --split-input-file %s | grep ' rms ' > %t.before
// RUN: moe-opt --pass-pipeline='builtin.module(func.func(kernel-gather-in-products),kernel-evaluate)' --split-input-file %s | grep ' rms ' > %t.after
// RUN: diff %t.before %t.after

// Forward, and both factors of the gradient of the weights.
// CHECK-LABEL: func.func @products
// CHECK-SAME: %{{.*}}: tensor<4x3xi1>, %[[X:[a-z0-9]+]]: tensor<4x5xf32>, %[[W:[a-z0-9]+]]: tensor<3x5x6xf32>, %[[G:[a-z0-9]+]]: tensor<4x6xf32>
// CHECK: %[[OFFSETS:.*]], %[[TOKEN:.*]], %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} = kernel.route
// CHECK-NEXT: kernel.grouped_contract %[[X]][%[[TOKEN]] : tensor<8xi32>], %[[W]], %[[OFFSETS]] : tensor<4x5xf32>,
// CHECK-NEXT: kernel.grouped_outer %[[X]][%[[TOKEN]] : tensor<8xi32>], %[[G]][%[[TOKEN]] : tensor<8xi32>], %[[OFFSETS]] : tensor<4x5xf32>, tensor<4x6xf32>,
// CHECK-NEXT: kernel.combine_rows
func.func @products(%on: tensor<4x3xi1>, %x: tensor<4x5xf32>, %w: tensor<3x5x6xf32>, %g: tensor<4x6xf32>) -> (tensor<4x6xf32>, tensor<3x5x6xf32>) {
  %offsets, %token, %expert, %pair, %slot, %excess = kernel.route %on : tensor<4x3xi1> -> tensor<4xi32>, tensor<8xi32>, tensor<8xi32>, tensor<8xi32>, tensor<4x3xi32>, tensor<i32>
  %a = kernel.gather_rows %x, %token : tensor<4x5xf32>, tensor<8xi32> -> tensor<8x5xf32>
  %b = kernel.gather_rows %g, %token : tensor<4x6xf32>, tensor<8xi32> -> tensor<8x6xf32>
  %y = kernel.grouped_contract %a, %w, %offsets : tensor<8x5xf32>, tensor<3x5x6xf32>, tensor<4xi32> -> tensor<8x6xf32>
  %d = kernel.grouped_outer %a, %b, %offsets : tensor<8x5xf32>, tensor<8x6xf32>, tensor<4xi32> -> tensor<3x5x6xf32>
  %z = kernel.combine_rows %y, %slot : tensor<8x6xf32>, tensor<4x3xi32> -> tensor<4x6xf32>
  return %z, %d : tensor<4x6xf32>, tensor<3x5x6xf32>
}

// -----

// A gather that something else reads is made anyway; one by an index of which nothing is known, or of another routing, may be negative.
// CHECK-LABEL: func.func @stays
// CHECK-COUNT-3: kernel.gather_rows
// CHECK-NOT: grouped_contract %{{.*}}[
// CHECK: return
func.func @stays(%on: tensor<4x3xi1>, %off: tensor<4x3xi1>, %x: tensor<4x5xf32>, %w: tensor<3x5x6xf32>, %index: tensor<8xi32>) -> (tensor<4x6xf32>, tensor<4x6xf32>, tensor<4x6xf32>, tensor<3x5xf32>) {
  %offsets, %token, %expert, %pair, %slot, %excess = kernel.route %on : tensor<4x3xi1> -> tensor<4xi32>, tensor<8xi32>, tensor<8xi32>, tensor<8xi32>, tensor<4x3xi32>, tensor<i32>
  %o2, %t2, %e2, %p2, %s2, %x2 = kernel.route %off : tensor<4x3xi1> -> tensor<4xi32>, tensor<8xi32>, tensor<8xi32>, tensor<8xi32>, tensor<4x3xi32>, tensor<i32>
  %a = kernel.gather_rows %x, %token : tensor<4x5xf32>, tensor<8xi32> -> tensor<8x5xf32>
  %b = kernel.gather_rows %x, %index : tensor<4x5xf32>, tensor<8xi32> -> tensor<8x5xf32>
  %c = kernel.gather_rows %x, %t2 : tensor<4x5xf32>, tensor<8xi32> -> tensor<8x5xf32>
  %y = kernel.grouped_contract %a, %w, %offsets : tensor<8x5xf32>, tensor<3x5x6xf32>, tensor<4xi32> -> tensor<8x6xf32>
  %s = kernel.segment_sum %a, %offsets : tensor<8x5xf32>, tensor<4xi32> -> tensor<3x5xf32>
  %u = kernel.grouped_contract %b, %w, %offsets : tensor<8x5xf32>, tensor<3x5x6xf32>, tensor<4xi32> -> tensor<8x6xf32>
  %v = kernel.grouped_contract %c, %w, %offsets : tensor<8x5xf32>, tensor<3x5x6xf32>, tensor<4xi32> -> tensor<8x6xf32>
  %l = kernel.combine_rows %y, %slot : tensor<8x6xf32>, tensor<4x3xi32> -> tensor<4x6xf32>
  %m = kernel.combine_rows %u, %slot : tensor<8x6xf32>, tensor<4x3xi32> -> tensor<4x6xf32>
  %n = kernel.combine_rows %v, %slot : tensor<8x6xf32>, tensor<4x3xi32> -> tensor<4x6xf32>
  return %l, %m, %n, %s : tensor<4x6xf32>, tensor<4x6xf32>, tensor<4x6xf32>, tensor<3x5xf32>
}
