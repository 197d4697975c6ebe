// RUN: moe-opt --pass-pipeline='builtin.module(func.func(kernel-repeat-in-regions),canonicalize)' %s | FileCheck %s
// RUN: moe-opt --pass-pipeline='builtin.module(kernel-evaluate)' %s | grep ' rms ' > %t.before
// RUN: moe-opt --pass-pipeline='builtin.module(func.func(kernel-repeat-in-regions),kernel-evaluate)' %s | grep ' rms ' > %t.after
// RUN: diff %t.before %t.after

#ro = affine_map<(e, r, o) -> (r, o)>

// The second product has %g and, as the first one's last result, the sum that the others are made of: it reads neither the gate nor the product of the two.
// CHECK-LABEL: func.func @derivative
// CHECK: %[[OFFSETS:.*]], %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} = kernel.route
// CHECK: %[[Y:.*]]:2 = kernel.grouped_contract %{{.*}}, %{{.*}}, %[[OFFSETS]] with(%[[G:[a-z0-9]+]] :
// CHECK-NEXT: ^bb0(%[[P:.*]]: f32, %[[A:.*]]: f32):
// CHECK: %[[T:.*]] = math.exp %[[A]]
// CHECK: %[[H:.*]] = arith.mulf %[[T]], %[[P]]
// CHECK: kernel.yield %[[H]], %[[P]] : f32, f32
// CHECK: kernel.grouped_contract %{{.*}}, %{{.*}}, %[[OFFSETS]] with(%[[Y]]#1, %[[G]] :
// CHECK-NEXT: ^bb0(%[[DH:.*]]: f32, %[[Q:.*]]: f32, %[[B:.*]]: f32):
// CHECK: %[[U:.*]] = math.exp %[[B]]
// CHECK: %[[S:.*]] = arith.mulf %[[DH]], %[[U]]
// CHECK: %[[R:.*]] = arith.addf %[[S]], %[[Q]]
// CHECK: kernel.yield %[[R]]
// CHECK: kernel.combine_rows %[[Y]]#0
func.func @derivative(%on: tensor<4x3xi1>, %x: tensor<8x6xf32>, %w: tensor<3x6x6xf32>, %g: tensor<8x6xf32>) -> (tensor<4x6xf32>, tensor<4x6xf32>) {
  %offsets, %token, %expert, %pair, %slot, %excess = kernel.route %on : tensor<4x3xi1> -> tensor<4xi32>, tensor<8xi32>, tensor<8xi32>, tensor<8xi32>, tensor<4x3xi32>, tensor<i32>
  %y:3 = kernel.grouped_contract %x, %w, %offsets with(%g : tensor<8x6xf32>) {maps = [#ro]} : tensor<8x6xf32>, tensor<3x6x6xf32>, tensor<4xi32> -> tensor<8x6xf32>, tensor<8x6xf32>, tensor<8x6xf32> {
  ^bb0(%p: f32, %a: f32):
    %t = math.exp %a : f32
    %h = arith.mulf %t, %p : f32
    kernel.yield %h, %t, %p : f32, f32, f32
  }
  %z = kernel.grouped_contract %y#0, %w, %offsets with(%y#1, %y#2, %g : tensor<8x6xf32>, tensor<8x6xf32>, tensor<8x6xf32>) {maps = [#ro, #ro, #ro]}
    : tensor<8x6xf32>, tensor<3x6x6xf32>, tensor<4xi32> -> tensor<8x6xf32> {
  ^bb0(%dh: f32, %t: f32, %q: f32, %a: f32):
    %0 = arith.mulf %dh, %t : f32
    %1 = arith.addf %0, %q : f32
    kernel.yield %1 : f32
  }
  %u = kernel.combine_rows %y#0, %slot : tensor<8x6xf32>, tensor<4x3xi32> -> tensor<4x6xf32>
  %v = kernel.combine_rows %z, %slot : tensor<8x6xf32>, tensor<4x3xi32> -> tensor<4x6xf32>
  return %u, %v : tensor<4x6xf32>, tensor<4x6xf32>
}

// The second product lacks %g: it goes on reading what the first one made of it. So it does where that is the sum itself.
// CHECK-LABEL: func.func @lacks
// CHECK: %[[Y:.*]]:2 = kernel.grouped_contract
// CHECK: kernel.yield %{{.*}}, %{{.*}} : f32, f32
// CHECK: kernel.grouped_contract %{{.*}} with(%[[Y]]#0, %[[Y]]#1 :
// CHECK-NOT: math.exp
// CHECK: return
func.func @lacks(%on: tensor<4x3xi1>, %x: tensor<8x6xf32>, %w: tensor<3x6x6xf32>, %g: tensor<8x6xf32>) -> tensor<4x6xf32> {
  %offsets, %token, %expert, %pair, %slot, %excess = kernel.route %on : tensor<4x3xi1> -> tensor<4xi32>, tensor<8xi32>, tensor<8xi32>, tensor<8xi32>, tensor<4x3xi32>, tensor<i32>
  %y:2 = kernel.grouped_contract %x, %w, %offsets with(%g : tensor<8x6xf32>) {maps = [#ro]} : tensor<8x6xf32>, tensor<3x6x6xf32>, tensor<4xi32> -> tensor<8x6xf32>, tensor<8x6xf32> {
  ^bb0(%p: f32, %a: f32):
    %t = math.exp %a : f32
    kernel.yield %t, %p : f32, f32
  }
  %z = kernel.grouped_contract %x, %w, %offsets with(%y#0, %y#1 : tensor<8x6xf32>, tensor<8x6xf32>) {maps = [#ro, #ro]}
    : tensor<8x6xf32>, tensor<3x6x6xf32>, tensor<4xi32> -> tensor<8x6xf32> {
  ^bb0(%dh: f32, %t: f32, %q: f32):
    %0 = arith.mulf %dh, %t : f32
    %1 = arith.addf %0, %q : f32
    kernel.yield %1 : f32
  }
  %v = kernel.combine_rows %z, %slot : tensor<8x6xf32>, tensor<4x3xi32> -> tensor<4x6xf32>
  return %v : tensor<4x6xf32>
}
