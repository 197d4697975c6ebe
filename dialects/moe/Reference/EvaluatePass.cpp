//===- EvaluatePass.cpp - the pass moe-evaluate -----------------------------===//
#include "dialects/moe/Reference/Models.h"
#include "dialects/moe/Reference/Reference.h"
#include "lib/Support/Sample.h"

#include "mlir/Pass/Pass.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;

namespace moe {
#define GEN_PASS_DEF_EVALUATE
#include "dialects/moe/Reference/MoeReferencePasses.h.inc"

namespace {

reference::Value argumentFor(BlockArgument argument) {
  reference::Value value = reference::zerosLike(argument);
  Type element = getElementTypeOrSelf(argument.getType());
  SampleKind kind = isa<FloatType>(element) ? SampleKind::real : element.isInteger(1) ? SampleKind::boolean : SampleKind::integer;
  value.data = makeSample(kind, argument.getArgNumber(), value.data.size());
  return value;
}

struct Evaluate : impl::EvaluateBase<Evaluate> {
  void runOnOperation() override {
    for (auto function : getOperation().getOps<func::FuncOp>()) {
      auto results = reference::evaluate(function, llvm::map_to_vector(function.getArguments(), argumentFor));
      if (failed(results))
        return signalPassFailure();
      for (auto [k, result] : llvm::enumerate(*results))
        llvm::outs() << function.getName() << " #" << k << " " << describeSample(result.shape, result.data) << "\n";
    }
    markAllAnalysesPreserved();
  }
};

} // namespace

std::unique_ptr<Pass> createEvaluatePass() { return std::make_unique<Evaluate>(); }

void registerReferencePasses() { registerPass(createEvaluatePass); }

} // namespace moe
