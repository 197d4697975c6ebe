// RUN: moe-opt %s | moe-opt | FileCheck %s
// RUN: moe-opt --mlir-print-op-generic %s | moe-opt | FileCheck %s

// CHECK-LABEL: func.func @f
// CHECK-SAME: (%[[X:.*]]: tensor<4xf32>, %[[Y:.*]]: tensor<4xf32>)
// CHECK: %[[OUT:.*]]:2 = moe.momentum "HeavyBall"(%[[X]], %[[Y]] : tensor<4xf32>, tensor<4xf32>) {
// CHECK-NEXT: ^bb0(%[[A:.*]]: tensor<4xf32>, %[[B:.*]]: tensor<4xf32>):
// CHECK-NEXT: %[[SUM:.*]] = moe.add %[[A]], %[[B]] : tensor<4xf32>
// CHECK-NEXT: moe.yield %[[SUM]], %[[B]] : tensor<4xf32>, tensor<4xf32>
// CHECK-NEXT: } -> (tensor<4xf32>, tensor<4xf32>)
// CHECK: moe.momentum "Constant"() {
// CHECK-NEXT: moe.constant dense<1.000000e+00> : tensor<4xf32>
// CHECK: } -> (tensor<4xf32>)
// CHECK: return %[[OUT]]#0, %[[OUT]]#1
func.func @f(%x: tensor<4xf32>, %y: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  %x1, %m1 = moe.momentum "HeavyBall"(%x, %y : tensor<4xf32>, tensor<4xf32>) {
  ^bb0(%a: tensor<4xf32>, %b: tensor<4xf32>):
    %s = moe.add %a, %b : tensor<4xf32>
    moe.yield %s, %b : tensor<4xf32>, tensor<4xf32>
  } -> (tensor<4xf32>, tensor<4xf32>)
  %c = moe.momentum "Constant"() {
    %one = moe.constant dense<1.0> : tensor<4xf32>
    moe.yield %one : tensor<4xf32>
  } -> (tensor<4xf32>)
  return %x1, %m1 : tensor<4xf32>, tensor<4xf32>
}
