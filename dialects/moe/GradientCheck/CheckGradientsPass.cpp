//===- CheckGradientsPass.cpp - the pass moe-check-gradients ----------------===//
#include "dialects/moe/Autodiff/Autodiff.h"
#include "dialects/moe/GradientCheck/GradientCheck.h"

#include "mlir/Pass/Pass.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;

namespace moe {
#define GEN_PASS_DECL_CHECKGRADIENTS
#define GEN_PASS_DEF_CHECKGRADIENTS
#include "dialects/moe/GradientCheck/MoeGradientCheckPasses.h.inc"

namespace {

struct CheckGradients : impl::CheckGradientsBase<CheckGradients> {
  using CheckGradientsBase::CheckGradientsBase;

  void runOnOperation() override {
    for (auto function : getOperation().getOps<func::FuncOp>())
      if (!function.isExternal() && hasObjective(function) && failed(check(function)))
        signalPassFailure();
    markAllAnalysesPreserved();
  }

  LogicalResult check(func::FuncOp function) {
    GradientCheckOptions options;
    options.step = step;
    options.tolerance = tolerance;
    options.mostElements = elements;
    options.directions = directions;
    options.seed = seed;
    auto checks = checkGradients(function, randomArguments(function, seed, ids), options);
    if (failed(checks))
      return failure();
    bool good = true;
    for (const ParameterCheck &result : *checks)
      good &= succeeded(report(result));
    return success(good);
  }

  LogicalResult report(const ParameterCheck &result) {
    if (result.compared == 0)
      return emitError(result.loc) << "the gradient of '" << result.name << "' could be compared nowhere: the objective has a kink at each place";
    if (!(result.error <= tolerance))
      return emitError(result.loc) << "the gradient of '" << result.name << "' is wrong at " << result.place << ": " << result.byGradient
                                   << " by autodiff, " << result.byDifference << " by finite differences, relative error " << result.error;
    if (!(result.resolution <= tolerance))
      return emitError(result.loc) << "the gradient of '" << result.name << "' is too small beside the objective to be compared: an error of "
                                   << result.resolution << " would be lost in rounding";
    llvm::outs() << result.name << llvm::format(" ok %.1e", result.error + result.resolution);
    if (result.narrowed)
      llvm::outs() << ", " << result.narrowed << " with a smaller step";
    if (result.skipped)
      llvm::outs() << ", " << result.skipped << " at a kink left out";
    llvm::outs() << "\n";
    return success();
  }
};

} // namespace

std::unique_ptr<Pass> createCheckGradientsPass() { return std::make_unique<CheckGradients>(); }

void registerGradientCheckPasses() { registerPass(createCheckGradientsPass); }

} // namespace moe
