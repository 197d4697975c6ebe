// RUN: moe-opt --moe-evaluate %s -o /dev/null | sed -E 's/ rms .* :/ =/' | FileCheck --match-full-lines %s

// Element 0 under the key 0 is the first known answer of Random123, ff1dae59: 0xff1dae / 2^24.
// CHECK: zero #0 [3] = 0.99654663 0.86274576 0.018057406
func.func @zero() -> tensor<3xf32> {
  %key = moe.constant dense<0> : tensor<3xi32>
  %u = moe.uniform %key {site = 0 : i32} : tensor<3xf32>
  return %u : tensor<3xf32>
}

// Micro-batch 7 and key word 5, which may come from the first word of the seed, from the second (rotated by 16) or from the site.
// CHECK: keyed #0 [3] = 0.43320858 0.44791508 0.31306827
// CHECK: keyed #1 [3] = 0.43320858 0.44791508 0.31306827
// CHECK: keyed #2 [3, 1] = 0.43320858 0.44791508 0.31306827
// CHECK: keyed #3 [3] = 0.43320858 0.44791508 0.31306827
func.func @keyed() -> (tensor<3xf32>, tensor<3xf32>, tensor<3x1xf32>, tensor<3xf32>) {
  %first = moe.constant dense<[5, 0, 7]> : tensor<3xi32>
  %second = moe.constant dense<[0, 327680, 7]> : tensor<3xi32>
  %neither = moe.constant dense<[0, 0, 7]> : tensor<3xi32>
  %negative = moe.constant dense<[-1, 0, 7]> : tensor<3xi32>
  %0 = moe.uniform %first {site = 0 : i32} : tensor<3xf32>
  %1 = moe.uniform %second {site = 0 : i32} : tensor<3xf32>
  %2 = moe.uniform %neither {site = 5 : i32} : tensor<3x1xf32>
  %3 = moe.uniform %negative {site = -6 : i32} : tensor<3xf32>
  return %0, %1, %2, %3 : tensor<3xf32>, tensor<3xf32>, tensor<3x1xf32>, tensor<3xf32>
}
