// RUN: moe-opt %s | moe-opt | FileCheck %s
// RUN: moe-opt --mlir-print-op-generic %s | moe-opt | FileCheck %s

// CHECK-LABEL: func.func @f
func.func @f(%s: tensor<4x3xf32>, %on: tensor<4x3xi1>, %tokens: tensor<4x8xf32>, %experts: tensor<3x8xf32>, %pairs: tensor<4x3x2xf32>, %w: tensor<3x8x16xf32>) {
  // CHECK: moe.top_mask %{{.*}} {k = 2 : i64} : tensor<4x3xf32> -> tensor<4x3xi1>
  %0 = moe.top_mask %s {k = 2 : i64} : tensor<4x3xf32> -> tensor<4x3xi1>
  // CHECK: moe.route %{{.*}} : tensor<4x3xi1> -> <tokens = 4, experts = 3, rows = 8, exact>
  %r, %e = moe.route %on : tensor<4x3xi1> -> !moe.routing<tokens = 4, experts = 3, rows = 8, exact>
  // CHECK: moe.route %{{.*}} : tensor<4x3xi1> -> <tokens = 4, experts = 3, rows = 9>
  %r2, %e2 = moe.route %on : tensor<4x3xi1> -> !moe.routing<tokens = 4, experts = 3, rows = 9>
  // CHECK: moe.dispatch tokens %{{.*}}, %{{.*}} : tensor<4x8xf32>, <tokens = 4, experts = 3, rows = 8, exact> -> tensor<8x8xf32>
  %d_tokens = moe.dispatch tokens %tokens, %r : tensor<4x8xf32>, !moe.routing<tokens = 4, experts = 3, rows = 8, exact> -> tensor<8x8xf32>
  // CHECK: moe.combine tokens %{{.*}}, %{{.*}} : tensor<8x8xf32>, <tokens = 4, experts = 3, rows = 8, exact> -> tensor<4x8xf32>
  %c_tokens = moe.combine tokens %d_tokens, %r : tensor<8x8xf32>, !moe.routing<tokens = 4, experts = 3, rows = 8, exact> -> tensor<4x8xf32>
  // CHECK: moe.dispatch experts %{{.*}}, %{{.*}} : tensor<3x8xf32>, <tokens = 4, experts = 3, rows = 8, exact> -> tensor<8x8xf32>
  %d_experts = moe.dispatch experts %experts, %r : tensor<3x8xf32>, !moe.routing<tokens = 4, experts = 3, rows = 8, exact> -> tensor<8x8xf32>
  // CHECK: moe.combine experts %{{.*}}, %{{.*}} : tensor<8x8xf32>, <tokens = 4, experts = 3, rows = 8, exact> -> tensor<3x8xf32>
  %c_experts = moe.combine experts %d_experts, %r : tensor<8x8xf32>, !moe.routing<tokens = 4, experts = 3, rows = 8, exact> -> tensor<3x8xf32>
  // CHECK: moe.dispatch pairs %{{.*}}, %{{.*}} : tensor<4x3x2xf32>, <tokens = 4, experts = 3, rows = 8, exact> -> tensor<8x2xf32>
  %d_pairs = moe.dispatch pairs %pairs, %r : tensor<4x3x2xf32>, !moe.routing<tokens = 4, experts = 3, rows = 8, exact> -> tensor<8x2xf32>
  // CHECK: moe.combine pairs %{{.*}}, %{{.*}} : tensor<8x2xf32>, <tokens = 4, experts = 3, rows = 8, exact> -> tensor<4x3x2xf32>
  %c_pairs = moe.combine pairs %d_pairs, %r : tensor<8x2xf32>, !moe.routing<tokens = 4, experts = 3, rows = 8, exact> -> tensor<4x3x2xf32>
  // CHECK: moe.grouped_matmul %{{.*}}, %{{.*}}, %{{.*}} : tensor<8x8xf32>, tensor<3x8x16xf32>, <tokens = 4, experts = 3, rows = 8, exact> -> tensor<8x16xf32>
  %m = moe.grouped_matmul %d_tokens, %w, %r : tensor<8x8xf32>, tensor<3x8x16xf32>, !moe.routing<tokens = 4, experts = 3, rows = 8, exact> -> tensor<8x16xf32>
  // CHECK: moe.grouped_matmul %{{.*}}, %{{.*}}, %{{.*}} {transpose_w} : tensor<8x16xf32>, tensor<3x8x16xf32>, <tokens = 4, experts = 3, rows = 8, exact> -> tensor<8x8xf32>
  %mt = moe.grouped_matmul %m, %w, %r {transpose_w} : tensor<8x16xf32>, tensor<3x8x16xf32>, !moe.routing<tokens = 4, experts = 3, rows = 8, exact> -> tensor<8x8xf32>
  // CHECK: moe.grouped_outer %{{.*}}, %{{.*}}, %{{.*}} : tensor<8x8xf32>, tensor<8x16xf32>, <tokens = 4, experts = 3, rows = 8, exact> -> tensor<3x8x16xf32>
  %g = moe.grouped_outer %d_tokens, %m, %r : tensor<8x8xf32>, tensor<8x16xf32>, !moe.routing<tokens = 4, experts = 3, rows = 8, exact> -> tensor<3x8x16xf32>
  return
}
