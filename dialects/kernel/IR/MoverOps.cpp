//===- MoverOps.cpp - routing and ops that move rows ------------------------===//
#include "dialects/Verify/Verify.h"
#include "dialects/kernel/IR/KernelDialect.h"

using namespace mlir;
using namespace moe;
using namespace moe::kernel;

static Type elementOf(Value tensor) { return asTensor(tensor).getElementType(); }
/// The extents under one index of the first dimension.
static ArrayRef<int64_t> rowShape(Value tensor) { return asTensor(tensor).getShape().drop_front(); }

LogicalResult TopMaskOp::verify() { return verifyTopMask(*this, getX(), getK(), getY()); }

LogicalResult RouteOp::verify() {
  if (failed(expectRank(*this, "C1", "on", getOn(), 2)) || failed(expectRank(*this, "C2", "row_token", getRowToken(), 1)))
    return failure();
  int64_t tokens = asTensor(getOn()).getDimSize(0), experts = asTensor(getOn()).getDimSize(1);
  int64_t rows = asTensor(getRowToken()).getDimSize(0);
  std::tuple<StringRef, Value, SmallVector<int64_t>> shapes[] = {{"offsets", getOffsets(), {experts + 1}},
                                                                 {"row_expert", getRowExpert(), {rows}},
                                                                 {"row_pair", getRowPair(), {rows}},
                                                                 {"pair_row", getPairRow(), {tokens, experts}},
                                                                 {"excess", getExcess(), {}}};
  for (auto &[name, value, shape] : shapes)
    if (failed(expectTensor(*this, "C2", name, value, shape, elementOf(value))))
      return failure();
  if (rows > tokens * experts)
    return emitOpError("C3: ") << rows << " rows exceed " << tokens << " * " << experts << " pairs";
  return success();
}

LogicalResult GatherRowsOp::verify() {
  if (failed(expectLeastRank(*this, "C1", "x", getX(), 1)))
    return failure();
  auto shape = joinShapes(asTensor(getIndex()).getShape(), rowShape(getX()));
  return expectTensor(*this, "C2", "the result", getY(), shape, elementOf(getX()));
}

LogicalResult ScatterAddRowsOp::verify() {
  if (failed(expectLeastRank(*this, "C1", "the result", getY(), 1)))
    return failure();
  auto shape = joinShapes(asTensor(getIndex()).getShape(), rowShape(getY()));
  return expectTensor(*this, "C2", "x", getX(), shape, elementOf(getY()));
}

LogicalResult CombineRowsOp::verify() {
  if (failed(expectRank(*this, "C1", "pair_row", getPairRow(), 2)) || failed(expectLeastRank(*this, "C1", "x", getX(), 1)))
    return failure();
  auto shape = joinShapes(asTensor(getPairRow()).getDimSize(0), rowShape(getX()));
  return expectTensor(*this, "C2", "the result", getY(), shape, elementOf(getX()));
}

LogicalResult SegmentSumOp::verify() {
  if (failed(expectRank(*this, "C1", "offsets", getOffsets(), 1)) || failed(expectLeastRank(*this, "C1", "x", getX(), 1)))
    return failure();
  auto shape = joinShapes(asTensor(getOffsets()).getDimSize(0) - 1, rowShape(getX()));
  return expectTensor(*this, "C2", "the result", getY(), shape, elementOf(getX()));
}

LogicalResult ScanOp::verify() { return expectDim(*this, "C1", getDim(), getX()); }
LogicalResult ConcatOp::verify() { return verifyConcat(*this, getXs(), getDim(), getY()); }
LogicalResult PadOp::verify() { return verifyBox(*this, getX(), getOffsets(), getY()); }
