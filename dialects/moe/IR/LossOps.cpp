//===- LossOps.cpp - cross-entropy ------------------------------------------===//
#include "dialects/Verify/Verify.h"
#include "dialects/moe/IR/MoeDialect.h"

using namespace mlir;
using namespace moe;

/// One target and one `perRow` (loss or gradient) for each row of logits.
static LogicalResult verifyRows(Operation *op, Value logits, Value targets, StringRef what, Value perRow) {
  if (failed(expectLeastRank(op, "C1", "logits", logits, 1)))
    return failure();
  auto type = asTensor(logits);
  ArrayRef<int64_t> rows = type.getShape().drop_back();
  if (failed(expectTensor(op, "C1", "targets", targets, rows, asTensor(targets).getElementType())))
    return failure();
  return expectTensor(op, "C1", what, perRow, rows, type.getElementType());
}

LogicalResult CrossEntropyOp::verify() { return verifyRows(*this, getLogits(), getTargets(), "the result", getLoss()); }
LogicalResult CrossEntropyGradOp::verify() { return verifyRows(*this, getLogits(), getTargets(), "g", getG()); }
