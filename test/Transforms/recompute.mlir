// RUN: moe-opt --pass-pipeline='builtin.module(func.func(kernel-recompute))' --split-input-file %s | FileCheck %s
// RUN: moe-opt --pass-pipeline='builtin.module(func.func(kernel-recompute{products=true}))' --split-input-file %s | FileCheck %s --check-prefix=PRODUCTS
// RUN: moe-opt --pass-pipeline='builtin.module(func.func(kernel-recompute{limit=1000000}))' --split-input-file %s | FileCheck %s --check-prefix=FITS
// RUN: moe-opt --pass-pipeline='builtin.module(kernel-evaluate)' --split-input-file %s | grep ' rms ' > %t.before
// RUN: moe-opt --pass-pipeline='builtin.module(func.func(kernel-recompute{products=true}),kernel-evaluate)' --split-input-file %s | grep ' rms ' > %t.after
// RUN: diff %t.before %t.after


// A layer and its derivative, with the peak (%big) between them. %h is made again from %z, which its derivative needs anyway; the second result of the row, which
// nobody reads later, is not made again. The product is made again where products may be: then %z need not be kept either.
// CHECK-LABEL: func.func @layer
// CHECK-SAME: %[[X:[a-z0-9]+]]: tensor<8x16xf32>, %[[W:[a-z0-9]+]]: tensor<16x64xf32>
// CHECK: %[[Z:.*]] = kernel.contract %[[X]], %[[W]]
// CHECK: %[[H:.*]]:2 = kernel.row(%[[Z]] :
// CHECK: kernel.contract %[[H]]#0
// CHECK: -> tensor<8x512xf32>
// CHECK: %[[AGAIN:.*]] = kernel.row(%[[Z]] : tensor<8x64xf32>)
// CHECK-NOT: math.exp
// CHECK: -> (tensor<8x64xf32>)
// CHECK: %[[VIEW:.*]] = kernel.view %[[AGAIN]] : tensor<8x64xf32> -> tensor<4x2x64xf32>
// CHECK: kernel.contract %[[VIEW]]
// CHECK: kernel.row(%[[Z]],
// PRODUCTS-LABEL: func.func @layer
// PRODUCTS: -> tensor<8x512xf32>
// PRODUCTS: %[[Z:.*]] = kernel.contract %{{.*}}, %{{.*}} -> tensor<8x64xf32>
// FITS-LABEL: func.func @layer
// FITS: -> tensor<8x512xf32>
// FITS-COUNT-2: kernel.row
// FITS-NOT: kernel.row
// FITS: return
#id = affine_map<(d0, d1) -> (d0, d1)>
#n = affine_map<(d0, d1) -> (d0)>
#a = affine_map<(n, o, i) -> (n, i)>
#b = affine_map<(n, o, i) -> (i, o)>
#y = affine_map<(n, o, i) -> (n, o)>
func.func @layer(%x: tensor<8x16xf32>, %w: tensor<16x64xf32>, %v: tensor<64x16xf32>, %u: tensor<16x512xf32>) -> (tensor<8xf32>, tensor<64x8xf32>, tensor<8x64xf32>, tensor<8xf32>) {
  %z = kernel.contract %x, %w {extents = array<i64: 8, 64, 16>, maps = [#a, #b, #y]} : tensor<8x16xf32>, tensor<16x64xf32> -> tensor<8x64xf32>
  %h, %e = kernel.row (%z : tensor<8x64xf32>) attributes {extents = array<i64: 8, 64>, row_rank = 1 : i64, maps = [#id, #id, #n]} {
  ^bb0(%p: f32):
    %zero = arith.constant 0.0 : f32
    %m = arith.maximumf %p, %zero : f32
    %q = math.exp %p : f32
    %s = kernel.reduce sum %q : f32
    kernel.yield %m, %s : f32, f32
  } -> (tensor<8x64xf32>, tensor<8xf32>)
  %o = kernel.contract %h, %v {extents = array<i64: 8, 16, 64>, maps = [#a, #b, #y]} : tensor<8x64xf32>, tensor<64x16xf32> -> tensor<8x16xf32>
  %big = kernel.contract %o, %u {extents = array<i64: 8, 512, 16>, maps = [#a, #b, #y]} : tensor<8x16xf32>, tensor<16x512xf32> -> tensor<8x512xf32>
  %loss = kernel.row (%big : tensor<8x512xf32>) attributes {extents = array<i64: 8, 512>, row_rank = 1 : i64, maps = [#id, #n]} {
  ^bb0(%p: f32):
    %s = kernel.reduce sum %p : f32
    kernel.yield %s : f32
  } -> (tensor<8xf32>)
  %hv = kernel.view %h : tensor<8x64xf32> -> tensor<4x2x64xf32>
  %dw = kernel.contract %hv, %loss {extents = array<i64: 64, 8, 4, 2>, maps = [affine_map<(o, k, i, j) -> (i, j, o)>, affine_map<(o, k, i, j) -> (k)>, affine_map<(o, k, i, j) -> (o, k)>]} : tensor<4x2x64xf32>, tensor<8xf32> -> tensor<64x8xf32>
  %dz = kernel.row (%z, %loss : tensor<8x64xf32>, tensor<8xf32>) attributes {extents = array<i64: 8, 64>, row_rank = 0 : i64, maps = [#id, #n, #id]} {
  ^bb0(%p: f32, %l: f32):
    %r = arith.mulf %p, %l : f32
    kernel.yield %r : f32
  } -> (tensor<8x64xf32>)
  return %loss, %dw, %dz, %e : tensor<8xf32>, tensor<64x8xf32>, tensor<8x64xf32>, tensor<8xf32>
}

// -----

// Nothing is gained: %z would have to be kept for %h, and is as large; a product may not be made again, and the tensors that the peak itself reads are needed there.
// CHECK-LABEL: func.func @kept
// CHECK: -> tensor<8x512xf32>
// CHECK-COUNT-1: kernel.row
// CHECK-NOT: kernel.row
// CHECK: return
// PRODUCTS-LABEL: func.func @kept
// PRODUCTS: -> tensor<8x512xf32>
// PRODUCTS: kernel.contract %{{.*}}, %{{.*}} -> tensor<8x64xf32>
// PRODUCTS: kernel.row
#id = affine_map<(d0, d1) -> (d0, d1)>
#n = affine_map<(d0, d1) -> (d0)>
#a = affine_map<(n, o, i) -> (n, i)>
#b = affine_map<(n, o, i) -> (i, o)>
#y = affine_map<(n, o, i) -> (n, o)>
func.func @kept(%x: tensor<8x16xf32>, %w: tensor<16x64xf32>, %u: tensor<64x512xf32>) -> (tensor<8xf32>, tensor<64x8xf32>) {
  %z = kernel.contract %x, %w {extents = array<i64: 8, 64, 16>, maps = [#a, #b, #y]} : tensor<8x16xf32>, tensor<16x64xf32> -> tensor<8x64xf32>
  %h = kernel.row (%z : tensor<8x64xf32>) attributes {extents = array<i64: 8, 64>, row_rank = 0 : i64, maps = [#id, #id]} {
  ^bb0(%p: f32):
    %q = math.exp %p : f32
    kernel.yield %q : f32
  } -> (tensor<8x64xf32>)
  %g = kernel.row (%h : tensor<8x64xf32>) attributes {extents = array<i64: 8, 64>, row_rank = 0 : i64, maps = [#id, #id]} {
  ^bb0(%p: f32):
    %q = arith.mulf %p, %p : f32
    kernel.yield %q : f32
  } -> (tensor<8x64xf32>)
  %big = kernel.contract %g, %u {extents = array<i64: 8, 512, 64>, maps = [#a, #b, #y]} : tensor<8x64xf32>, tensor<64x512xf32> -> tensor<8x512xf32>
  %loss = kernel.row (%big : tensor<8x512xf32>) attributes {extents = array<i64: 8, 512>, row_rank = 1 : i64, maps = [#id, #n]} {
  ^bb0(%p: f32):
    %s = kernel.reduce sum %p : f32
    kernel.yield %s : f32
  } -> (tensor<8xf32>)
  %dw = kernel.contract %h, %loss {extents = array<i64: 64, 8, 8>, maps = [affine_map<(o, k, i) -> (i, o)>, affine_map<(o, k, i) -> (k)>, affine_map<(o, k, i) -> (o, k)>]} : tensor<8x64xf32>, tensor<8xf32> -> tensor<64x8xf32>
  return %loss, %dw : tensor<8xf32>, tensor<64x8xf32>
}

// -----

// %h is made from a buffer that has another value by the time it is read again.
// CHECK-LABEL: func.func @replaced
// CHECK-COUNT-3: kernel.row
// CHECK-NOT: kernel.row
// CHECK: return
#id = affine_map<(d0, d1) -> (d0, d1)>
#n = affine_map<(d0, d1) -> (d0)>
#a = affine_map<(n, o, i) -> (n, i)>
#b = affine_map<(n, o, i) -> (i, o)>
#y = affine_map<(n, o, i) -> (n, o)>
func.func @replaced(%mem: tensor<8x64xf32> {moe.arg = {kind = "stream", name = "mem"}}, %u: tensor<64x512xf32> {moe.arg = {kind = "param", name = "u"}})
    -> (tensor<8xf32> {moe.res = {kind = "probe", name = "loss"}}, tensor<8x64xf32> {moe.res = {kind = "stream", name = "mem"}}) {
  %h = kernel.row (%mem : tensor<8x64xf32>) attributes {extents = array<i64: 8, 64>, row_rank = 0 : i64, maps = [#id, #id]} {
  ^bb0(%p: f32):
    %q = math.exp %p : f32
    kernel.yield %q : f32
  } -> (tensor<8x64xf32>)
  %big = kernel.contract %h, %u {extents = array<i64: 8, 512, 64>, maps = [#a, #b, #y]} : tensor<8x64xf32>, tensor<64x512xf32> -> tensor<8x512xf32>
  %loss = kernel.row (%big : tensor<8x512xf32>) attributes {extents = array<i64: 8, 512>, row_rank = 1 : i64, maps = [#id, #n]} {
  ^bb0(%p: f32):
    %s = kernel.reduce sum %p : f32
    kernel.yield %s : f32
  } -> (tensor<8xf32>)
  %new = kernel.row (%h, %loss : tensor<8x64xf32>, tensor<8xf32>) attributes {extents = array<i64: 8, 64>, row_rank = 0 : i64, maps = [#id, #n, #id]} {
  ^bb0(%p: f32, %l: f32):
    %r = arith.mulf %p, %l : f32
    kernel.yield %r : f32
  } -> (tensor<8x64xf32>)
  return %loss, %new : tensor<8xf32>, tensor<8x64xf32>
}

// -----

// A gradient that the program makes anew lies among its tensors to the end: with it the peak is above 1,000,000 bytes, and %h is made again.
// FITS-LABEL: func.func @gradient
// FITS-SAME: %[[X:[a-z0-9]+]]: tensor<8x64xf32>
// FITS: -> tensor<512x512xf32>
// FITS: -> tensor<8x512xf32>
// FITS: %[[AGAIN:.*]] = kernel.row(%[[X]] : tensor<8x64xf32>)
// FITS: kernel.view %[[AGAIN]]
#id = affine_map<(d0, d1) -> (d0, d1)>
#n = affine_map<(d0, d1) -> (d0)>
#a = affine_map<(n, o, i) -> (n, i)>
#b = affine_map<(n, o, i) -> (i, o)>
#y = affine_map<(n, o, i) -> (n, o)>
func.func @gradient(%x: tensor<8x64xf32>, %u: tensor<64x512xf32>, %v: tensor<512x4xf32>, %t: tensor<4x512xf32>)
    -> (tensor<512x512xf32> {moe.res = {kind = "grad", name = "w"}}, tensor<64x8xf32> {moe.res = {kind = "probe", name = "p"}}) {
  %g = kernel.contract %v, %t {extents = array<i64: 512, 512, 4>, maps = [#a, #b, #y]} : tensor<512x4xf32>, tensor<4x512xf32> -> tensor<512x512xf32>
  %h = kernel.row (%x : tensor<8x64xf32>) attributes {extents = array<i64: 8, 64>, row_rank = 0 : i64, maps = [#id, #id]} {
  ^bb0(%p: f32):
    %zero = arith.constant 0.0 : f32
    %m = arith.maximumf %p, %zero : f32
    kernel.yield %m : f32
  } -> (tensor<8x64xf32>)
  %big = kernel.contract %h, %u {extents = array<i64: 8, 512, 64>, maps = [#a, #b, #y]} : tensor<8x64xf32>, tensor<64x512xf32> -> tensor<8x512xf32>
  %loss = kernel.row (%big : tensor<8x512xf32>) attributes {extents = array<i64: 8, 512>, row_rank = 1 : i64, maps = [#id, #n]} {
  ^bb0(%p: f32):
    %s = kernel.reduce sum %p : f32
    kernel.yield %s : f32
  } -> (tensor<8xf32>)
  %hv = kernel.view %h : tensor<8x64xf32> -> tensor<4x2x64xf32>
  %dw = kernel.contract %hv, %loss {extents = array<i64: 64, 8, 4, 2>, maps = [affine_map<(o, k, i, j) -> (i, j, o)>, affine_map<(o, k, i, j) -> (k)>, affine_map<(o, k, i, j) -> (o, k)>]} : tensor<4x2x64xf32>, tensor<8xf32> -> tensor<64x8xf32>
  return %g, %dw : tensor<512x512xf32>, tensor<64x8xf32>
}

// -----

// Where it is added to what is there, it has a buffer of its own.
// FITS-LABEL: func.func @sum
// FITS-COUNT-2: kernel.row
// FITS-NOT: kernel.row
// FITS: return
#id = affine_map<(d0, d1) -> (d0, d1)>
#n = affine_map<(d0, d1) -> (d0)>
#a = affine_map<(n, o, i) -> (n, i)>
#b = affine_map<(n, o, i) -> (i, o)>
#y = affine_map<(n, o, i) -> (n, o)>
func.func @sum(%x: tensor<8x64xf32>, %u: tensor<64x512xf32>, %v: tensor<512x4xf32>, %t: tensor<4x512xf32>, %old: tensor<512x512xf32> {moe.arg = {kind = "grad", name = "w"}})
    -> (tensor<512x512xf32> {moe.res = {kind = "grad", name = "w"}}, tensor<64x8xf32> {moe.res = {kind = "probe", name = "p"}}) {
  %g = kernel.contract %v, %t from %old : tensor<512x512xf32> {extents = array<i64: 512, 512, 4>, maps = [#a, #b, #y]} : tensor<512x4xf32>, tensor<4x512xf32> -> tensor<512x512xf32>
  %h = kernel.row (%x : tensor<8x64xf32>) attributes {extents = array<i64: 8, 64>, row_rank = 0 : i64, maps = [#id, #id]} {
  ^bb0(%p: f32):
    %zero = arith.constant 0.0 : f32
    %m = arith.maximumf %p, %zero : f32
    kernel.yield %m : f32
  } -> (tensor<8x64xf32>)
  %big = kernel.contract %h, %u {extents = array<i64: 8, 512, 64>, maps = [#a, #b, #y]} : tensor<8x64xf32>, tensor<64x512xf32> -> tensor<8x512xf32>
  %loss = kernel.row (%big : tensor<8x512xf32>) attributes {extents = array<i64: 8, 512>, row_rank = 1 : i64, maps = [#id, #n]} {
  ^bb0(%p: f32):
    %s = kernel.reduce sum %p : f32
    kernel.yield %s : f32
  } -> (tensor<8xf32>)
  %hv = kernel.view %h : tensor<8x64xf32> -> tensor<4x2x64xf32>
  %dw = kernel.contract %hv, %loss {extents = array<i64: 64, 8, 4, 2>, maps = [affine_map<(o, k, i, j) -> (i, j, o)>, affine_map<(o, k, i, j) -> (k)>, affine_map<(o, k, i, j) -> (o, k)>]} : tensor<4x2x64xf32>, tensor<8xf32> -> tensor<64x8xf32>
  return %g, %dw : tensor<512x512xf32>, tensor<64x8xf32>
}
