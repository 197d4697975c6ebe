// RUN: moe-opt --pass-pipeline='builtin.module(func.func(kernel-shrink-rows))' %s | FileCheck %s
// RUN: moe-opt --pass-pipeline='builtin.module(kernel-evaluate)' %s | grep ' rms ' > %t.before
// RUN: moe-opt --pass-pipeline='builtin.module(func.func(kernel-shrink-rows),kernel-evaluate)' %s | grep ' rms ' > %t.after
// RUN: diff %t.before %t.after

#id = affine_map<(r, o) -> (r, o)>
#row = affine_map<(r, o) -> (r)>
#turned = affine_map<(o, r) -> (r, o)>
#same = affine_map<(o, r) -> (o, r)>
// CHECK-DAG: #[[ID:.*]] = affine_map<(d0, d1) -> (d0, d1)>
// CHECK-DAG: #[[ROW:.*]] = affine_map<(d0, d1) -> (d0)>
// CHECK-DAG: #[[TURNED:.*]] = affine_map<(d0, d1) -> (d1)>

// The sum is one number a row: two results of it become one of [4]. Its readers find it by their own row, whatever they call that.
// CHECK-LABEL: func.func @sums
// CHECK: %[[Y:.*]]:2 = kernel.row(%{{.*}} : tensor<4x8xf32>) attributes {extents = array<i64: 4, 8>, maps = [#[[ID]], #[[ID]], #[[ROW]]]
// CHECK: %[[S:.*]] = kernel.reduce sum
// CHECK: kernel.yield %{{.*}}, %[[S]] : f32, f32
// CHECK: -> (tensor<4x8xf32>, tensor<4xf32>)
// CHECK: kernel.row(%[[Y]]#0, %[[Y]]#1 : tensor<4x8xf32>, tensor<4xf32>) attributes {extents = array<i64: 4, 8>, maps = [#[[ID]], #[[ROW]], #[[ID]]]
// CHECK: kernel.row(%[[Y]]#1 : tensor<4xf32>) attributes {extents = array<i64: 8, 4>, maps = [#[[TURNED]], #[[ID]]]
func.func @sums(%x: tensor<4x8xf32>) -> (tensor<4x8xf32>, tensor<8x4xf32>) {
  %y:3 = kernel.row(%x : tensor<4x8xf32>) attributes {extents = array<i64: 4, 8>, maps = [#id, #id, #id, #id], row_rank = 1 : i64} {
  ^bb0(%a: f32):
    %s = kernel.reduce sum %a : f32
    %c = arith.subf %a, %s : f32
    kernel.yield %c, %s, %s : f32, f32, f32
  } -> (tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>)
  %p = kernel.row(%y#0, %y#1 : tensor<4x8xf32>, tensor<4x8xf32>) attributes {extents = array<i64: 4, 8>, maps = [#id, #id, #id], row_rank = 0 : i64} {
  ^bb0(%a: f32, %b: f32):
    %0 = arith.mulf %a, %b : f32
    kernel.yield %0 : f32
  } -> (tensor<4x8xf32>)
  %q = kernel.row(%y#2 : tensor<4x8xf32>) attributes {extents = array<i64: 8, 4>, maps = [#turned, #same], row_rank = 0 : i64} {
  ^bb0(%a: f32):
    %0 = arith.addf %a, %a : f32
    kernel.yield %0 : f32
  } -> (tensor<8x4xf32>)
  return %p, %q : tensor<4x8xf32>, tensor<8x4xf32>
}

// What is returned has the shape that it is asked for; what is made of the index varies.
// CHECK-LABEL: func.func @stay
// CHECK: %[[Y:.*]]:2 = kernel.row
// CHECK: -> (tensor<4x8xf32>, tensor<4x8xf32>)
// CHECK: kernel.row(%[[Y]]#1 : tensor<4x8xf32>)
// CHECK: return %[[Y]]#0
func.func @stay(%x: tensor<4xf32>) -> (tensor<4x8xf32>, tensor<4x8xf32>) {
  %y:2 = kernel.row(%x : tensor<4xf32>) attributes {extents = array<i64: 4, 8>, maps = [#row, #id, #id], row_rank = 1 : i64} {
  ^bb0(%a: f32):
    %i = kernel.index 1
    %f = arith.sitofp %i : i32 to f32
    kernel.yield %a, %f : f32, f32
  } -> (tensor<4x8xf32>, tensor<4x8xf32>)
  %p = kernel.row(%y#1 : tensor<4x8xf32>) attributes {extents = array<i64: 4, 8>, maps = [#id, #id], row_rank = 0 : i64} {
  ^bb0(%a: f32):
    %0 = arith.mulf %a, %a : f32
    kernel.yield %0 : f32
  } -> (tensor<4x8xf32>)
  return %y#0, %p : tensor<4x8xf32>, tensor<4x8xf32>
}
