// RUN: moe-opt --convert-moe-to-kernel --split-input-file %s | FileCheck %s

!routing = !moe.routing<tokens = 8, experts = 4, rows = 16, exact>

// CHECK-LABEL: func @experts(
// CHECK-SAME: %[[X:[a-z0-9]*]]: tensor<8x6xf32>, %[[P:[a-z0-9]*]]: tensor<8x4xf32>, %[[W:[a-z0-9]*]]: tensor<4x6x5xf32>
// CHECK: %[[ON:.*]] = kernel.top_mask %[[P]] {k = 2 : i64}
// CHECK: %[[OFFSETS:.*]], %[[TOKEN:.*]], %[[EXPERT:.*]], %[[PAIR:.*]], %[[SLOT:.*]], %[[EXCESS:.*]] = kernel.route %[[ON]] {exact}
// CHECK: %[[XR:.*]] = kernel.gather_rows %[[X]], %[[TOKEN]] : tensor<8x6xf32>, tensor<16xi32> -> tensor<16x6xf32>
// CHECK: %[[Y:.*]] = kernel.grouped_contract %[[XR]], %[[W]], %[[OFFSETS]]
// CHECK: %[[FLAT:.*]] = kernel.view %[[P]] : tensor<8x4xf32> -> tensor<32xf32>
// CHECK: kernel.gather_rows %[[FLAT]], %[[PAIR]] : tensor<32xf32>, tensor<16xi32> -> tensor<16xf32>
// CHECK: %[[S:.*]] = kernel.combine_rows %[[Y]], %[[SLOT]]
// CHECK: return %[[S]], %{{.*}}, %[[EXCESS]]
func.func @experts(%x: tensor<8x6xf32>, %p: tensor<8x4xf32>, %w: tensor<4x6x5xf32>) -> (tensor<8x5xf32>, tensor<16xf32>, tensor<i32>) {
  %on = moe.top_mask %p {k = 2} : tensor<8x4xf32> -> tensor<8x4xi1>
  %r, %excess = moe.route %on : tensor<8x4xi1> -> !routing
  %xr = moe.dispatch tokens %x, %r : tensor<8x6xf32>, !routing -> tensor<16x6xf32>
  %y = moe.grouped_matmul %xr, %w, %r : tensor<16x6xf32>, tensor<4x6x5xf32>, !routing -> tensor<16x5xf32>
  %pr = moe.dispatch pairs %p, %r : tensor<8x4xf32>, !routing -> tensor<16xf32>
  %s = moe.combine tokens %y, %r : tensor<16x5xf32>, !routing -> tensor<8x5xf32>
  return %s, %pr, %excess : tensor<8x5xf32>, tensor<16xf32>, tensor<i32>
}

// -----

!routing = !moe.routing<tokens = 8, experts = 4, rows = 16>

// CHECK-LABEL: func @gradients(
// CHECK: %[[OFFSETS:.*]], %[[TOKEN:.*]], %[[EXPERT:.*]], %[[PAIR:.*]], %[[SLOT:.*]], %[[EXCESS:.*]] = kernel.route %{{[^ ]*}} :
// CHECK: kernel.gather_rows %{{.*}}, %[[EXPERT]] : tensor<4x5xf32>
// CHECK: kernel.segment_sum %{{.*}}, %[[OFFSETS]] : tensor<16x5xf32>, tensor<5xi32> -> tensor<4x5xf32>
// CHECK: kernel.gather_rows %{{.*}}, %[[SLOT]] : tensor<16x5xf32>, tensor<8x4xi32> -> tensor<8x4x5xf32>
// CHECK: kernel.grouped_outer %{{.*}}, %{{.*}}, %[[OFFSETS]]
// CHECK: kernel.grouped_contract %{{.*}} {transpose_w}
func.func @gradients(%on: tensor<8x4xi1>, %b: tensor<4x5xf32>, %w: tensor<4x6x5xf32>) -> (tensor<4x5xf32>, tensor<8x4x5xf32>, tensor<4x5x5xf32>, tensor<16x6xf32>) {
  %r, %excess = moe.route %on : tensor<8x4xi1> -> !routing
  %y = moe.dispatch experts %b, %r : tensor<4x5xf32>, !routing -> tensor<16x5xf32>
  %s = moe.combine experts %y, %r : tensor<16x5xf32>, !routing -> tensor<4x5xf32>
  %p = moe.combine pairs %y, %r : tensor<16x5xf32>, !routing -> tensor<8x4x5xf32>
  %o = moe.grouped_outer %y, %y, %r : tensor<16x5xf32>, tensor<16x5xf32>, !routing -> tensor<4x5x5xf32>
  %x = moe.grouped_matmul %y, %w, %r {transpose_w} : tensor<16x5xf32>, tensor<4x6x5xf32>, !routing -> tensor<16x6xf32>
  return %s, %p, %o, %x : tensor<4x5xf32>, tensor<8x4x5xf32>, tensor<4x5x5xf32>, tensor<16x6xf32>
}
