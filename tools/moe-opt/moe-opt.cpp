//===- moe-opt.cpp - runs any pass alone ------------------------*- C++ -*-===//

#include "dialects/kernel/IR/KernelDialect.h"
#include "dialects/moe/IR/MoeDialect.h"
#include "lib/Conversion/MoeToKernel/MoeToKernel.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "mlir/Transforms/Passes.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  registry.insert<moe::MoeDialect, moe::kernel::KernelDialect, mlir::func::FuncDialect, mlir::arith::ArithDialect,
                  mlir::math::MathDialect>();
  moe::registerMoeToKernelPasses();
  mlir::registerCanonicalizerPass();
  mlir::registerCSEPass();
  return mlir::asMainReturnCode(mlir::MlirOptMain(argc, argv, "moec's passes, one at a time\n", registry));
}
