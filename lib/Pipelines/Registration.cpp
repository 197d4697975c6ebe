//===- Registration.cpp - all dialects and passes ---------------------------===//
#include "lib/Pipelines/Registration.h"

#include "dialects/kernel/IR/KernelDialect.h"
#include "dialects/kernel/Reference/Evaluate.h"
#include "dialects/kernel/Transforms/Passes.h"
#include "dialects/moe/Autodiff/Autodiff.h"
#include "dialects/moe/GradientCheck/GradientCheck.h"
#include "dialects/moe/IR/MoeDialect.h"
#include "dialects/moe/Reference/Reference.h"
#include "dialects/moe/Transforms/Passes.h"
#include "lib/Conversion/MoeToKernel/MoeToKernel.h"
#include "lib/Conversion/Plan/Plan.h"
#include "lib/Pipelines/Pipelines.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Transforms/Passes.h"

void moe::registerAllDialects(mlir::DialectRegistry &registry) {
  registry.insert<MoeDialect, kernel::KernelDialect, mlir::func::FuncDialect, mlir::arith::ArithDialect, mlir::math::MathDialect>();
  registerAutodiffModels(registry);
  registerReferenceModels(registry);
}

void moe::registerAllPasses() {
  registerMoeTransformsPasses();
  registerAutodiffPasses();
  registerReferencePasses();
  registerGradientCheckPasses();
  registerMoeToKernelPasses();
  kernel::registerKernelTransformsPasses();
  kernel::registerKernelReferencePasses();
  registerPlanPasses();
  registerPipelines();
  mlir::registerCanonicalizerPass();
  mlir::registerCSEPass();
}
