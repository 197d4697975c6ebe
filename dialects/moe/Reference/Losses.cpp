//===- Losses.cpp - cross-entropy -------------------------------------------===//
#include "dialects/moe/Reference/Softmax.h"

using namespace mlir;

namespace moe::reference {

/// Calls `visit` with each row of logits (its number and where it begins) and its target.
static LogicalResult forEachTarget(Operation *op, const Value &logits, const Value &targets,
                                   llvm::function_ref<void(int64_t row, int64_t first, int64_t target)> visit) {
  int64_t classes = logits.shape.back();
  for (auto [row, target] : llvm::enumerate(targets.data)) {
    if (!(target >= 0 && target < static_cast<double>(classes)))
      return op->emitError() << "target " << static_cast<int64_t>(target) << " is outside the " << classes << " classes";
    visit(static_cast<int64_t>(row), static_cast<int64_t>(row) * classes, static_cast<int64_t>(target));
  }
  return success();
}

static FailureOr<Value> compute(CrossEntropyOp op, Ins in) {
  const Value &logits = *in[0];
  Value loss = zerosLike(op.getLoss());
  auto nll = [&](int64_t row, int64_t first, int64_t target) {
    loss.data[row] = logSumExp(ArrayRef(logits.data).slice(first, logits.shape.back())) - logits.data[first + target];
  };
  if (failed(forEachTarget(op, logits, *in[1], nll)))
    return failure();
  return loss;
}

static FailureOr<Value> compute(CrossEntropyGradOp op, Ins in) {
  Value y = *in[0];
  auto gradient = [&](int64_t row, int64_t first, int64_t target) {
    auto elements = MutableArrayRef(y.data).slice(first, y.shape.back());
    softmax(elements);
    elements[target] -= 1;
    for (double &element : elements)
      element *= in[2]->data[row];
  };
  if (failed(forEachTarget(op, *in[0], *in[1], gradient)))
    return failure();
  return y;
}

void attachLossModels(MLIRContext &context) { attachModels<CrossEntropyOp, CrossEntropyGradOp>(context); }

} // namespace moe::reference
