// RUN: moe-opt --pass-pipeline='builtin.module(func.func(kernel-fuse-rows))' %s | FileCheck %s
// RUN: moe-opt --pass-pipeline='builtin.module(kernel-evaluate)' %s | grep ' rms ' > %t.before
// RUN: moe-opt --pass-pipeline='builtin.module(func.func(kernel-fuse-rows),kernel-evaluate)' %s | grep ' rms ' > %t.after
// RUN: diff %t.before %t.after

#id = affine_map<(r, o) -> (r, o)>
#row = affine_map<(r, o) -> (r)>

// A weight for each row, spread over its elements for two rows that cannot be one: both read the weights, and nobody stores what was spread.
// CHECK-LABEL: func.func @spread
// CHECK-SAME: %[[W:[a-z0-9]+]]: tensor<4xf32>, %[[X:[a-z0-9]+]]: tensor<4x8xf32>
// CHECK: %[[Y:.*]] = kernel.row(%[[W]], %[[X]] : tensor<4xf32>, tensor<4x8xf32>)
// CHECK: -> (tensor<4x8xf32>)
// CHECK: %[[C:.*]] = kernel.concat %[[Y]], %[[X]]
// CHECK: kernel.row(%[[W]], %{{.*}} : tensor<4xf32>, tensor<4x8xf32>)
// CHECK: -> (tensor<4x8xf32>)
// CHECK-NOT: kernel.row
func.func @spread(%w: tensor<4xf32>, %x: tensor<4x8xf32>) -> tensor<4x8xf32> {
  %s = kernel.row(%w : tensor<4xf32>) attributes {extents = array<i64: 4, 8>, maps = [#row, #id], row_rank = 0 : i64} {
  ^bb0(%a: f32):
    kernel.yield %a : f32
  } -> (tensor<4x8xf32>)
  %y = kernel.row(%s, %x : tensor<4x8xf32>, tensor<4x8xf32>) attributes {extents = array<i64: 4, 8>, maps = [#id, #id, #id], row_rank = 0 : i64} {
  ^bb0(%a: f32, %b: f32):
    %0 = arith.mulf %a, %b : f32
    kernel.yield %0 : f32
  } -> (tensor<4x8xf32>)
  %c = kernel.concat %y, %x {dim = 0 : i64} : tensor<4x8xf32>, tensor<4x8xf32> -> tensor<8x8xf32>
  %v = kernel.view %c {offset = 16 : i64} : tensor<8x8xf32> -> tensor<4x8xf32>
  %z = kernel.row(%s, %v : tensor<4x8xf32>, tensor<4x8xf32>) attributes {extents = array<i64: 4, 8>, maps = [#id, #id, #id], row_rank = 0 : i64} {
  ^bb0(%a: f32, %b: f32):
    %0 = arith.addf %a, %b : f32
    kernel.yield %0 : f32
  } -> (tensor<4x8xf32>)
  return %z : tensor<4x8xf32>
}

// What is not smaller is computed once and kept.
// CHECK-LABEL: func.func @kept
// CHECK: %[[Y:.*]]:2 = kernel.row(%{{.*}}, %{{.*}} : tensor<4x8xf32>, tensor<4x8xf32>)
// CHECK: -> (tensor<4x8xf32>, tensor<4x8xf32>)
// CHECK: return %[[Y]]#0, %[[Y]]#1
func.func @kept(%w: tensor<4x8xf32>, %x: tensor<4x8xf32>) -> (tensor<4x8xf32>, tensor<4x8xf32>) {
  %s = kernel.row(%w : tensor<4x8xf32>) attributes {extents = array<i64: 4, 8>, maps = [#id, #id], row_rank = 0 : i64} {
  ^bb0(%a: f32):
    %0 = arith.addf %a, %a : f32
    kernel.yield %0 : f32
  } -> (tensor<4x8xf32>)
  %y = kernel.row(%s, %x : tensor<4x8xf32>, tensor<4x8xf32>) attributes {extents = array<i64: 4, 8>, maps = [#id, #id, #id], row_rank = 0 : i64} {
  ^bb0(%a: f32, %b: f32):
    %0 = arith.mulf %a, %b : f32
    kernel.yield %0 : f32
  } -> (tensor<4x8xf32>)
  return %y, %s : tensor<4x8xf32>, tensor<4x8xf32>
}
