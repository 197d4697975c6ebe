// RUN: moe-opt --moe-evaluate %s -o /dev/null | sed -E 's/ rms .* :/ =/' | FileCheck --match-full-lines %s

// CHECK: signs #0 [4] = 2 0 -3 nan
// CHECK: signs #1 [4] = 2 0 3 nan
// CHECK: signs #2 [4] = -1 0 1 0
// CHECK: signs #3 [4] = 0 0 3 nan
func.func @signs() -> (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) {
  %x = moe.constant dense<[-2.0, 0.0, 3.0, 0x7FC00000]> : tensor<4xf32>
  %n = moe.neg %x : tensor<4xf32>
  %a = moe.abs %x : tensor<4xf32>
  %s = moe.sign %x : tensor<4xf32>
  %r = moe.relu %x : tensor<4xf32>
  return %n, %a, %s, %r : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>
}

// CHECK: functions #0 [2] = 1.2840254 7.3890561
// CHECK: functions #1 [2] = -1.3862944 0.69314718
// CHECK: functions #2 [2] = 0.5 1.4142136
// CHECK: functions #3 [2] = 2 0.70710678
// CHECK: functions #4 [2] = 0.24491866 0.96402758
// CHECK: functions #5 [2] = 0.5621765 0.88079708
// CHECK: functions #6 [2] = 0.27632639 0.99532227
// CHECK: functions #7 [2] = 0.24740396 0.90929743
// CHECK: functions #8 [2] = 0.96891242 -0.41614684
func.func @functions() -> (tensor<2xf64>, tensor<2xf64>, tensor<2xf64>, tensor<2xf64>, tensor<2xf64>, tensor<2xf64>, tensor<2xf64>, tensor<2xf64>, tensor<2xf64>) {
  %x = moe.constant dense<[0.25, 2.0]> : tensor<2xf64>
  %0 = moe.exp %x : tensor<2xf64>
  %1 = moe.log %x : tensor<2xf64>
  %2 = moe.sqrt %x : tensor<2xf64>
  %3 = moe.rsqrt %x : tensor<2xf64>
  %4 = moe.tanh %x : tensor<2xf64>
  %5 = moe.sigmoid %x : tensor<2xf64>
  %6 = moe.erf %x : tensor<2xf64>
  %7 = moe.sin %x : tensor<2xf64>
  %8 = moe.cos %x : tensor<2xf64>
  return %0, %1, %2, %3, %4, %5, %6, %7, %8 : tensor<2xf64>, tensor<2xf64>, tensor<2xf64>, tensor<2xf64>, tensor<2xf64>, tensor<2xf64>, tensor<2xf64>, tensor<2xf64>, tensor<2xf64>
}

// The ends of the exponential: no NaN from a large argument.
// CHECK: far #0 [3] = 0 0.5 1
// CHECK: far #1 [3] = 0 1 inf
// CHECK: far #2 [3] = -1000 0 1000
func.func @far() -> (tensor<3xf32>, tensor<3xf32>, tensor<3xf32>) {
  %x = moe.constant dense<[-1000.0, 0.0, 1000.0]> : tensor<3xf32>
  %s = moe.sigmoid %x : tensor<3xf32>
  %e = moe.exp %x : tensor<3xf32>
  %f = moe.floor %x : tensor<3xf32>
  return %s, %e, %f : tensor<3xf32>, tensor<3xf32>, tensor<3xf32>
}

// CHECK: arithmetic #0 [3] = 9 1 -2.5
// CHECK: arithmetic #1 [3] = 5 -3 -2.5
// CHECK: arithmetic #2 [3] = 14 -2 0
// CHECK: arithmetic #3 [3] = 3.5 -0.5 -inf
// CHECK: arithmetic #4 [3] = 7 2 0
// CHECK: arithmetic #5 [3] = 2 -1 -2.5
// CHECK: arithmetic #6 [3] = 49 1 1
func.func @arithmetic() -> (tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>) {
  %a = moe.constant dense<[7.0, -1.0, -2.5]> : tensor<3xf32>
  %b = moe.constant dense<[2.0, 2.0, 0.0]> : tensor<3xf32>
  %0 = moe.add %a, %b : tensor<3xf32>
  %1 = moe.sub %a, %b : tensor<3xf32>
  %2 = moe.mul %a, %b : tensor<3xf32>
  %3 = moe.div %a, %b : tensor<3xf32>
  %4 = moe.max %a, %b : tensor<3xf32>
  %5 = moe.min %a, %b : tensor<3xf32>
  %6 = moe.pow %a, %b : tensor<3xf32>
  return %0, %1, %2, %3, %4, %5, %6 : tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>
}

// NaN spreads from either side of max and min.
// CHECK: nan #0 [2] = nan nan
// CHECK: nan #1 [2] = nan nan
func.func @nan() -> (tensor<2xf32>, tensor<2xf32>) {
  %a = moe.constant dense<[0x7FC00000, 1.0]> : tensor<2xf32>
  %b = moe.constant dense<[1.0, 0x7FC00000]> : tensor<2xf32>
  %0 = moe.max %a, %b : tensor<2xf32>
  %1 = moe.min %a, %b : tensor<2xf32>
  return %0, %1 : tensor<2xf32>, tensor<2xf32>
}

