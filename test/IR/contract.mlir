// RUN: moe-opt %s | moe-opt | FileCheck %s
// RUN: moe-opt --mlir-print-op-generic %s | moe-opt | FileCheck %s
// CHECK-DAG: #[[QUERY:.*]] = affine_map<(d0, d1, d2) -> (d0, d2)>
// CHECK-DAG: #[[KEY:.*]] = affine_map<(d0, d1, d2) -> (d0 + d1, d2)>
// CHECK-DAG: #[[SCORE:.*]] = affine_map<(d0, d1, d2) -> (d0, d1)>
// CHECK-DAG: #[[ALL:.*]] = affine_map<(d0, d1) -> (d0, d1)>
// CHECK-DAG: #[[COLUMN:.*]] = affine_map<(d0, d1) -> (d1)>
#map = affine_map<(t, j, c) -> (t, c)>
#map1 = affine_map<(t, j, c) -> (t + j, c)>
#map2 = affine_map<(t, j, c) -> (t, j)>
#map3 = affine_map<(i, j) -> (i, j)>
#map4 = affine_map<(i, j) -> (j)>
// CHECK-LABEL: func.func @f
func.func @f(%q: tensor<8x16xf32>, %k: tensor<11x16xf32>) {
  // CHECK: moe.contract %{{.*}}, %{{.*}} {extents = array<i64: 8, 4, 16>, maps = [#[[QUERY]], #[[KEY]], #[[SCORE]]]} : tensor<8x16xf32>, tensor<11x16xf32> -> tensor<8x4xf32>
  %0 = moe.contract %q, %k {extents = array<i64: 8, 4, 16>, maps = [#map, #map1, #map2]} : tensor<8x16xf32>, tensor<11x16xf32> -> tensor<8x4xf32>
  // CHECK: moe.contract %{{.*}} {extents = array<i64: 8, 16>, maps = [#[[ALL]], #[[COLUMN]]]} : tensor<8x16xf32> -> tensor<16xf32>
  %1 = moe.contract %q {extents = array<i64: 8, 16>, maps = [#map3, #map4]} : tensor<8x16xf32> -> tensor<16xf32>
  return
}
