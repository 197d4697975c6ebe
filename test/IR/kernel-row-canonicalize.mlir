// RUN: moe-opt --canonicalize %s | FileCheck %s
// RUN: moe-opt --pass-pipeline='builtin.module(kernel-evaluate)' %s | grep ' rms ' > %t.before
// RUN: moe-opt --pass-pipeline='builtin.module(canonicalize,kernel-evaluate)' %s | grep ' rms ' > %t.after
// RUN: diff %t.before %t.after

#id = affine_map<(d0, d1) -> (d0, d1)>
#t = affine_map<(d0, d1) -> (d1, d0)>
#r = affine_map<(d0, d1) -> (d0)>

// The first result is not read, so it is not written; nothing else came from %b, so it is not read. The maps of what is left are its own.
// CHECK-LABEL: func.func @part
// CHECK-SAME: %[[A:.*]]: tensor<4x8xf32>, %{{.*}}: tensor<4x8xf32>, %[[C:.*]]: tensor<4xf32>
// CHECK-NEXT: %[[Y:.*]]:2 = kernel.row(%[[A]], %[[C]] : tensor<4x8xf32>, tensor<4xf32>) attributes {extents = array<i64: 4, 8>, maps = [#[[ID:.*]], #[[R:.*]], #[[T:.*]], #[[R]]], row_rank = 1 : i64} {
// CHECK-NEXT: ^bb0(%[[X:.*]]: f32, %[[Z:.*]]: f32):
// CHECK-NEXT: %[[P:.*]] = arith.mulf %[[X]], %[[Z]] : f32
// CHECK-NEXT: %[[S:.*]] = kernel.reduce sum %[[P]] : f32
// CHECK-NEXT: kernel.yield %[[P]], %[[S]] : f32, f32
// CHECK-NEXT: } -> (tensor<8x4xf32>, tensor<4xf32>)
// CHECK-NEXT: return %[[Y]]#0, %[[Y]]#1
func.func @part(%a: tensor<4x8xf32>, %b: tensor<4x8xf32>, %c: tensor<4xf32>) -> (tensor<8x4xf32>, tensor<4xf32>) {
  %y:3 = kernel.row (%a, %b, %c : tensor<4x8xf32>, tensor<4x8xf32>, tensor<4xf32>) attributes {extents = array<i64: 4, 8>, row_rank = 1, maps = [#id, #id, #r, #id, #t, #r]} {
  ^bb0(%x: f32, %w: f32, %z: f32):
    %e = math.exp %w : f32
    %n = kernel.reduce max %e : f32
    %d = arith.divf %e, %n : f32
    %p = arith.mulf %x, %z : f32
    %s = kernel.reduce sum %p : f32
    kernel.yield %d, %p, %s : f32, f32, f32
  } -> (tensor<4x8xf32>, tensor<8x4xf32>, tensor<4xf32>)
  return %y#1, %y#2 : tensor<8x4xf32>, tensor<4xf32>
}

// All is read: nothing changes. An op without results left is erased as any other.
// CHECK-LABEL: func.func @whole
// CHECK-NEXT: kernel.row(%{{.*}} : tensor<4x8xf32>)
// CHECK-NOT: kernel.row
// CHECK: return
func.func @whole(%a: tensor<4x8xf32>) -> tensor<4x8xf32> {
  %y = kernel.row (%a : tensor<4x8xf32>) attributes {extents = array<i64: 4, 8>, row_rank = 0, maps = [#id, #id]} {
  ^bb0(%x: f32):
    %p = arith.mulf %x, %x : f32
    kernel.yield %p : f32
  } -> (tensor<4x8xf32>)
  %z = kernel.row (%a : tensor<4x8xf32>) attributes {extents = array<i64: 4, 8>, row_rank = 0, maps = [#id, #id]} {
  ^bb0(%x: f32):
    %p = arith.addf %x, %x : f32
    kernel.yield %p : f32
  } -> (tensor<4x8xf32>)
  return %y : tensor<4x8xf32>
}
