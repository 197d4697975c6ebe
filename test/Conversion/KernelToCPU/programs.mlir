// RUN: moe-run-kernels %s | FileCheck %s
// RUN: moe-run-kernels --profile 1 %s | FileCheck %s --check-prefix=PROFILE
// Programs: their buffers have names, and a result may be what an argument was.

#id = affine_map<(d0) -> (d0)>

// CHECK: update #0 [37] ok rms 0.{{[0-9]+}} error
// CHECK: update #1 [37] ok rms 0.{{[0-9]+}} error
// PROFILE: blocks update row_0
// PROFILE: us in all of update
func.func @update(%p: tensor<37xf32> {moe.arg = {kind = "param", name = "w"}}, %g: tensor<37xf32> {moe.arg = {kind = "grad", name = "w"}},
                  %m: tensor<37xf32> {moe.arg = {kind = "opt", name = "m.w"}})
    -> (tensor<37xf32> {moe.res = {kind = "opt", name = "m.w"}}, tensor<37xf32> {moe.res = {kind = "param", name = "w"}}) {
  %y:2 = kernel.row(%p, %g, %m : tensor<37xf32>, tensor<37xf32>, tensor<37xf32>) attributes {extents = array<i64: 37>, maps = [#id, #id, #id, #id, #id], row_rank = 1 : i64} {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %half = arith.constant 0.5 : f32
    %old = arith.mulf %c, %half : f32
    %new = arith.addf %old, %b : f32
    %next = arith.subf %a, %new : f32
    kernel.yield %new, %next : f32, f32
  } -> (tensor<37xf32>, tensor<37xf32>)
  return %y#0, %y#1 : tensor<37xf32>, tensor<37xf32>
}

// CHECK: no_arguments #0 [3] ok rms 2 error 0.0e+00
func.func @no_arguments() -> (tensor<3xf32> {moe.res = {kind = "probe", name = "p"}}) {
  %c = kernel.constant dense<2.0> : tensor<3xf32>
  return %c : tensor<3xf32>
}

// CHECK: without_names #0 [3] ok rms 2 error 0.0e+00
func.func @without_names() -> tensor<3xf32> {
  %c = kernel.constant dense<2.0> : tensor<3xf32>
  return %c : tensor<3xf32>
}
