// RUN: moe-run-kernels --relative --tolerance 2e-7 %s | FileCheck %s
// Elementary functions: the error of each value relative to itself over the whole range, and the ends.
// All arguments are multiples of powers of two: the reference gets the same numbers.

#id1 = affine_map<(d0) -> (d0)>

// CHECK: exp #0 [11213] ok
func.func @exp() -> tensor<11213xf32> {
  %y = kernel.row () attributes {extents = array<i64: 11213>, row_rank = 0, maps = [#id1]} {
    %i = kernel.index 0
    %f = arith.sitofp %i : i32 to f32
    %step = arith.constant 0.015625 : f32
    %first = arith.constant -87.0 : f32
    %d = arith.mulf %f, %step : f32
    %x = arith.addf %d, %first : f32
    %y = math.exp %x : f32
    kernel.yield %y : f32
  } -> (tensor<11213xf32>)
  return %y : tensor<11213xf32>
}

// CHECK: exp_small #0 [2049] ok
func.func @exp_small() -> tensor<2049xf32> {
  %y = kernel.row () attributes {extents = array<i64: 2049>, row_rank = 0, maps = [#id1]} {
    %i = kernel.index 0
    %f = arith.sitofp %i : i32 to f32
    %step = arith.constant 6.103515625e-05 : f32
    %first = arith.constant -0.0625 : f32
    %d = arith.mulf %f, %step : f32
    %x = arith.addf %d, %first : f32
    %y = math.exp %x : f32
    kernel.yield %y : f32
  } -> (tensor<2049xf32>)
  return %y : tensor<2049xf32>
}

// CHECK: log #0 [50001] ok
func.func @log() -> tensor<50001xf32> {
  %y = kernel.row () attributes {extents = array<i64: 50001>, row_rank = 0, maps = [#id1]} {
    %i = kernel.index 0
    %f = arith.sitofp %i : i32 to f32
    %step = arith.constant 0.00390625 : f32
    %first = arith.constant 0.00390625 : f32
    %d = arith.mulf %f, %step : f32
    %x = arith.addf %d, %first : f32
    %y = math.log %x : f32
    kernel.yield %y : f32
  } -> (tensor<50001xf32>)
  return %y : tensor<50001xf32>
}

// CHECK: log_near_one #0 [2049] ok
func.func @log_near_one() -> tensor<2049xf32> {
  %y = kernel.row () attributes {extents = array<i64: 2049>, row_rank = 0, maps = [#id1]} {
    %i = kernel.index 0
    %f = arith.sitofp %i : i32 to f32
    %step = arith.constant 6.103515625e-05 : f32
    %first = arith.constant 0.9375 : f32
    %d = arith.mulf %f, %step : f32
    %x = arith.addf %d, %first : f32
    %y = math.log %x : f32
    kernel.yield %y : f32
  } -> (tensor<2049xf32>)
  return %y : tensor<2049xf32>
}

// CHECK: sqrt #0 [3001] ok
func.func @sqrt() -> tensor<3001xf32> {
  %y = kernel.row () attributes {extents = array<i64: 3001>, row_rank = 0, maps = [#id1]} {
    %i = kernel.index 0
    %f = arith.sitofp %i : i32 to f32
    %step = arith.constant 0.125 : f32
    %first = arith.constant 0.0 : f32
    %d = arith.mulf %f, %step : f32
    %x = arith.addf %d, %first : f32
    %y = math.sqrt %x : f32
    kernel.yield %y : f32
  } -> (tensor<3001xf32>)
  return %y : tensor<3001xf32>
}

// CHECK: rsqrt #0 [3001] ok
func.func @rsqrt() -> tensor<3001xf32> {
  %y = kernel.row () attributes {extents = array<i64: 3001>, row_rank = 0, maps = [#id1]} {
    %i = kernel.index 0
    %f = arith.sitofp %i : i32 to f32
    %step = arith.constant 0.125 : f32
    %first = arith.constant 0.125 : f32
    %d = arith.mulf %f, %step : f32
    %x = arith.addf %d, %first : f32
    %y = math.rsqrt %x : f32
    kernel.yield %y : f32
  } -> (tensor<3001xf32>)
  return %y : tensor<3001xf32>
}

// CHECK: tanh #0 [5121] ok
func.func @tanh() -> tensor<5121xf32> {
  %y = kernel.row () attributes {extents = array<i64: 5121>, row_rank = 0, maps = [#id1]} {
    %i = kernel.index 0
    %f = arith.sitofp %i : i32 to f32
    %step = arith.constant 0.0078125 : f32
    %first = arith.constant -20.0 : f32
    %d = arith.mulf %f, %step : f32
    %x = arith.addf %d, %first : f32
    %y = math.tanh %x : f32
    kernel.yield %y : f32
  } -> (tensor<5121xf32>)
  return %y : tensor<5121xf32>
}

// CHECK: tanh_small #0 [2049] ok
func.func @tanh_small() -> tensor<2049xf32> {
  %y = kernel.row () attributes {extents = array<i64: 2049>, row_rank = 0, maps = [#id1]} {
    %i = kernel.index 0
    %f = arith.sitofp %i : i32 to f32
    %step = arith.constant 1.52587890625e-05 : f32
    %first = arith.constant -0.015625 : f32
    %d = arith.mulf %f, %step : f32
    %x = arith.addf %d, %first : f32
    %y = math.tanh %x : f32
    kernel.yield %y : f32
  } -> (tensor<2049xf32>)
  return %y : tensor<2049xf32>
}

// CHECK: erf #0 [3073] ok
func.func @erf() -> tensor<3073xf32> {
  %y = kernel.row () attributes {extents = array<i64: 3073>, row_rank = 0, maps = [#id1]} {
    %i = kernel.index 0
    %f = arith.sitofp %i : i32 to f32
    %step = arith.constant 0.00390625 : f32
    %first = arith.constant -6.0 : f32
    %d = arith.mulf %f, %step : f32
    %x = arith.addf %d, %first : f32
    %y = math.erf %x : f32
    kernel.yield %y : f32
  } -> (tensor<3073xf32>)
  return %y : tensor<3073xf32>
}

// CHECK: erf_small #0 [2049] ok
func.func @erf_small() -> tensor<2049xf32> {
  %y = kernel.row () attributes {extents = array<i64: 2049>, row_rank = 0, maps = [#id1]} {
    %i = kernel.index 0
    %f = arith.sitofp %i : i32 to f32
    %step = arith.constant 1.52587890625e-05 : f32
    %first = arith.constant -0.015625 : f32
    %d = arith.mulf %f, %step : f32
    %x = arith.addf %d, %first : f32
    %y = math.erf %x : f32
    kernel.yield %y : f32
  } -> (tensor<2049xf32>)
  return %y : tensor<2049xf32>
}

// CHECK: sigmoid #0 [3073] ok
func.func @sigmoid() -> tensor<3073xf32> {
  %y = kernel.row () attributes {extents = array<i64: 3073>, row_rank = 0, maps = [#id1]} {
    %i = kernel.index 0
    %f = arith.sitofp %i : i32 to f32
    %step = arith.constant 0.046875 : f32
    %first = arith.constant -80.0 : f32
    %d = arith.mulf %f, %step : f32
    %x = arith.addf %d, %first : f32
    %one = arith.constant 1.0 : f32
    %neg = arith.negf %x : f32
    %e = math.exp %neg : f32
    %e1 = arith.addf %one, %e : f32
    %y = arith.divf %one, %e1 : f32
    kernel.yield %y : f32
  } -> (tensor<3073xf32>)
  return %y : tensor<3073xf32>
}

// The ends: overflow, underflow, infinities, NaN, zeros.
// CHECK: ends #0 [13] ok
// CHECK: ends #1 [13] ok
// CHECK: ends #2 [13] ok
// CHECK: ends #3 [13] ok
func.func @ends() -> (tensor<13xf32>, tensor<13xf32>, tensor<13xf32>, tensor<13xf32>) {
  %x = kernel.constant dense<[0xFF800000, -1.0e30, -1000.0, -150.0, -104.0, 0.0, -0.0, 1.0, 88.0, 100.0, 1.0e30, 0x7F800000, 0x7FC00000]> : tensor<13xf32>
  %y:4 = kernel.row (%x : tensor<13xf32>) attributes {extents = array<i64: 13>, row_rank = 0, maps = [#id1, #id1, #id1, #id1, #id1]} {
  ^bb0(%a: f32):
    %e = math.exp %a : f32
    %l = math.log %a : f32
    %t = math.tanh %a : f32
    %f = math.erf %a : f32
    kernel.yield %e, %l, %t, %f : f32, f32, f32, f32
  } -> (tensor<13xf32>, tensor<13xf32>, tensor<13xf32>, tensor<13xf32>)
  return %y#0, %y#1, %y#2, %y#3 : tensor<13xf32>, tensor<13xf32>, tensor<13xf32>, tensor<13xf32>
}
