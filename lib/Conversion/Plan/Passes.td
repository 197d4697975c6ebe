include "mlir/Pass/PassBase.td"

def KernelSettleResults : Pass<"kernel-settle-results", "::mlir::func::FuncOp"> {
  let summary = "copies results that cannot be written straight into their binding";
  let description = [{
    Afterwards every result is an argument that keeps its value, or the result of an op that no other result shares and that may
    be written while nobody reads the binding's old value any more.
  }];
  let dependentDialects = ["::moe::kernel::KernelDialect"];
}

def KernelPrintPlan : Pass<"kernel-print-plan", "::mlir::ModuleOp"> {
  let summary = "prints the launch schedule of each program, checked";
  let description = "Kernels are named after their ops; nothing is generated for them. The module is left as `kernel-settle-results` leaves it.";
  let dependentDialects = ["::moe::kernel::KernelDialect"];
}
