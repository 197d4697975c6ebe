// RUN: moe-opt --pass-pipeline='builtin.module(func.func(kernel-chunk-tokens{limit=400 chunk=160 least-tokens=1}))' --split-input-file %s | FileCheck %s
// RUN: moe-opt --pass-pipeline='builtin.module(kernel-evaluate)' --split-input-file %s | grep ' rms ' > %t.before
// RUN: moe-opt --pass-pipeline='builtin.module(func.func(kernel-chunk-tokens{limit=400 chunk=160 least-tokens=1}),kernel-evaluate)' --split-input-file %s | grep ' rms ' > %t.after
// RUN: diff %t.before %t.after
// RUN: moe-opt --pass-pipeline='builtin.module(func.func(kernel-chunk-tokens))' --split-input-file %s | FileCheck %s --check-prefix=SMALL

// With nothing above the limit nothing changes.
// SMALL-LABEL: func.func @head
// SMALL-NOT: kernel.concat
// SMALL-LABEL: func.func @attention

// An output layer and its loss, forward and backward: logits and their gradient exist for 4 of 12 tokens at a time. What has tokens and is read
// outside (loss, gradient of the input) is joined; the gradients of weight and bias continue from chunk to chunk.
// CHECK-LABEL: func.func @head
// CHECK-SAME: %[[H:[a-z0-9]+]]: tensor<2x6x4xf32>, %[[W:[a-z0-9]+]]: tensor<4x10xf32>
// CHECK-NOT: tensor<2x6x10xf32>
// CHECK-NOT: tensor<12x10xf32>
// CHECK: %[[X0:.*]] = kernel.view %[[H]] : tensor<2x6x4xf32> -> tensor<4x4xf32>
// CHECK: kernel.contract %[[X0]], %[[W]] {extents = array<i64: 4, 10, 4>
// CHECK: %[[DW0:.*]] = kernel.contract {{.*}} -> tensor<4x10xf32>
// CHECK: %[[DB0:.*]] = kernel.row(%{{.*}}extents = array<i64: 10, 4>
// CHECK: kernel.view %[[H]] {offset = 16 : i64} : tensor<2x6x4xf32> -> tensor<4x4xf32>
// CHECK: %[[DW1:.*]] = kernel.contract {{.*}} from %[[DW0]] : tensor<4x10xf32>
// CHECK: %[[DB1:.*]] = kernel.row(%{{.*}}, %[[DB0]] : tensor<10xf32>, tensor<4x10xf32>, tensor<10xf32>)
// CHECK: kernel.reduce
// CHECK-NEXT: arith.addf
// CHECK: kernel.view %[[H]] {offset = 32 : i64} : tensor<2x6x4xf32> -> tensor<4x4xf32>
// CHECK: %[[DW2:.*]] = kernel.contract {{.*}} from %[[DW1]] : tensor<4x10xf32>
// CHECK: %[[DB2:.*]] = kernel.row(%{{.*}}, %[[DB1]] : tensor<10xf32>, tensor<4x10xf32>, tensor<10xf32>)
// What follows the sum runs once.
// CHECK: %[[DB:.*]] = kernel.row(%{{.*}}, %[[DB2]] : tensor<10xf32>, tensor<10xf32>) attributes {extents = array<i64: 10>
// CHECK: arith.mulf
// CHECK: kernel.concat {{.*}} -> tensor<12xf32>
// CHECK: kernel.concat {{.*}} -> tensor<12x4xf32>
// CHECK: return %{{.*}}, %{{.*}}, %[[DW2]], %[[DB]]
#x = affine_map<(n, v, k) -> (n, k)>
#w = affine_map<(n, v, k) -> (k, v)>
#z = affine_map<(n, v, k) -> (n, v)>
#nv = affine_map<(n, v) -> (n, v)>
#vn = affine_map<(v, n) -> (n, v)>
#v0 = affine_map<(v, n) -> (v)>
#v = affine_map<(n, v) -> (v)>
#n = affine_map<(n, v) -> (n)>
func.func @head(%h: tensor<2x6x4xf32>, %w: tensor<4x10xf32>, %b: tensor<10xf32>, %t: tensor<2x6xi32>, %old: tensor<10xf32>) -> (tensor<2x6xf32>, tensor<2x6x4xf32>, tensor<4x10xf32>, tensor<10xf32>) {
  %x = kernel.view %h : tensor<2x6x4xf32> -> tensor<12x4xf32>
  %z = kernel.contract %h, %w {extents = array<i64: 2, 6, 10, 4>, maps = [affine_map<(b, t, v, k) -> (b, t, k)>, affine_map<(b, t, v, k) -> (k, v)>, affine_map<(b, t, v, k) -> (b, t, v)>]} : tensor<2x6x4xf32>, tensor<4x10xf32> -> tensor<2x6x10xf32>
  %z2 = kernel.view %z : tensor<2x6x10xf32> -> tensor<12x10xf32>
  %t2 = kernel.view %t : tensor<2x6xi32> -> tensor<12xi32>
  %l = kernel.row (%z2, %b, %t2 : tensor<12x10xf32>, tensor<10xf32>, tensor<12xi32>) attributes {extents = array<i64: 12, 10>, row_rank = 1, maps = [#nv, #v, #n, #n]} {
  ^bb0(%a: f32, %bias: f32, %target: i32):
    %s = arith.addf %a, %bias : f32
    %e = math.exp %s : f32
    %sum = kernel.reduce sum %e : f32
    %log = math.log %sum : f32
    %i = kernel.index 1
    %is = arith.cmpi eq, %i, %target : i32
    %zero = arith.constant 0.0 : f32
    %p = arith.select %is, %s, %zero : f32
    %picked = kernel.reduce sum %p : f32
    %loss = arith.subf %log, %picked : f32
    kernel.yield %loss : f32
  } -> (tensor<12xf32>)
  %d = kernel.row (%z2, %b, %t2 : tensor<12x10xf32>, tensor<10xf32>, tensor<12xi32>) attributes {extents = array<i64: 12, 10>, row_rank = 1, maps = [#nv, #v, #n, #nv]} {
  ^bb0(%a: f32, %bias: f32, %target: i32):
    %s = arith.addf %a, %bias : f32
    %e = math.exp %s : f32
    %sum = kernel.reduce sum %e : f32
    %p = arith.divf %e, %sum : f32
    %i = kernel.index 1
    %is = arith.cmpi eq, %i, %target : i32
    %one = arith.constant 1.0 : f32
    %q = arith.subf %p, %one : f32
    %g = arith.select %is, %q, %p : f32
    kernel.yield %g : f32
  } -> (tensor<12x10xf32>)
  %dx = kernel.contract %d, %w {extents = array<i64: 12, 10, 4>, maps = [affine_map<(n, v, k) -> (n, v)>, affine_map<(n, v, k) -> (k, v)>, affine_map<(n, v, k) -> (n, k)>]} : tensor<12x10xf32>, tensor<4x10xf32> -> tensor<12x4xf32>
  %dw = kernel.contract %x, %d {extents = array<i64: 12, 10, 4>, maps = [affine_map<(n, v, k) -> (n, k)>, affine_map<(n, v, k) -> (n, v)>, affine_map<(n, v, k) -> (k, v)>]} : tensor<12x4xf32>, tensor<12x10xf32> -> tensor<4x10xf32>
  %db = kernel.row (%old, %d : tensor<10xf32>, tensor<12x10xf32>) attributes {extents = array<i64: 10, 12>, row_rank = 1, maps = [#v0, #vn, #v0]} {
  ^bb0(%o: f32, %a: f32):
    %sum = kernel.reduce sum %a : f32
    %half = arith.constant 0.5 : f32
    %scaled = arith.mulf %half, %sum : f32
    %new = arith.addf %o, %scaled : f32
    kernel.yield %new : f32
  } -> (tensor<10xf32>)
  %l2 = kernel.view %l : tensor<12xf32> -> tensor<2x6xf32>
  %dx2 = kernel.view %dx : tensor<12x4xf32> -> tensor<2x6x4xf32>
  return %l2, %dx2, %dw, %db : tensor<2x6xf32>, tensor<2x6x4xf32>, tensor<4x10xf32>, tensor<10xf32>
}

// -----

// Between the scores' two readers stands something that depends on one and that the other needs: the scores stay whole.
// CHECK-LABEL: func.func @attention
// CHECK: -> tensor<12x10xf32>
// CHECK-NOT: kernel.concat
func.func @attention(%q: tensor<12x4xf32>, %k: tensor<4x10xf32>) -> tensor<12x4xf32> {
  %s = kernel.contract %q, %k {extents = array<i64: 12, 10, 4>, maps = [affine_map<(n, j, c) -> (n, c)>, affine_map<(n, j, c) -> (c, j)>, affine_map<(n, j, c) -> (n, j)>]} : tensor<12x4xf32>, tensor<4x10xf32> -> tensor<12x10xf32>
  %o = kernel.row (%s : tensor<12x10xf32>) attributes {extents = array<i64: 12, 10>, row_rank = 1, maps = [affine_map<(n, j) -> (n, j)>, affine_map<(n, j) -> (n)>]} {
  ^bb0(%a: f32):
    %sum = kernel.reduce sum %a : f32
    kernel.yield %sum : f32
  } -> (tensor<12xf32>)
  %total = kernel.row (%o : tensor<12xf32>) attributes {extents = array<i64: 12>, row_rank = 1, maps = [affine_map<(n) -> (n)>, affine_map<(n) -> ()>]} {
  ^bb0(%a: f32):
    %sum = kernel.reduce max %a : f32
    kernel.yield %sum : f32
  } -> (tensor<f32>)
  %d = kernel.row (%s, %total : tensor<12x10xf32>, tensor<f32>) attributes {extents = array<i64: 12, 10>, row_rank = 0, maps = [affine_map<(n, j) -> (n, j)>, affine_map<(n, j) -> ()>, affine_map<(n, j) -> (n, j)>]} {
  ^bb0(%a: f32, %g: f32):
    %y = arith.mulf %a, %g : f32
    kernel.yield %y : f32
  } -> (tensor<12x10xf32>)
  %dq = kernel.contract %d, %k {extents = array<i64: 12, 10, 4>, maps = [affine_map<(n, j, c) -> (n, j)>, affine_map<(n, j, c) -> (c, j)>, affine_map<(n, j, c) -> (n, c)>]} : tensor<12x10xf32>, tensor<4x10xf32> -> tensor<12x4xf32>
  return %dq : tensor<12x4xf32>
}

// -----

// Two tokens have 160 bytes of %z. The weights are few beside them.
// CHECK-LABEL: func.func @few_weights
// CHECK-COUNT-8: kernel.contract {{.*}} {extents = array<i64: 2, 20, 2>
// CHECK-NOT: kernel.contract
// CHECK: return
#x = affine_map<(n, v, k) -> (n, k)>
#w = affine_map<(n, v, k) -> (k, v)>
#z = affine_map<(n, v, k) -> (n, v)>
#nv = affine_map<(n, v) -> (n, v)>
#n = affine_map<(n, v) -> (n)>
func.func @few_weights(%x: tensor<16x2xf32>, %w: tensor<2x20xf32>) -> tensor<16xf32> {
  %z = kernel.contract %x, %w {extents = array<i64: 16, 20, 2>, maps = [#x, #w, #z]} : tensor<16x2xf32>, tensor<2x20xf32> -> tensor<16x20xf32>
  %l = kernel.row (%z : tensor<16x20xf32>) attributes {extents = array<i64: 16, 20>, row_rank = 1, maps = [#nv, #n]} {
  ^bb0(%a: f32):
    %e = math.exp %a : f32
    %sum = kernel.reduce sum %e : f32
    kernel.yield %sum : f32
  } -> (tensor<16xf32>)
  return %l : tensor<16xf32>
}

// -----

// Here they are as much as 5 of 16 tokens move: a chunk is larger, up to four times.
// CHECK-LABEL: func.func @many_weights
// CHECK-COUNT-2: kernel.contract {{.*}} {extents = array<i64: 8, 20, 16>
// CHECK-NOT: kernel.contract
// CHECK: return
#x = affine_map<(n, v, k) -> (n, k)>
#w = affine_map<(n, v, k) -> (k, v)>
#z = affine_map<(n, v, k) -> (n, v)>
#nv = affine_map<(n, v) -> (n, v)>
#n = affine_map<(n, v) -> (n)>
func.func @many_weights(%x: tensor<16x16xf32>, %w: tensor<16x20xf32>) -> tensor<16xf32> {
  %z = kernel.contract %x, %w {extents = array<i64: 16, 20, 16>, maps = [#x, #w, #z]} : tensor<16x16xf32>, tensor<16x20xf32> -> tensor<16x20xf32>
  %l = kernel.row (%z : tensor<16x20xf32>) attributes {extents = array<i64: 16, 20>, row_rank = 1, maps = [#nv, #n]} {
  ^bb0(%a: f32):
    %e = math.exp %a : f32
    %sum = kernel.reduce sum %e : f32
    kernel.yield %sum : f32
  } -> (tensor<16xf32>)
  return %l : tensor<16xf32>
}
