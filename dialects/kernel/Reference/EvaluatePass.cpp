//===- EvaluatePass.cpp - the pass kernel-evaluate --------------------------===//
#include "dialects/kernel/Reference/Evaluate.h"

#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

#include <cmath>

using namespace mlir;

namespace moe::kernel {
#define GEN_PASS_DEF_EVALUATEKERNELS
#include "dialects/kernel/Reference/KernelReferencePasses.h.inc"

namespace {

/// SplitMix64: a good mixture of a counter.
uint64_t mix(uint64_t z) {
  z += 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

Array argumentFor(Value argument, uint64_t number) {
  Array array(argument);
  Type element = getElementTypeOrSelf(argument.getType());
  for (auto [i, value] : llvm::enumerate(array.data)) {
    uint64_t bits = mix((number << 40) + i);
    if (isa<FloatType>(element)) {
      value = static_cast<double>(bits >> 11) * 0x1p-52 - 1; // [-1, 1)
    } else {
      value = static_cast<double>(bits % (element.isInteger(1) ? 2 : 3));
    }
  }
  return array;
}

void print(raw_ostream &os, StringRef function, size_t number, const Array &array) {
  double squares = 0, weighted = 0;
  for (auto [i, value] : llvm::enumerate(array.data)) {
    squares += value * value;
    weighted += value * std::cos(static_cast<double>(i) + 1);
  }
  os << function << " #" << number << " [";
  llvm::interleaveComma(array.shape, os);
  os << llvm::format("] rms %.8g weighted %.8g :", std::sqrt(squares / static_cast<double>(array.size())), weighted);
  for (double value : ArrayRef(array.data).take_front(4)) {
    os << llvm::format(" %.8g", value);
  }
  os << "\n";
}

struct EvaluateKernels : impl::EvaluateKernelsBase<EvaluateKernels> {
  void runOnOperation() override {
    for (auto function : getOperation().getOps<func::FuncOp>()) {
      SmallVector<Array> arguments;
      for (BlockArgument argument : function.getArguments()) {
        arguments.push_back(argumentFor(argument, argument.getArgNumber()));
      }
      auto results = evaluate(function, arguments);
      if (failed(results)) {
        return signalPassFailure();
      }
      for (auto [k, result] : llvm::enumerate(*results)) {
        print(llvm::outs(), function.getName(), k, result);
      }
    }
    markAllAnalysesPreserved();
  }
};

} // namespace

std::unique_ptr<Pass> createEvaluateKernelsPass() { return std::make_unique<EvaluateKernels>(); }

void registerKernelReferencePasses() { registerPass(createEvaluateKernelsPass); }

} // namespace moe::kernel
