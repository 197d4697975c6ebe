//===- Pipelines.cpp - the passes of each phase -----------------------------===//
#include "lib/Pipelines/Pipelines.h"

#include "dialects/kernel/Transforms/Passes.h"
#include "dialects/moe/Autodiff/Autodiff.h"
#include "dialects/moe/Transforms/Passes.h"
#include "lib/Conversion/MoeToKernel/MoeToKernel.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;

void moe::buildGradPipeline(OpPassManager &pm) {
  pm.addPass(createSimplifyPass());
  pm.addPass(createCSEPass());
  pm.addNestedPass<func::FuncOp>(createFormMomentumPass());
  pm.addPass(createDifferentiatePass());
  pm.addPass(createCheckUpdatePass());
  pm.addPass(createSimplifyPass());
  pm.addPass(createCSEPass());
}

void moe::buildFusedPipeline(OpPassManager &pm) {
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
}

void moe::buildUnfusedKernelsPipeline(OpPassManager &pm) {
  pm.addPass(createConvertMoeToKernelPass());
  pm.addNestedPass<func::FuncOp>(kernel::createNarrowProductsPass());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
}

void moe::buildMergedKernelsPipeline(OpPassManager &pm) {
  buildUnfusedKernelsPipeline(pm);
  pm.addNestedPass<func::FuncOp>(kernel::createFuseRowsPass());
  pm.addNestedPass<func::FuncOp>(kernel::createShrinkRowsPass());
  pm.addPass(createCSEPass());
}

void moe::buildKernelsPipeline(OpPassManager &pm, const PieceLimits &limits) {
  buildMergedKernelsPipeline(pm);
  pm.addNestedPass<func::FuncOp>(kernel::createFormEpiloguesPass());
  pm.addNestedPass<func::FuncOp>(kernel::createRepeatInRegionsPass());
  pm.addNestedPass<func::FuncOp>(kernel::createGatherInProductsPass());
  pm.addNestedPass<func::FuncOp>(kernel::createFormSlicesPass(limits.sliced));
  pm.addPass(createCanonicalizerPass());
  pm.addNestedPass<func::FuncOp>(kernel::createChunkTokensPass(limits.whole, limits.chunk));
  pm.addPass(createCSEPass()); // the last: it would undo what a limit on memory asks for
}

void moe::registerPipelines() {
  PassPipelineRegistration<>("moe-to-grad", "from the moe phase to the grad phase", buildGradPipeline);
  PassPipelineRegistration<>("moe-to-fused", "from the moe phase to the fused phase", [](OpPassManager &pm) {
    buildGradPipeline(pm);
    buildFusedPipeline(pm);
  });
  PassPipelineRegistration<>("moe-to-kernels", "from the moe phase to the kernels phase", [](OpPassManager &pm) {
    buildGradPipeline(pm);
    buildFusedPipeline(pm);
    buildKernelsPipeline(pm);
  });
}
