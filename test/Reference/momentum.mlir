// RUN: moe-opt --moe-evaluate %s -o /dev/null | sed -E 's/ rms .* :/ =/' | FileCheck --match-full-lines %s

// Heavy ball with mu = 1/2: m' = m/2 + y, x' = x - m'. An operand of the rule may be given back unchanged.
// CHECK: step #0 [2] = 7 15
// CHECK: step #1 [2] = 3 5
// CHECK: step #2 [2] = 1 1
func.func @step() -> (tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) {
  %x = moe.constant dense<[10.0, 20.0]> : tensor<2xf32>
  %y = moe.constant dense<[1.0, 1.0]> : tensor<2xf32>
  %m = moe.constant dense<[4.0, 8.0]> : tensor<2xf32>
  %x1, %m1, %y1 = moe.momentum "HeavyBall"(%x, %y, %m : tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) {
  ^bb0(%a: tensor<2xf32>, %b: tensor<2xf32>, %c: tensor<2xf32>):
    %mu = moe.constant dense<0.5> : tensor<2xf32>
    %p = moe.mul %mu, %c : tensor<2xf32>
    %q = moe.add %p, %b : tensor<2xf32>
    %z = moe.sub %a, %q : tensor<2xf32>
    moe.yield %z, %q, %b : tensor<2xf32>, tensor<2xf32>, tensor<2xf32>
  } -> (tensor<2xf32>, tensor<2xf32>, tensor<2xf32>)
  return %x1, %m1, %y1 : tensor<2xf32>, tensor<2xf32>, tensor<2xf32>
}
