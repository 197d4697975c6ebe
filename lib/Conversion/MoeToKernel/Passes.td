include "mlir/Pass/PassBase.td"

def ConvertMoeToKernel : Pass<"convert-moe-to-kernel", "::mlir::ModuleOp"> {
  let summary = "turns each op of the moe dialect into kernel ops";
  let description = [{
    One to one as far as possible: an elementwise op, a broadcast or a reduction becomes a small `kernel.row`, and `kernel-fuse-rows` makes large ones of
    them. A `!moe.routing` becomes the tensors that `kernel.route` computes. Kernels compute in f32: an f64 tensor is an error.
  }];
  let dependentDialects = ["::moe::kernel::KernelDialect", "::mlir::arith::ArithDialect", "::mlir::math::MathDialect"];
}
