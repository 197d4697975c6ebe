// RUN: moe-opt --pass-pipeline='builtin.module(moe-check-update)' %s | FileCheck %s

// The parameter, its moment and its gradient are looked at together, the metric by itself; what was infinite before may stay so; the tally and the step's assertion are kept apart. What only the metric of the
// update reads is read here too, and nothing is written.
// CHECK-LABEL: func.func @update(
// CHECK: return %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} : tensor<4x2xf32>, tensor<4x2xf32>, tensor<f32>, tensor<4x2xf32>, tensor<i32>
// CHECK-LABEL: func.func @check_update(
// CHECK-SAME: %[[G:[a-z0-9]+]]: tensor<4x2xf32> {moe.arg = {kind = "grad", name = "w"}}, %[[W:[a-z0-9]+]]: tensor<4x2xf32> {moe.arg = {kind = "param", name = "w"}},
// CHECK-SAME: %[[M:[a-z0-9]+]]: tensor<4x2xf32> {moe.arg = {kind = "opt", name = "m.w"}}) ->
// CHECK-SAME: (tensor<i32> {moe.res = {kind = "check", name = "assert"}}, tensor<i32> {moe.res = {kind = "check", message = "the update makes what is not finite", name = "update"}})
// CHECK: %[[M1:.*]] = moe.add %[[M]], %[[G]]
// CHECK: %[[W1:.*]] = moe.sub %[[W]], %[[M1]]
// CHECK: %[[NORM:.*]] = moe.reduce sum %[[G]]
// CHECK: %[[BAD_M:.*]] = moe.select %{{.*}}, %{{.*}}, %{{.*}} : tensor<4x2xi1>, tensor<4x2xf32>
// CHECK: moe.abs %[[W1]]
// CHECK: %[[BAD_W:.*]] = moe.select %{{.*}}, %{{.*}}, %{{.*}} : tensor<4x2xi1>, tensor<4x2xf32>
// CHECK: %[[BOTH:.*]] = moe.add %[[BAD_M]], %[[BAD_W]] : tensor<4x2xf32>
// CHECK: moe.abs %[[G]]
// CHECK: %[[BAD_G:.*]] = moe.convert %{{.*}} : tensor<4x2xi1> -> tensor<4x2xf32>
// CHECK: %[[THREE:.*]] = moe.add %[[BOTH]], %[[BAD_G]] : tensor<4x2xf32>
// CHECK: %[[SUM:.*]] = moe.reduce sum %[[THREE]] {dims = array<i64: 0, 1>} : tensor<4x2xf32> -> tensor<f32>
// CHECK: moe.abs %[[NORM]]
// CHECK: %[[ALL:.*]] = moe.add %[[SUM]], %{{.*}} : tensor<f32>
// CHECK: %[[COUNT:.*]] = moe.convert %[[ALL]] : tensor<f32> -> tensor<i32>
// CHECK: return %{{.*}}, %[[COUNT]] : tensor<i32>, tensor<i32>
// CHECK-NOT: func.func
func.func @update(%g: tensor<4x2xf32> {moe.arg = {kind = "grad", name = "w"}}, %w: tensor<4x2xf32> {moe.arg = {kind = "param", name = "w"}},
                  %m: tensor<4x2xf32> {moe.arg = {kind = "opt", name = "m.w"}}, %t: tensor<4x2xf32> {moe.arg = {kind = "tally", name = "t"}})
    -> (tensor<4x2xf32> {moe.res = {kind = "opt", name = "m.w"}}, tensor<4x2xf32> {moe.res = {kind = "param", name = "w"}}, tensor<f32> {moe.res = {kind = "metric", name = "norm"}},
        tensor<4x2xf32> {moe.res = {kind = "tally", name = "t"}}, tensor<i32> {moe.res = {kind = "check", name = "assert"}}) {
  %m1 = moe.add %m, %g : tensor<4x2xf32>
  %w1 = moe.sub %w, %m1 : tensor<4x2xf32>
  %norm = moe.reduce sum %g {dims = array<i64: 0, 1>} : tensor<4x2xf32> -> tensor<f32>
  %zero = moe.constant dense<0.0> : tensor<4x2xf32>
  %none = moe.constant dense<0> : tensor<i32>
  return %m1, %w1, %norm, %zero, %none : tensor<4x2xf32>, tensor<4x2xf32>, tensor<f32>, tensor<4x2xf32>, tensor<i32>
}
