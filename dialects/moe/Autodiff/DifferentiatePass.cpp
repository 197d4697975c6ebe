//===- DifferentiatePass.cpp - the pass moe-differentiate -------------------===//
#include "dialects/moe/Autodiff/Autodiff.h"
#include "dialects/moe/IR/MoeDialect.h"
#include "mlir/Pass/Pass.h"

using namespace mlir;

namespace moe {
#define GEN_PASS_DEF_DIFFERENTIATE
#include "dialects/moe/Autodiff/MoeAutodiffPasses.h.inc"

namespace {

struct Differentiate : impl::DifferentiateBase<Differentiate> {
  void runOnOperation() override {
    for (auto function : getOperation().getOps<func::FuncOp>())
      if (!function.isExternal() && hasObjective(function) && failed(differentiate(function)))
        return signalPassFailure();
    getOperation().walk([](DetachOp op) {
      op.replaceAllUsesWith(op.getX());
      op.erase();
    });
  }
};

} // namespace

std::unique_ptr<Pass> createDifferentiatePass() { return std::make_unique<Differentiate>(); }

void registerAutodiffPasses() { registerPass(createDifferentiatePass); }

} // namespace moe
