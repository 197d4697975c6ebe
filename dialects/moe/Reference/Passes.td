include "mlir/Pass/PassBase.td"

def Evaluate : Pass<"moe-evaluate", "::mlir::ModuleOp"> {
  let summary = "runs each function in float64 and prints its results";
  let description = [{
    For tests. Arguments get numbers that depend on their position and type alone: floats in [-1, 1), integers in {0, 1, 2}. Each result gives its
    root mean square, a sum with weights that no permutation keeps, and its first elements. Where a run would fail, the pass fails at that op. The module
    is printed by the tool as ever; the results go to standard output before it.
  }];
}
