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

LogicalResult IotaOp::verify() { return success(); }
LogicalResult UniformOp::verify() { return success(); }
LogicalResult BroadcastOp::verify() { return success(); }
LogicalResult ReshapeOp::verify() { return success(); }
LogicalResult TransposeOp::verify() { return success(); }
LogicalResult SliceOp::verify() { return success(); }
LogicalResult PadOp::verify() { return success(); }
LogicalResult ConcatOp::verify() { return success(); }
LogicalResult ReduceOp::verify() { return success(); }
LogicalResult CumsumOp::verify() { return success(); }
LogicalResult ContractOp::verify() { return success(); }
LogicalResult SoftmaxOp::verify() { return success(); }
LogicalResult LogSumExpOp::verify() { return success(); }
LogicalResult NormalizeOp::verify() { return success(); }
LogicalResult GatherOp::verify() { return success(); }
LogicalResult ScatterAddOp::verify() { return success(); }
