// RUN: moe-opt %s | moe-opt | FileCheck %s
// RUN: moe-opt --mlir-print-op-generic %s | moe-opt | FileCheck %s

#all = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i, j) -> (i)>
#next = affine_map<(i, j) -> (i, j + 1)>
// CHECK-DAG: #[[ALL:.*]] = affine_map<(d0, d1) -> (d0, d1)>
// CHECK-DAG: #[[ROW:.*]] = affine_map<(d0, d1) -> (d0)>
// CHECK-DAG: #[[NEXT:.*]] = affine_map<(d0, d1) -> (d0, d1 + 1)>

// CHECK-LABEL: func.func @softmax
// CHECK: kernel.row(%{{.*}} : tensor<4x9xf32>) attributes {extents = array<i64: 4, 8>, maps = [#[[NEXT]], #[[ALL]], #[[ROW]]], row_rank = 1 : i64} {
// CHECK: %[[M:.*]] = kernel.reduce max %{{.*}} : f32
// CHECK: %[[S:.*]] = kernel.reduce sum %{{.*}} : f32
// CHECK: kernel.yield %{{.*}}, %[[S]] : f32, f32
// CHECK: } -> (tensor<4x8xf32>, tensor<4xf32>)
func.func @softmax(%x: tensor<4x9xf32>) -> (tensor<4x8xf32>, tensor<4xf32>) {
  %y:2 = kernel.row (%x : tensor<4x9xf32>) attributes {extents = array<i64: 4, 8>, row_rank = 1, maps = [#next, #all, #row]} {
  ^bb0(%a: f32):
    %m = kernel.reduce max %a : f32
    %b = arith.subf %a, %m : f32
    %e = math.exp %b : f32
    %s = kernel.reduce sum %e : f32
    %p = arith.divf %e, %s : f32
    kernel.yield %p, %s : f32, f32
  } -> (tensor<4x8xf32>, tensor<4xf32>)
  return %y#0, %y#1 : tensor<4x8xf32>, tensor<4xf32>
}

// CHECK-LABEL: func.func @random
// CHECK: kernel.row() attributes {extents = array<i64: 4, 8>, maps = [#[[ALL]]], row_rank = 0 : i64} {
// CHECK: %[[I:.*]] = kernel.index 1
// CHECK: kernel.random %[[I]], %[[I]], %[[I]], %[[I]], %[[I]]
func.func @random() -> tensor<4x8xf32> {
  %y = kernel.row () attributes {extents = array<i64: 4, 8>, row_rank = 0, maps = [#all]} {
    %i = kernel.index 1
    %u = kernel.random %i, %i, %i, %i, %i
    kernel.yield %u : f32
  } -> (tensor<4x8xf32>)
  return %y : tensor<4x8xf32>
}
