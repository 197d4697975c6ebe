// RUN: moe-opt %s | moe-opt | FileCheck %s
// RUN: moe-opt --mlir-print-op-generic %s | moe-opt | FileCheck %s

// CHECK-LABEL: func.func @f
func.func @f(%s: tensor<4x3xf32>, %on: tensor<4x3xi1>, %x: tensor<8x5xf32>, %w: tensor<3x5x6xf32>, %i: tensor<4x8xi32>) {
  // CHECK: kernel.top_mask %{{.*}} {k = 2 : i64} : tensor<4x3xf32> -> tensor<4x3xi1>
  %0 = kernel.top_mask %s {k = 2 : i64} : tensor<4x3xf32> -> tensor<4x3xi1>
  // CHECK: kernel.route %{{.*}} {exact} : tensor<4x3xi1> -> tensor<4xi32>, tensor<8xi32>, tensor<8xi32>, tensor<8xi32>, tensor<4x3xi32>, tensor<i32>
  %offsets, %token, %expert, %pair, %slot, %excess = kernel.route %on {exact} : tensor<4x3xi1> -> tensor<4xi32>, tensor<8xi32>, tensor<8xi32>, tensor<8xi32>, tensor<4x3xi32>, tensor<i32>
  // CHECK: kernel.grouped_contract %{{.*}}, %{{.*}}, %{{.*}} : tensor<8x5xf32>, tensor<3x5x6xf32>, tensor<4xi32> -> tensor<8x6xf32>
  %y = kernel.grouped_contract %x, %w, %offsets : tensor<8x5xf32>, tensor<3x5x6xf32>, tensor<4xi32> -> tensor<8x6xf32>
  // CHECK: kernel.grouped_contract %{{.*}}, %{{.*}}, %{{.*}} {transpose_w} : tensor<8x6xf32>, tensor<3x5x6xf32>, tensor<4xi32> -> tensor<8x5xf32>
  %z = kernel.grouped_contract %y, %w, %offsets {transpose_w} : tensor<8x6xf32>, tensor<3x5x6xf32>, tensor<4xi32> -> tensor<8x5xf32>
  // CHECK: kernel.grouped_outer %{{.*}}, %{{.*}}, %{{.*}} : tensor<8x5xf32>, tensor<8x6xf32>, tensor<4xi32> -> tensor<3x5x6xf32>
  %g = kernel.grouped_outer %x, %y, %offsets : tensor<8x5xf32>, tensor<8x6xf32>, tensor<4xi32> -> tensor<3x5x6xf32>
  // CHECK: kernel.grouped_outer %{{.*}}[%{{.*}} : tensor<8xi32>], %{{.*}}, %{{.*}} : tensor<4x5xf32>, tensor<8x6xf32>, tensor<4xi32> -> tensor<3x5x6xf32>
  %few = kernel.combine_rows %x, %slot : tensor<8x5xf32>, tensor<4x3xi32> -> tensor<4x5xf32>
  %g2 = kernel.grouped_outer %few[%token : tensor<8xi32>], %y, %offsets : tensor<4x5xf32>, tensor<8x6xf32>, tensor<4xi32> -> tensor<3x5x6xf32>
  // CHECK: kernel.grouped_contract %{{.*}}[%{{.*}} : tensor<8xi32>], %{{.*}}, %{{.*}} with(%{{.*}} : tensor<8x6xf32>) {maps = [#{{.*}}]} : tensor<4x5xf32>, tensor<3x5x6xf32>, tensor<4xi32> -> tensor<8x6xf32>, tensor<8x6xi1> {
  // CHECK-NEXT: ^bb0(%{{.*}}: f32, %{{.*}}: f32):
  %y2:2 = kernel.grouped_contract %few[%token : tensor<8xi32>], %w, %offsets with(%y : tensor<8x6xf32>) {maps = [affine_map<(e, r, o) -> (r, o)>]} : tensor<4x5xf32>, tensor<3x5x6xf32>, tensor<4xi32> -> tensor<8x6xf32>, tensor<8x6xi1> {
  ^bb0(%p: f32, %q: f32):
    %sum = arith.addf %p, %q : f32
    %above = arith.cmpf ogt, %p, %q : f32
    kernel.yield %sum, %above : f32, i1
  }
  // CHECK: kernel.combine_rows %{{.*}}, %{{.*}} : tensor<8x5xf32>, tensor<4x3xi32> -> tensor<4x5xf32>
  %c = kernel.combine_rows %x, %slot : tensor<8x5xf32>, tensor<4x3xi32> -> tensor<4x5xf32>
  // CHECK: kernel.segment_sum %{{.*}}, %{{.*}} : tensor<8x5xf32>, tensor<4xi32> -> tensor<3x5xf32>
  %t = kernel.segment_sum %x, %offsets : tensor<8x5xf32>, tensor<4xi32> -> tensor<3x5xf32>
  // CHECK: kernel.gather_rows %{{.*}}, %{{.*}} : tensor<4x5xf32>, tensor<8xi32> -> tensor<8x5xf32>
  %r = kernel.gather_rows %c, %token : tensor<4x5xf32>, tensor<8xi32> -> tensor<8x5xf32>
  // CHECK: kernel.scatter_add_rows %{{.*}}, %{{.*}} : tensor<8xi32>, tensor<8x5xf32> -> tensor<4x5xf32>
  %a = kernel.scatter_add_rows %token, %x : tensor<8xi32>, tensor<8x5xf32> -> tensor<4x5xf32>
  // CHECK: kernel.scan %{{.*}} {dim = 1 : i64, exclusive, reverse} : tensor<4x8xi32>
  %p = kernel.scan %i {dim = 1 : i64, exclusive, reverse} : tensor<4x8xi32>
  // CHECK: kernel.concat %{{.*}}, %{{.*}} {dim = 0 : i64} : tensor<8x5xf32>, tensor<8x5xf32> -> tensor<16x5xf32>
  %j = kernel.concat %x, %r {dim = 0 : i64} : tensor<8x5xf32>, tensor<8x5xf32> -> tensor<16x5xf32>
  // CHECK: kernel.pad %{{.*}} {offsets = array<i64: 1, 0>} : tensor<8x5xf32> -> tensor<10x5xf32>
  %o = kernel.pad %x {offsets = array<i64: 1, 0>} : tensor<8x5xf32> -> tensor<10x5xf32>
  // CHECK: kernel.constant dense<1.000000e+00> : tensor<4xf32>
  %k = kernel.constant dense<1.000000e+00> : tensor<4xf32>
  // CHECK: kernel.view %{{.*}} : tensor<8x5xf32> -> tensor<40xf32>
  %v = kernel.view %x : tensor<8x5xf32> -> tensor<40xf32>
  // CHECK: kernel.view %{{.*}} {offset = 10 : i64} : tensor<8x5xf32> -> tensor<2x5xf32>
  %u = kernel.view %x {offset = 10 : i64} : tensor<8x5xf32> -> tensor<2x5xf32>
  return
}
