// RUN: moe-opt %s | moe-opt | FileCheck %s
// RUN: moe-opt --mlir-print-op-generic %s | moe-opt | FileCheck %s

#a = affine_map<(m, n, k) -> (m, k)>
#b = affine_map<(m, n, k) -> (k, n)>
#y = affine_map<(m, n, k) -> (m, n)>
#u = affine_map<(u, j) -> (u - j)>
#j = affine_map<(u, j) -> (j)>
#v = affine_map<(u, j) -> (u)>
// CHECK-DAG: #[[A:.*]] = affine_map<(d0, d1, d2) -> (d0, d2)>
// CHECK-DAG: #[[B:.*]] = affine_map<(d0, d1, d2) -> (d2, d1)>
// CHECK-DAG: #[[Y:.*]] = affine_map<(d0, d1, d2) -> (d0, d1)>
// CHECK-DAG: #[[GUARD:.*]] = affine_map<(d0, d1) -> (d0 - d1)>

// CHECK-LABEL: func.func @product
// CHECK: %[[FIRST:.*]] = kernel.contract %{{.*}}, %{{.*}} {extents = array<i64: 4, 6, 8>, maps = [#[[A]], #[[B]], #[[Y]]]} : tensor<4x8xf32>, tensor<8x6xf32> -> tensor<4x6xf32>
// CHECK: kernel.contract %{{.*}}, %{{.*}} from %[[FIRST]] : tensor<4x6xf32> {extents = array<i64: 4, 6, 8>, maps = [#[[A]], #[[B]], #[[Y]]]} : tensor<4x8xf32>, tensor<8x6xf32> -> tensor<4x6xf32>
func.func @product(%a: tensor<4x8xf32>, %b: tensor<8x6xf32>) -> tensor<4x6xf32> {
  %x = kernel.contract %a, %b {extents = array<i64: 4, 6, 8>, maps = [#a, #b, #y]} : tensor<4x8xf32>, tensor<8x6xf32> -> tensor<4x6xf32>
  %y = kernel.contract %a, %b from %x : tensor<4x6xf32> {extents = array<i64: 4, 6, 8>, maps = [#a, #b, #y]} : tensor<4x8xf32>, tensor<8x6xf32> -> tensor<4x6xf32>
  return %y : tensor<4x6xf32>
}

// A guard keeps an index inside its tensor that the box alone would not.
// CHECK-LABEL: func.func @guarded
// CHECK: kernel.contract %{{.*}}, %{{.*}} {extents = array<i64: 9, 4>, guard_sizes = array<i64: 6>, guards = #[[GUARD]], maps = [#[[GUARD]], {{.*}}]} : tensor<6xf32>, tensor<4xf32> -> tensor<9xf32>
func.func @guarded(%q: tensor<6xf32>, %k: tensor<4xf32>) -> tensor<9xf32> {
  %y = kernel.contract %q, %k {extents = array<i64: 9, 4>, maps = [#u, #j, #v], guards = #u, guard_sizes = array<i64: 6>} : tensor<6xf32>, tensor<4xf32> -> tensor<9xf32>
  return %y : tensor<9xf32>
}

// An index that the guards confine only together: 2 (u - j) + (j - c) lies between 0 and 2 * 5 + 1.
// CHECK-LABEL: func.func @together
// CHECK: kernel.contract %{{.*}}, %{{.*}} {extents = array<i64: 9, 4, 3>, guard_sizes = array<i64: 6, 2>, {{.*}}} : tensor<12xf32>, tensor<4xf32> -> tensor<9xf32>
func.func @together(%q: tensor<12xf32>, %k: tensor<4xf32>) -> tensor<9xf32> {
  %y = kernel.contract %q, %k {extents = array<i64: 9, 4, 3>, maps = [affine_map<(u, j, c) -> (u * 2 - j - c)>, affine_map<(u, j, c) -> (j)>, affine_map<(u, j, c) -> (u)>],
    guards = affine_map<(u, j, c) -> (u - j, j - c)>, guard_sizes = array<i64: 6, 2>} : tensor<12xf32>, tensor<4xf32> -> tensor<9xf32>
  return %y : tensor<9xf32>
}
