// RUN: moe-opt --convert-moe-to-kernel --split-input-file %s | FileCheck %s

// CHECK-LABEL: func @binary
// CHECK: kernel.row(%{{.*}}, %{{.*}} : tensor<4x8xf32>, tensor<4x8xf32>)
// CHECK-SAME: extents = array<i64: 4, 8>
// CHECK-SAME: row_rank = 0
// CHECK: ^bb0(%[[A:.*]]: f32, %[[B:.*]]: f32):
// CHECK: %[[Y:.*]] = arith.mulf %[[A]], %[[B]] : f32
// CHECK: kernel.yield %[[Y]] : f32
// CHECK-NOT: moe.
func.func @binary(%a: tensor<4x8xf32>, %b: tensor<4x8xf32>) -> tensor<4x8xf32> {
  %y = moe.mul %a, %b : tensor<4x8xf32>
  return %y : tensor<4x8xf32>
}

// -----

// Attributes of the program stay where they are.
// CHECK-LABEL: func @relu(%{{.*}}: tensor<8xf32> {moe.arg = {kind = "param", name = "w"}}) -> (tensor<8xf32> {moe.res = {kind = "probe", name = "y"}})
// CHECK: %[[ZERO:.*]] = arith.constant 0.000000e+00 : f32
// CHECK: arith.maximumf %{{.*}}, %[[ZERO]] : f32
func.func @relu(%x: tensor<8xf32> {moe.arg = {kind = "param", name = "w"}})
    -> (tensor<8xf32> {moe.res = {kind = "probe", name = "y"}}) {
  %y = moe.relu %x : tensor<8xf32>
  return %y : tensor<8xf32>
}

// -----

// CHECK-LABEL: func @compare_select
// CHECK: arith.cmpi sle, %{{.*}}, %{{.*}} : i32
// CHECK: arith.xori %{{.*}}, %true
// CHECK: arith.select %{{.*}}, %{{.*}}, %{{.*}} : f32
// CHECK: arith.cmpf une, %{{.*}}, %{{.*}} : f32
func.func @compare_select(%i: tensor<4xi32>, %j: tensor<4xi32>, %a: tensor<4xf32>, %b: tensor<4xf32>) -> tensor<4xi1> {
  %m = moe.compare le %i, %j : tensor<4xi32> -> tensor<4xi1>
  %n = moe.not %m : tensor<4xi1>
  %s = moe.select %n, %a, %b : tensor<4xi1>, tensor<4xf32>
  %c = moe.compare ne %s, %a : tensor<4xf32> -> tensor<4xi1>
  return %c : tensor<4xi1>
}

// -----

// CHECK-LABEL: func @convert
// CHECK: arith.uitofp %{{.*}} : i1 to f32
// CHECK: %[[LOW:.*]] = arith.cmpf olt, %[[X:.*]], %cst
// CHECK: %[[HIGH:.*]] = arith.cmpf oge, %[[X]], %cst
// CHECK: %[[INSIDE:.*]] = arith.select %{{.*}}, %[[X]], %cst{{.*}} : f32
// CHECK: %[[NEAR:.*]] = arith.fptosi %[[INSIDE]] : f32 to i32
// CHECK: %[[BOUNDED:.*]] = arith.select %[[LOW]], %{{.*}}, %[[NEAR]] : i32
// CHECK: arith.select %[[HIGH]], %{{.*}}, %[[BOUNDED]] : i32
// CHECK: arith.cmpi ne, %{{.*}}, %{{.*}} : i32
// CHECK: arith.extui %{{.*}} : i1 to i32
func.func @convert(%m: tensor<4xi1>) -> tensor<4xi32> {
  %a = moe.convert %m : tensor<4xi1> -> tensor<4xf32>
  %b = moe.convert %a : tensor<4xf32> -> tensor<4xi32>
  %c = moe.convert %b : tensor<4xi32> -> tensor<4xi1>
  %d = moe.convert %c : tensor<4xi1> -> tensor<4xi32>
  return %d : tensor<4xi32>
}

// -----

// CHECK-LABEL: func @momentum
// CHECK-NOT: moe.
// CHECK: arith.mulf
// CHECK: arith.addf
// CHECK: arith.subf
// CHECK-NOT: moe.momentum
func.func @momentum(%x: tensor<4x8xf32>, %y: tensor<4x8xf32>, %m: tensor<4x8xf32>) -> (tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>) {
  %x1, %m1, %same = moe.momentum "HeavyBall"(%x, %y, %m : tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>) {
  ^bb0(%a: tensor<4x8xf32>, %b: tensor<4x8xf32>, %c: tensor<4x8xf32>):
    %mu = moe.constant dense<0.7> : tensor<4x8xf32>
    %p = moe.mul %mu, %c : tensor<4x8xf32>
    %q = moe.add %p, %b : tensor<4x8xf32>
    %z = moe.sub %a, %q : tensor<4x8xf32>
    moe.yield %z, %q, %a : tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>
  } -> (tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>)
  return %x1, %m1, %same : tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>
}