// Integers wrap around and divide towards zero; divided by zero they give zero.
// CHECK: integers #0 [4] = -2147483648 -4 5 0
// CHECK: integers #1 [4] = 2147483646 -10 9 0
// CHECK: integers #2 [4] = 2147483647 -21 -14 0
// CHECK: integers #3 [4] = 2147483647 -2 -3 0
// CHECK: integers #4 [4] = -2147483647 7 -7 0
// CHECK: integers #5 [4] = 2147483647 7 7 0
func.func @integers() -> (tensor<4xi32>, tensor<4xi32>, tensor<4xi32>, tensor<4xi32>, tensor<4xi32>, tensor<4xi32>) {
  %a = moe.constant dense<[2147483647, -7, 7, 0]> : tensor<4xi32>
  %b = moe.constant dense<[1, 3, -2, 0]> : tensor<4xi32>
  %0 = moe.add %a, %b : tensor<4xi32>
  %1 = moe.sub %a, %b : tensor<4xi32>
  %2 = moe.mul %a, %b : tensor<4xi32>
  %3 = moe.div %a, %b : tensor<4xi32>
  %4 = moe.neg %a : tensor<4xi32>
  %5 = moe.abs %a : tensor<4xi32>
  return %0, %1, %2, %3, %4, %5 : tensor<4xi32>, tensor<4xi32>, tensor<4xi32>, tensor<4xi32>, tensor<4xi32>, tensor<4xi32>
}

// `ne` holds where the two do not compare; nothing else does.
// CHECK: compared #0 [4] = 0 1 0 0
// CHECK: compared #1 [4] = 1 0 1 1
// CHECK: compared #2 [4] = 1 0 0 0
// CHECK: compared #3 [4] = 1 1 0 0
// CHECK: compared #4 [4] = 0 0 1 0
// CHECK: compared #5 [4] = 0 1 1 0
func.func @compared() -> (tensor<4xi1>, tensor<4xi1>, tensor<4xi1>, tensor<4xi1>, tensor<4xi1>, tensor<4xi1>) {
  %a = moe.constant dense<[1.0, 2.0, 3.0, 0x7FC00000]> : tensor<4xf32>
  %b = moe.constant dense<2.0> : tensor<4xf32>
  %0 = moe.compare eq %a, %b : tensor<4xf32> -> tensor<4xi1>
  %1 = moe.compare ne %a, %b : tensor<4xf32> -> tensor<4xi1>
  %2 = moe.compare lt %a, %b : tensor<4xf32> -> tensor<4xi1>
  %3 = moe.compare le %a, %b : tensor<4xf32> -> tensor<4xi1>
  %4 = moe.compare gt %a, %b : tensor<4xf32> -> tensor<4xi1>
  %5 = moe.compare ge %a, %b : tensor<4xf32> -> tensor<4xi1>
  return %0, %1, %2, %3, %4, %5 : tensor<4xi1>, tensor<4xi1>, tensor<4xi1>, tensor<4xi1>, tensor<4xi1>, tensor<4xi1>
}

// CHECK: logic #0 [4] = 1 0 0 0
// CHECK: logic #1 [4] = 1 1 1 0
// CHECK: logic #2 [4] = 0 0 1 1
// What is not taken is not seen: no NaN comes through.
// CHECK: logic #3 [4] = 1 2 7 7
func.func @logic() -> (tensor<4xi1>, tensor<4xi1>, tensor<4xi1>, tensor<4xf32>) {
  %a = moe.constant dense<[true, true, false, false]> : tensor<4xi1>
  %b = moe.constant dense<[true, false, true, false]> : tensor<4xi1>
  %0 = moe.and %a, %b : tensor<4xi1>
  %1 = moe.or %a, %b : tensor<4xi1>
  %2 = moe.not %a : tensor<4xi1>
  %x = moe.constant dense<[1.0, 2.0, 0x7FC00000, 0x7FC00000]> : tensor<4xf32>
  %y = moe.constant dense<7.0> : tensor<4xf32>
  %3 = moe.select %a, %x, %y : tensor<4xi1>, tensor<4xf32>
  return %0, %1, %2, %3 : tensor<4xi1>, tensor<4xi1>, tensor<4xi1>, tensor<4xf32>
}

// CHECK: converted #0 [4] = -1 1 0 2
// CHECK: converted #1 [4] = 1 1 0 1
// CHECK: converted #2 [2] = 1 0
// CHECK: converted #3 [2] = 1 0
// CHECK: converted #4 [2] = -3 0
// CHECK: converted #5 [2] = 1 0
func.func @converted() -> (tensor<4xi32>, tensor<4xi1>, tensor<2xf32>, tensor<2xi32>, tensor<2xf32>, tensor<2xi1>) {
  %x = moe.constant dense<[-1.75, 1.75, 0.0, 2.0]> : tensor<4xf32>
  %m = moe.constant dense<[true, false]> : tensor<2xi1>
  %i = moe.constant dense<[-3, 0]> : tensor<2xi32>
  %0 = moe.convert %x : tensor<4xf32> -> tensor<4xi32>
  %1 = moe.convert %x : tensor<4xf32> -> tensor<4xi1>
  %2 = moe.convert %m : tensor<2xi1> -> tensor<2xf32>
  %3 = moe.convert %m : tensor<2xi1> -> tensor<2xi32>
  %4 = moe.convert %i : tensor<2xi32> -> tensor<2xf32>
  %5 = moe.convert %i : tensor<2xi32> -> tensor<2xi1>
  return %0, %1, %2, %3, %4, %5 : tensor<4xi32>, tensor<4xi1>, tensor<2xf32>, tensor<2xi32>, tensor<2xf32>, tensor<2xi1>
}

// An i32 holds an i32 whatever it is made from.
// CHECK: far_converted #0 [4] = 2147483647 -2147483648 0 2147483647
func.func @far_converted() -> tensor<4xi32> {
  %x = moe.constant dense<[3.0e9, -3.0e9, 0x7FC00000, 0x7F800000]> : tensor<4xf32>
  %y = moe.convert %x : tensor<4xf32> -> tensor<4xi32>
  return %y : tensor<4xi32>
}
