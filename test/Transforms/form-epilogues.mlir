// RUN: moe-opt --pass-pipeline='builtin.module(func.func(kernel-form-epilogues),canonicalize)' --split-input-file %s | FileCheck %s
// RUN: moe-opt --pass-pipeline='builtin.module(kernel-evaluate)' --split-input-file %s | grep ' rms ' > %t.before
// RUN: moe-opt --pass-pipeline='builtin.module(func.func(kernel-form-epilogues),kernel-evaluate)' --split-input-file %s | grep ' rms ' > %t.after
// RUN: diff %t.before %t.after

#id = affine_map<(r, o) -> (r, o)>
#row = affine_map<(r, o) -> (r)>
// CHECK-DAG: #[[EO:.*]] = affine_map<(d0, d1, d2) -> (d0, d2)>
// CHECK-DAG: #[[R:.*]] = affine_map<(d0, d1, d2) -> (d1)>
// CHECK-DAG: #[[RO:.*]] = affine_map<(d0, d1, d2) -> (d1, d2)>

// The bias of each expert is read where it lies, and the weight of each row. What a gather of something else reads stays a gather. The second product takes the row, and yields
// itself as well, for it is read again; the first one is an operand.
// CHECK-LABEL: func.func @activation
// CHECK-SAME: %[[ON:[a-z0-9]+]]: tensor<4x3xi1>, %[[X:[a-z0-9]+]]: tensor<8x5xf32>, %[[W:[a-z0-9]+]]: tensor<3x5x6xf32>, %[[B:[a-z0-9]+]]: tensor<3x6xf32>
// CHECK: %[[OFFSETS:.*]], %[[TOKEN:.*]], %[[EXPERT:.*]], %{{.*}}, %{{.*}}, %{{.*}} = kernel.route
// CHECK: %[[FIRST:.*]] = kernel.grouped_contract %[[X]], %[[W]], %[[OFFSETS]] : tensor<8x5xf32>, tensor<3x5x6xf32>, tensor<4xi32> -> tensor<8x6xf32>
// CHECK-NEXT: %[[GATHER:.*]] = kernel.gather_rows %{{.*}}, %[[TOKEN]]
// CHECK-NEXT: %[[Y:.*]]:2 = kernel.grouped_contract %[[X]], %{{.*}}, %[[OFFSETS]] with(%[[FIRST]], %[[B]], %[[GATHER]], %{{[a-z0-9]+}} :
// CHECK-SAME: {maps = [#[[RO]], #[[EO]], #[[RO]], #[[R]]]}
// CHECK-NEXT: ^bb0(%[[P:.*]]: f32, %[[A:.*]]: f32, %[[BIAS:.*]]: f32, %[[G:.*]]: f32, %[[S:.*]]: f32):
// CHECK: %[[I:.*]] = kernel.index 1
// CHECK: arith.mulf %[[A]], %[[P]] : f32
// CHECK: kernel.yield %{{.*}}, %[[P]] : f32, f32
// CHECK: kernel.combine_rows %[[Y]]#0
// CHECK-NEXT: kernel.combine_rows %[[Y]]#1
func.func @activation(%on: tensor<4x3xi1>, %x: tensor<8x5xf32>, %w: tensor<3x5x6xf32>, %bias: tensor<3x6xf32>, %v: tensor<3x5x6xf32>, %table: tensor<4x6xf32>, %scale: tensor<8xf32>)
    -> (tensor<4x6xf32>, tensor<4x6xf32>) {
  %offsets, %token, %expert, %pair, %slot, %excess = kernel.route %on : tensor<4x3xi1> -> tensor<4xi32>, tensor<8xi32>, tensor<8xi32>, tensor<8xi32>, tensor<4x3xi32>, tensor<i32>
  %gate = kernel.grouped_contract %x, %w, %offsets : tensor<8x5xf32>, tensor<3x5x6xf32>, tensor<4xi32> -> tensor<8x6xf32>
  %up = kernel.grouped_contract %x, %v, %offsets : tensor<8x5xf32>, tensor<3x5x6xf32>, tensor<4xi32> -> tensor<8x6xf32>
  %b = kernel.gather_rows %bias, %expert : tensor<3x6xf32>, tensor<8xi32> -> tensor<8x6xf32>
  %t = kernel.gather_rows %table, %token : tensor<4x6xf32>, tensor<8xi32> -> tensor<8x6xf32>
  %y = kernel.row(%gate, %up, %b, %t, %scale : tensor<8x6xf32>, tensor<8x6xf32>, tensor<8x6xf32>, tensor<8x6xf32>, tensor<8xf32>)
    attributes {extents = array<i64: 8, 6>, maps = [#id, #id, #id, #id, #row, #id], row_rank = 0 : i64} {
  ^bb0(%g: f32, %u: f32, %c: f32, %d: f32, %s: f32):
    %i = kernel.index 0
    %f = arith.sitofp %i : i32 to f32
    %0 = arith.mulf %g, %u : f32
    %1 = arith.addf %0, %c : f32
    %2 = arith.addf %1, %d : f32
    %3 = arith.mulf %2, %s : f32
    %4 = arith.addf %3, %f : f32
    kernel.yield %4 : f32
  } -> (tensor<8x6xf32>)
  %a = kernel.combine_rows %y, %slot : tensor<8x6xf32>, tensor<4x3xi32> -> tensor<4x6xf32>
  %k = kernel.combine_rows %up, %slot : tensor<8x6xf32>, tensor<4x3xi32> -> tensor<4x6xf32>
  return %a, %k : tensor<4x6xf32>, tensor<4x6xf32>
}

// -----

// A row that adds up, one that reads the product at another element, one of another shape and one that needs what is made of the product meanwhile.
// CHECK-LABEL: func.func @stays_apart
// CHECK-NOT: with(
// CHECK: return
#id = affine_map<(r, o) -> (r, o)>
#row = affine_map<(r, o) -> (r)>
#turned = affine_map<(r, o) -> (o, r)>
func.func @stays_apart(%x: tensor<6x5xf32>, %w: tensor<2x5x6xf32>) -> (tensor<6xf32>, tensor<6x6xf32>, tensor<6x6xf32>) {
  %offsets = kernel.constant dense<[0, 4, 6]> : tensor<3xi32>
  %p = kernel.grouped_contract %x, %w, %offsets : tensor<6x5xf32>, tensor<2x5x6xf32>, tensor<3xi32> -> tensor<6x6xf32>
  %sum = kernel.row(%p : tensor<6x6xf32>) attributes {extents = array<i64: 6, 6>, maps = [#id, #row], row_rank = 1 : i64} {
  ^bb0(%a: f32):
    %s = kernel.reduce sum %a : f32
    kernel.yield %s : f32
  } -> (tensor<6xf32>)
  %t = kernel.row(%p : tensor<6x6xf32>) attributes {extents = array<i64: 6, 6>, maps = [#turned, #id], row_rank = 0 : i64} {
  ^bb0(%a: f32):
    %s = arith.addf %a, %a : f32
    kernel.yield %s : f32
  } -> (tensor<6x6xf32>)
  %z = kernel.row(%p, %sum : tensor<6x6xf32>, tensor<6xf32>) attributes {extents = array<i64: 6, 6>, maps = [#id, #row, #id], row_rank = 0 : i64} {
  ^bb0(%a: f32, %b: f32):
    %s = arith.divf %a, %b : f32
    kernel.yield %s : f32
  } -> (tensor<6x6xf32>)
  return %sum, %t, %z : tensor<6xf32>, tensor<6x6xf32>, tensor<6x6xf32>
}

// -----

// A chain of maps becomes one region. The maps move up to the product, which something needs before them.
// CHECK-LABEL: func.func @chain
// CHECK-SAME: %{{.*}}: tensor<4x3xi1>, %{{.*}}: tensor<8x5xf32>, %{{.*}}: tensor<3x5x6xf32>, %[[B:[a-z0-9]+]]: tensor<3x6xf32>
// CHECK: %[[P:.*]]:2 = kernel.grouped_contract {{.*}} with(%[[B]] : tensor<3x6xf32>)
// CHECK: arith.addf
// CHECK: math.exp %{{.*}} : f32
// CHECK-NEXT: kernel.yield
// CHECK: kernel.combine_rows %[[P]]#1
// CHECK-NEXT: kernel.combine_rows %[[P]]#0
// CHECK-NEXT: return
#id = affine_map<(r, o) -> (r, o)>
func.func @chain(%on: tensor<4x3xi1>, %x: tensor<8x5xf32>, %w: tensor<3x5x6xf32>, %bias: tensor<3x6xf32>) -> (tensor<4x6xf32>, tensor<4x6xf32>) {
  %offsets, %token, %expert, %pair, %slot, %excess = kernel.route %on : tensor<4x3xi1> -> tensor<4xi32>, tensor<8xi32>, tensor<8xi32>, tensor<8xi32>, tensor<4x3xi32>, tensor<i32>
  %p = kernel.grouped_contract %x, %w, %offsets : tensor<8x5xf32>, tensor<3x5x6xf32>, tensor<4xi32> -> tensor<8x6xf32>
  %a = kernel.combine_rows %p, %slot : tensor<8x6xf32>, tensor<4x3xi32> -> tensor<4x6xf32>
  %b = kernel.gather_rows %bias, %expert : tensor<3x6xf32>, tensor<8xi32> -> tensor<8x6xf32>
  %y = kernel.row(%p, %b : tensor<8x6xf32>, tensor<8x6xf32>) attributes {extents = array<i64: 8, 6>, maps = [#id, #id, #id], row_rank = 0 : i64} {
  ^bb0(%u: f32, %c: f32):
    %0 = arith.addf %u, %c : f32
    kernel.yield %0 : f32
  } -> (tensor<8x6xf32>)
  %z = kernel.row(%y : tensor<8x6xf32>) attributes {extents = array<i64: 8, 6>, maps = [#id, #id], row_rank = 0 : i64} {
  ^bb0(%u: f32):
    %0 = math.exp %u : f32
    kernel.yield %0 : f32
  } -> (tensor<8x6xf32>)
  %k = kernel.combine_rows %z, %slot : tensor<8x6xf32>, tensor<4x3xi32> -> tensor<4x6xf32>
  return %a, %k : tensor<4x6xf32>, tensor<4x6xf32>
}
