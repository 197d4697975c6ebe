//===- Flop.cpp - what a launch computes ------------------------------------===//
#include "lib/Conversion/Plan/Flop.h"

#include "dialects/kernel/IR/KernelDialect.h"

using namespace mlir;
using namespace moe;

static int64_t getExtent(Value tensor, unsigned dim) { return cast<RankedTensorType>(tensor.getType()).getDimSize(dim); }

int64_t plan::countFlop(Operation *op) {
  if (auto contract = dyn_cast<kernel::ContractOp>(op)) {
    int64_t points = 1;
    for (int64_t extent : contract.getExtents())
      points *= extent;
    return 2 * points;
  }
  if (auto grouped = dyn_cast<kernel::GroupedContractOp>(op))
    return 2 * grouped.getRows() * grouped.getInputs() * grouped.getOutputs();
  if (auto outer = dyn_cast<kernel::GroupedOuterOp>(op))
    return 2 * outer.getRows() * getExtent(outer.getA(), 1) * getExtent(outer.getB(), 1);
  int64_t sum = 0;
  if (auto slices = dyn_cast<kernel::SlicesOp>(op))
    for (Operation &inner : slices.getBody().front())
      sum += countFlop(&inner);
  return sum;
}
