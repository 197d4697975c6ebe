//===- ReductionOps.cpp - sums, prefixes and rows ---------------------------===//
#include "dialects/Verify/Verify.h"
#include "dialects/moe/IR/MoeDialect.h"

using namespace mlir;
using namespace moe;

LogicalResult ReduceOp::verify() {
  if (failed(expectDims(*this, "C1", getDims(), getX())))
    return failure();
  SmallVector<int64_t> shape;
  for (auto [dim, extent] : llvm::enumerate(asTensor(getX()).getShape()))
    if (!llvm::is_contained(getDims(), dim))
      shape.push_back(extent);
  if (asTensor(getY()).getShape() != ArrayRef(shape))
    return expectTensor(*this, "C2", "the result", getY(), shape, asTensor(getX()).getElementType());
  return expectTensor(*this, "C3", "the result", getY(), shape, asTensor(getX()).getElementType());
}

LogicalResult CumsumOp::verify() { return expectDim(*this, "C1", getDim(), getX()); }

LogicalResult SoftmaxOp::verify() { return expectLeastRank(*this, "C1", "the operand", getX(), 1); }

LogicalResult LogSumExpOp::verify() {
  if (failed(expectLeastRank(*this, "C1", "the operand", getX(), 1)))
    return failure();
  auto x = asTensor(getX());
  return expectTensor(*this, "C1", "the result", getY(), x.getShape().drop_back(), x.getElementType());
}

LogicalResult NormalizeOp::verify() {
  if (failed(expectLeastRank(*this, "C1", "the operand", getX(), 1)))
    return failure();
  if (getEps().isNegative() || getEps().isNaN())
    return emitOpError("C2: eps = ") << getEps().convertToDouble() << " must not be negative";
  return success();
}
