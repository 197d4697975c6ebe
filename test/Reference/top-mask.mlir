// RUN: moe-opt --moe-evaluate %s -o /dev/null | sed -E 's/ rms .* :/ =/' | FileCheck --match-full-lines %s

// Equal elements: the lowest index first. NaN counts as minus infinity: after every number, and before minus infinity only by its index.
// CHECK: top #0 [5, 4] = 1 0 1 0 1 1 0 0 0 1 1 0 1 0 0 1 1 1 0 0
func.func @top() -> tensor<5x4xi1> {
  %x = moe.constant dense<[[3.0, 1.0, 2.0, 0.0], [5.0, 5.0, 5.0, 5.0], [1.0, 2.0, 2.0, 2.0], [0xFF800000, 0x7FC00000, 0x7FC00000, 1.0],
                           [0x7FC00000, 0x7FC00000, 0xFF800000, 0xFF800000]]> : tensor<5x4xf32>
  %y = moe.top_mask %x {k = 2} : tensor<5x4xf32> -> tensor<5x4xi1>
  return %y : tensor<5x4xi1>
}

// CHECK: all #0 [1, 3] = 1 1 1
func.func @all() -> tensor<1x3xi1> {
  %x = moe.constant dense<[[0x7FC00000, 1.0, 2.0]]> : tensor<1x3xf32>
  %y = moe.top_mask %x {k = 3} : tensor<1x3xf32> -> tensor<1x3xi1>
  return %y : tensor<1x3xi1>
}
