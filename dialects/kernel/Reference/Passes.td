include "mlir/Pass/PassBase.td"

def EvaluateKernels : Pass<"kernel-evaluate", "::mlir::ModuleOp"> {
  let summary = "runs each function in float64 and prints its results";
  let description = [{
    For tests: a pass that keeps a program's meaning keeps what this prints. Arguments get numbers that depend on their position and type alone: floats in
    [-1, 1), integers in {0, 1, 2}. Each result gives its first elements, its root mean square and a sum with weights that no permutation keeps. The module
    is printed by the tool as ever; the results go to standard output before it.
  }];
}
