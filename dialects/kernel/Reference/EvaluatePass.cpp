//===- EvaluatePass.cpp - the pass kernel-evaluate --------------------------===//
#include "dialects/kernel/Reference/Evaluate.h"
#include "lib/Support/Sample.h"

#include "llvm/Support/raw_ostream.h"

using namespace mlir;

namespace moe::kernel {
#define GEN_PASS_DEF_EVALUATEKERNELS
#include "dialects/kernel/Reference/KernelReferencePasses.h.inc"

Array makeArgument(Value argument, uint64_t number) {
  Array array(argument);
  Type element = getElementTypeOrSelf(argument.getType());
  SampleKind kind = isa<FloatType>(element) ? SampleKind::real : element.isInteger(1) ? SampleKind::boolean : SampleKind::integer;
  array.data = makeSample(kind, number, array.data.size());
  return array;
}

namespace {

struct EvaluateKernels : impl::EvaluateKernelsBase<EvaluateKernels> {
  void runOnOperation() override {
    for (auto function : getOperation().getOps<func::FuncOp>()) {
      SmallVector<Array> arguments;
      for (BlockArgument argument : function.getArguments())
        arguments.push_back(makeArgument(argument, argument.getArgNumber()));
      auto results = evaluate(function, arguments);
      if (failed(results))
        return signalPassFailure();
      for (auto [k, result] : llvm::enumerate(*results))
        llvm::outs() << function.getName() << " #" << k << " " << describeSample(result.shape, result.data) << "\n";
    }
    markAllAnalysesPreserved();
  }
};

} // namespace

std::unique_ptr<Pass> createEvaluateKernelsPass() { return std::make_unique<EvaluateKernels>(); }

void registerKernelReferencePasses() { registerPass(createEvaluateKernelsPass); }

} // namespace moe::kernel
