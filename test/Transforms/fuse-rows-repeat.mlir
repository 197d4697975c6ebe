// RUN: moe-opt --pass-pipeline='builtin.module(func.func(kernel-fuse-rows))' %s | FileCheck %s
// RUN: moe-opt --pass-pipeline='builtin.module(kernel-evaluate)' %s | grep ' rms ' > %t.before
// RUN: moe-opt --pass-pipeline='builtin.module(func.func(kernel-fuse-rows),kernel-evaluate)' %s | grep ' rms ' > %t.after
// RUN: diff %t.before %t.after

#id = affine_map<(r, o) -> (r, o)>
#row = affine_map<(r, o) -> (r)>
#a = affine_map<(m, n, k) -> (m, k)>
#b = affine_map<(m, n, k) -> (k, n)>
#c = affine_map<(m, n, k) -> (m, n)>

// An activation and what its derivative reads: a product lies between them, and the derivative has %g anyway. The exponential is computed twice, its value is stored nowhere.
// CHECK-LABEL: func.func @derivative
// CHECK-SAME: %[[G:[a-z0-9]+]]: tensor<16x16xf32>, %[[W:[a-z0-9]+]]: tensor<16x16xf32>
// CHECK: %[[H:.*]] = kernel.row(%[[G]] : tensor<16x16xf32>)
// CHECK: math.exp
// CHECK: -> (tensor<16x16xf32>)
// CHECK: %[[P:.*]] = kernel.contract %[[H]], %[[W]]
// CHECK: %[[D:.*]] = kernel.row(%[[G]], %[[P]] : tensor<16x16xf32>, tensor<16x16xf32>)
// CHECK: math.exp
// CHECK: -> (tensor<16x16xf32>)
// CHECK: return %[[D]]
func.func @derivative(%g: tensor<16x16xf32>, %w: tensor<16x16xf32>) -> tensor<16x16xf32> {
  %y:2 = kernel.row(%g : tensor<16x16xf32>) attributes {extents = array<i64: 16, 16>, maps = [#id, #id, #id], row_rank = 0 : i64} {
  ^bb0(%x: f32):
    %e = math.exp %x : f32
    %m = arith.mulf %e, %x : f32
    kernel.yield %m, %e : f32, f32
  } -> (tensor<16x16xf32>, tensor<16x16xf32>)
  %p = kernel.contract %y#0, %w {extents = array<i64: 16, 16, 16>, maps = [#a, #b, #c]} : tensor<16x16xf32>, tensor<16x16xf32> -> tensor<16x16xf32>
  %d = kernel.row(%y#1, %g, %p : tensor<16x16xf32>, tensor<16x16xf32>, tensor<16x16xf32>) attributes {extents = array<i64: 16, 16>, maps = [#id, #id, #id, #id], row_rank = 0 : i64} {
  ^bb0(%e: f32, %x: f32, %q: f32):
    %0 = arith.mulf %e, %q : f32
    %1 = arith.addf %0, %x : f32
    kernel.yield %1 : f32
  } -> (tensor<16x16xf32>)
  return %d : tensor<16x16xf32>
}

// Nobody else needs %q when the derivative runs: to keep it for that would keep one tensor in place of another.
// CHECK-LABEL: func.func @not_there
// CHECK: kernel.row({{.*}}) attributes
// CHECK: -> (tensor<16x16xf32>, tensor<16x16xf32>)
// CHECK: kernel.contract
// CHECK: kernel.row({{.*}}) attributes
// CHECK-NOT: math.exp
// CHECK: return
func.func @not_there(%g: tensor<16x16xf32>, %w: tensor<16x16xf32>) -> tensor<16x16xf32> {
  %q = kernel.contract %g, %w {extents = array<i64: 16, 16, 16>, maps = [#a, #b, #c]} : tensor<16x16xf32>, tensor<16x16xf32> -> tensor<16x16xf32>
  %y:2 = kernel.row(%q : tensor<16x16xf32>) attributes {extents = array<i64: 16, 16>, maps = [#id, #id, #id], row_rank = 0 : i64} {
  ^bb0(%x: f32):
    %e = math.exp %x : f32
    %m = arith.mulf %e, %x : f32
    kernel.yield %m, %e : f32, f32
  } -> (tensor<16x16xf32>, tensor<16x16xf32>)
  %p = kernel.contract %y#0, %w {extents = array<i64: 16, 16, 16>, maps = [#a, #b, #c]} : tensor<16x16xf32>, tensor<16x16xf32> -> tensor<16x16xf32>
  %d = kernel.row(%y#1, %p : tensor<16x16xf32>, tensor<16x16xf32>) attributes {extents = array<i64: 16, 16>, maps = [#id, #id, #id], row_rank = 0 : i64} {
  ^bb0(%e: f32, %x: f32):
    %0 = arith.mulf %e, %x : f32
    kernel.yield %0 : f32
  } -> (tensor<16x16xf32>)
  return %d : tensor<16x16xf32>
}

// An exponential, a logarithm, a tanh and a sum take longer than to read their result.
// CHECK-LABEL: func.func @dear
// CHECK: kernel.row({{.*}}) attributes
// CHECK: -> (tensor<16x16xf32>, tensor<16x16xf32>)
// CHECK: kernel.contract
// CHECK: kernel.row({{.*}}) attributes
// CHECK-NOT: math.exp
// CHECK: return
func.func @dear(%g: tensor<16x16xf32>, %w: tensor<16x16xf32>) -> tensor<16x16xf32> {
  %y:2 = kernel.row(%g : tensor<16x16xf32>) attributes {extents = array<i64: 16, 16>, maps = [#id, #id, #id], row_rank = 1 : i64} {
  ^bb0(%x: f32):
    %e = math.exp %x : f32
    %l = math.log %e : f32
    %t = math.tanh %l : f32
    %s = kernel.reduce sum %t : f32
    %m = arith.mulf %t, %x : f32
    %n = arith.addf %t, %s : f32
    kernel.yield %m, %n : f32, f32
  } -> (tensor<16x16xf32>, tensor<16x16xf32>)
  %p = kernel.contract %y#0, %w {extents = array<i64: 16, 16, 16>, maps = [#a, #b, #c]} : tensor<16x16xf32>, tensor<16x16xf32> -> tensor<16x16xf32>
  %d = kernel.row(%y#1, %g, %p : tensor<16x16xf32>, tensor<16x16xf32>, tensor<16x16xf32>) attributes {extents = array<i64: 16, 16>, maps = [#id, #id, #id, #id], row_rank = 1 : i64} {
  ^bb0(%e: f32, %x: f32, %q: f32):
    %0 = arith.mulf %e, %q : f32
    %1 = arith.addf %0, %x : f32
    kernel.yield %1 : f32
  } -> (tensor<16x16xf32>)
  return %d : tensor<16x16xf32>
}
