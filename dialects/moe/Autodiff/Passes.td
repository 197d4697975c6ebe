include "mlir/Pass/PassBase.td"

def Differentiate : Pass<"moe-differentiate", "::mlir::ModuleOp"> {
  let summary = "adds gradients to the functions that have an objective";
  let description = [{
    Reverse mode, one VJP an op. Only values that depend on a parameter get a gradient, and only where it reaches the objective. Each `param`
    argument gets a `grad` result of its name: zeros when the objective does not depend on it. With `moe.micro_batches = M` on the function the
    gradient is scaled by 1/M, and for M > 1 it is added to a `grad` argument.

    Then `moe.detach` has done its work and is removed from the whole module.

    An op without a VJP between a parameter and the objective is an error at that op.
  }];
  let dependentDialects = ["::moe::MoeDialect"];
}
