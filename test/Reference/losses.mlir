// RUN: moe-opt --moe-evaluate %s -o /dev/null | sed -E 's/ rms .* :/ =/' | FileCheck --match-full-lines %s

// Probabilities 1/4 and 3/4; 1/2 and 1/2 far from zero; a class of probability 0 beside the target.
// CHECK: losses #0 [3] = 1.3862944 0.69314718 0
// CHECK: losses #1 [3, 2] = -1.5 1.5 0.5 -0.5 0 0
func.func @losses() -> (tensor<3xf64>, tensor<3x2xf64>) {
  %z = moe.constant dense<[[0.0, 1.0986122886681098], [1000.0, 1000.0], [0xFFF0000000000000, 3.0]]> : tensor<3x2xf64>
  %t = moe.constant dense<[0, 1, 1]> : tensor<3xi32>
  %g = moe.constant dense<[2.0, 1.0, 1.0]> : tensor<3xf64>
  %0 = moe.cross_entropy %z, %t : tensor<3x2xf64>, tensor<3xi32> -> tensor<3xf64>
  %1 = moe.cross_entropy_grad %z, %t, %g : tensor<3x2xf64>, tensor<3xi32>, tensor<3xf64>
  return %0, %1 : tensor<3xf64>, tensor<3x2xf64>
}
