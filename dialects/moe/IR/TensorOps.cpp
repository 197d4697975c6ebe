//===- TensorOps.cpp - constants, layout and indexing -----------------------===//
#include "dialects/Verify/Verify.h"
#include "dialects/moe/IR/MoeDialect.h"

using namespace mlir;
using namespace moe;

void ConstantOp::build(OpBuilder &builder, OperationState &state, RankedTensorType type, double value) {
  Type element = type.getElementType();
  Attribute scalar;
  if (auto floatType = dyn_cast<FloatType>(element)) {
    scalar = builder.getFloatAttr(floatType, value);
  } else {
    scalar = builder.getIntegerAttr(element, static_cast<int64_t>(value));
  }
  build(builder, state, cast<ElementsAttr>(DenseElementsAttr::get(type, scalar)));
}

OpFoldResult ConstantOp::fold(FoldAdaptor) { return getValue(); }
OpFoldResult BroadcastOp::fold(FoldAdaptor) { return getX().getType() == getType() ? OpFoldResult(getX()) : nullptr; }
OpFoldResult ReshapeOp::fold(FoldAdaptor) { return getX().getType() == getType() ? OpFoldResult(getX()) : nullptr; }
OpFoldResult TransposeOp::fold(FoldAdaptor) { return llvm::is_sorted(getPerm()) ? OpFoldResult(getX()) : nullptr; }

LogicalResult IotaOp::verify() { return expectDim(*this, "C1", getDim(), getY()); }

LogicalResult UniformOp::verify() {
  if (asTensor(getY()).getNumElements() >= int64_t(1) << 32)
    return emitOpError("C1: ") << getY().getType() << " has 2^32 elements or more";
  return success();
}

LogicalResult BroadcastOp::verify() {
  auto from = asTensor(getX()), to = asTensor(getY());
  if (static_cast<int64_t>(getDims().size()) != from.getRank())
    return emitOpError("C1: dims has ") << getDims().size() << " entries for the " << from.getRank() << " dimensions of the operand";
  if (failed(expectDims(*this, "C2", getDims(), getY())))
    return failure();
  auto shape = llvm::map_to_vector(getDims(), [&](int64_t dim) { return to.getDimSize(dim); });
  return expectTensor(*this, "C3", "the operand", getX(), shape, to.getElementType());
}

LogicalResult ReshapeOp::verify() {
  auto from = asTensor(getX()), to = asTensor(getY());
  if (from.getElementType() != to.getElementType())
    return emitOpError("C1: ") << from << " and " << to << " differ in element type";
  if (from.getNumElements() != to.getNumElements())
    return emitOpError("C2: ") << from << " has " << from.getNumElements() << " elements, " << to << " has " << to.getNumElements();
  return success();
}

LogicalResult TransposeOp::verify() {
  auto from = asTensor(getX());
  SmallVector<int64_t> sorted(getPerm());
  llvm::sort(sorted);
  if (sorted != llvm::to_vector(llvm::seq<int64_t>(0, from.getRank())))
    return emitOpError("C1: perm = [") << getPerm() << "] is not a permutation of the dimensions of " << from;
  auto shape = llvm::map_to_vector(getPerm(), [&](int64_t dim) { return from.getDimSize(dim); });
  return expectTensor(*this, "C2", "the result", getY(), shape, from.getElementType());
}

LogicalResult SliceOp::verify() { return verifyBox(*this, getY(), getOffsets(), getX()); }
LogicalResult PadOp::verify() { return verifyBox(*this, getX(), getOffsets(), getY()); }
LogicalResult ConcatOp::verify() { return verifyConcat(*this, getXs(), getDim(), getY()); }

LogicalResult GatherOp::verify() {
  if (failed(expectLeastRank(*this, "C1", "the table", getTable(), 1)))
    return failure();
  auto table = asTensor(getTable());
  auto shape = joinShapes(asTensor(getIds()).getShape(), table.getShape().drop_front());
  return expectTensor(*this, "C2", "the result", getY(), shape, table.getElementType());
}

LogicalResult ScatterAddOp::verify() {
  if (failed(expectLeastRank(*this, "C1", "the result", getTable(), 1)))
    return failure();
  auto table = asTensor(getTable());
  auto shape = joinShapes(asTensor(getIds()).getShape(), table.getShape().drop_front());
  return expectTensor(*this, "C2", "x", getX(), shape, table.getElementType());
}
