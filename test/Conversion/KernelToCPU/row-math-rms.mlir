// RUN: moe-run-kernels --tolerance 1e-6 %s | FileCheck %s
// Functions with zeros inside their range: relative to the RMS.

#id1 = affine_map<(d0) -> (d0)>

// CHECK: sin_far #0 [8001] ok
func.func @sin_far() -> tensor<8001xf32> {
  %y = kernel.row () attributes {extents = array<i64: 8001>, row_rank = 0, maps = [#id1]} {
    %i = kernel.index 0
    %f = arith.sitofp %i : i32 to f32
    %step = arith.constant 0.25 : f32
    %first = arith.constant -1000.0 : f32
    %d = arith.mulf %f, %step : f32
    %x = arith.addf %d, %first : f32
    %y = math.sin %x : f32
    kernel.yield %y : f32
  } -> (tensor<8001xf32>)
  return %y : tensor<8001xf32>
}

// CHECK: cos_far #0 [8001] ok
func.func @cos_far() -> tensor<8001xf32> {
  %y = kernel.row () attributes {extents = array<i64: 8001>, row_rank = 0, maps = [#id1]} {
    %i = kernel.index 0
    %f = arith.sitofp %i : i32 to f32
    %step = arith.constant 0.25 : f32
    %first = arith.constant -1000.0 : f32
    %d = arith.mulf %f, %step : f32
    %x = arith.addf %d, %first : f32
    %y = math.cos %x : f32
    kernel.yield %y : f32
  } -> (tensor<8001xf32>)
  return %y : tensor<8001xf32>
}

// CHECK: sin #0 [2561] ok
func.func @sin() -> tensor<2561xf32> {
  %y = kernel.row () attributes {extents = array<i64: 2561>, row_rank = 0, maps = [#id1]} {
    %i = kernel.index 0
    %f = arith.sitofp %i : i32 to f32
    %step = arith.constant 0.0078125 : f32
    %first = arith.constant -10.0 : f32
    %d = arith.mulf %f, %step : f32
    %x = arith.addf %d, %first : f32
    %y = math.sin %x : f32
    kernel.yield %y : f32
  } -> (tensor<2561xf32>)
  return %y : tensor<2561xf32>
}

// CHECK: cos #0 [2561] ok
func.func @cos() -> tensor<2561xf32> {
  %y = kernel.row () attributes {extents = array<i64: 2561>, row_rank = 0, maps = [#id1]} {
    %i = kernel.index 0
    %f = arith.sitofp %i : i32 to f32
    %step = arith.constant 0.0078125 : f32
    %first = arith.constant -10.0 : f32
    %d = arith.mulf %f, %step : f32
    %x = arith.addf %d, %first : f32
    %y = math.cos %x : f32
    kernel.yield %y : f32
  } -> (tensor<2561xf32>)
  return %y : tensor<2561xf32>
}

// CHECK: floor #0 [2561] ok
func.func @floor() -> tensor<2561xf32> {
  %y = kernel.row () attributes {extents = array<i64: 2561>, row_rank = 0, maps = [#id1]} {
    %i = kernel.index 0
    %f = arith.sitofp %i : i32 to f32
    %step = arith.constant 0.0078125 : f32
    %first = arith.constant -10.0 : f32
    %d = arith.mulf %f, %step : f32
    %x = arith.addf %d, %first : f32
    %y = math.floor %x : f32
    kernel.yield %y : f32
  } -> (tensor<2561xf32>)
  return %y : tensor<2561xf32>
}

// CHECK: power #0 [2561] ok
func.func @power() -> tensor<2561xf32> {
  %y = kernel.row () attributes {extents = array<i64: 2561>, row_rank = 0, maps = [#id1]} {
    %i = kernel.index 0
    %f = arith.sitofp %i : i32 to f32
    %step = arith.constant 0.0078125 : f32
    %first = arith.constant -10.0 : f32
    %d = arith.mulf %f, %step : f32
    %x = arith.addf %d, %first : f32
    %p = math.absf %x : f32
    %q = arith.constant 1.5 : f32
    %y = math.powf %p, %q : f32
    kernel.yield %y : f32
  } -> (tensor<2561xf32>)
  return %y : tensor<2561xf32>
}
