// RUN: moe-opt --moe-evaluate %s -o /dev/null | sed -E 's/ rms .* :/ =/' | FileCheck --match-full-lines %s
// RUN: moe-opt --convert-moe-to-kernel --kernel-evaluate %s -o /dev/null | sed -E 's/ rms .* :/ =/' | FileCheck --match-full-lines %s

// Sums of integers wrap around.
// CHECK: wrapped #0 [] = -2147483647
// CHECK: wrapped #1 [3] = 2147483647 -2147483648 -2147483647
func.func @wrapped() -> (tensor<i32>, tensor<3xi32>) {
  %x = moe.constant dense<[2147483647, 1, 1]> : tensor<3xi32>
  %0 = moe.reduce sum %x {dims = array<i64: 0>} : tensor<3xi32> -> tensor<i32>
  %1 = moe.cumsum %x {dim = 0} : tensor<3xi32>
  return %0, %1 : tensor<i32>, tensor<3xi32>
}
