#include "lib/Conversion/KernelToCPU/KernelToCPU.h"

#include "lib/Conversion/KernelToCPU/Functions.h"

#include "mlir/Conversion/ArithToLLVM/ArithToLLVM.h"
#include "mlir/Conversion/ControlFlowToLLVM/ControlFlowToLLVM.h"
#include "mlir/Conversion/FuncToLLVM/ConvertFuncToLLVMPass.h"
#include "mlir/Conversion/MathToLLVM/MathToLLVM.h"
#include "mlir/Conversion/MathToLibm/MathToLibm.h"
#include "mlir/Conversion/ReconcileUnrealizedCasts/ReconcileUnrealizedCasts.h"
#include "mlir/Conversion/SCFToControlFlow/SCFToControlFlow.h"
#include "mlir/Conversion/UBToLLVM/UBToLLVM.h"
#include "mlir/Conversion/VectorToLLVM/ConvertVectorToLLVMPass.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "mlir/Transforms/Passes.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/TargetParser/Host.h"

#include <thread>

using namespace mlir;

namespace moe {

/// Intel's cores begin a vector of dot products every other cycle, and two of f32 in each: 0.45 times the rate was measured (Emerald Rapids). Their bf16 is for matrix
/// units. AMD's (Zen 5) gain 1.7 times.
static bool isBF16DotFast() {
  return llvm::sys::detail::x86::getVendorSignature() != llvm::sys::detail::x86::VendorSignatures::GENUINE_INTEL;
}

CPUTarget CPUTarget::host() {
  CPUTarget target;
  target.cpu = llvm::sys::getHostCPUName().str();
  target.threads = std::max(1u, std::thread::hardware_concurrency());
  llvm::StringMap<bool> features = llvm::sys::getHostCPUFeatures();
  SmallVector<StringRef> names;
  for (auto &feature : features)
    if (feature.second)
      names.push_back(feature.first());
  llvm::sort(names);
  llvm::raw_string_ostream os(target.features);
  llvm::interleave(names, os, [&](StringRef name) { os << '+' << name; }, ",");
  if (features.lookup("avx512f")) {
    target.vectorWidth = 16;
    target.vectorRegisters = 32;
  } else if (features.lookup("avx2") && features.lookup("fma")) {
    target.vectorWidth = 8;
  }
  target.hasBF16Dot = features.lookup("avx512bf16") && features.lookup("avx512vl");
  target.usesBF16Dot = target.hasBF16Dot && isBF16DotFast();
  return target;
}

ArrayRef<CPUTile> CPUTarget::getTileCandidates() const {
  // Sums, vectors of b and one of a: 27 to 29 of 32 registers, 15 or 16 of 16. Their rows divide the blocks of rows (Panels.h).
  static constexpr CPUTile many[] = {{12, 2}, {8, 3}, {6, 4}}, some[] = {{6, 2}, {4, 3}}, few[] = {{2, 2}};
  return vectorRegisters >= 32 ? ArrayRef(many) : vectorRegisters >= 16 ? ArrayRef(some) : ArrayRef(few);
}

std::string CPUTarget::describe() const {
  CPUTile shape = getTile();
  return (cpu + ": " + Twine(vectorWidth) + " floats a vector, tiles of " + Twine(shape.rows) + " x " + Twine(shape.vectors * vectorWidth) +
          (usesBF16Dot ? ", dot products of bf16" : ""))
      .str();
}

namespace {

/// exp, log, tanh and erf as arithmetic: vectors of them would otherwise become calls of libm, lane by lane. Other functions do become such calls:
/// they are rare.
struct ExpandFunctionsPass : PassWrapper<ExpandFunctionsPass, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(ExpandFunctionsPass)
  StringRef getArgument() const final { return "moe-expand-functions"; }
  StringRef getDescription() const final { return "Replaces exp, log, tanh and erf of f32 by arithmetic"; }
  void getDependentDialects(DialectRegistry &registry) const final {
    registry.insert<math::MathDialect, arith::ArithDialect, vector::VectorDialect>();
  }
  void runOnOperation() final {
    RewritePatternSet patterns(&getContext());
    cpu::populateFunctionPatterns(patterns);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace

void buildCPULoweringPipeline(OpPassManager &pm) {
  pm.addPass(std::make_unique<ExpandFunctionsPass>());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
  pm.addPass(createLoopInvariantCodeMotionPass());
  pm.addPass(createSCFToControlFlowPass());
  pm.addPass(createConvertVectorToLLVMPass());
  pm.addPass(createConvertMathToLLVMPass());
  pm.addPass(createConvertMathToLibmPass());
  pm.addPass(createArithToLLVMConversionPass());
  pm.addPass(createConvertControlFlowToLLVMPass());
  pm.addPass(createConvertFuncToLLVMPass());
  pm.addPass(createUBToLLVMConversionPass());
  pm.addPass(createReconcileUnrealizedCastsPass());
}

} // namespace moe
