//===- Access.cpp - how rows and contractions index their tensors -----------===//
#include "dialects/kernel/IR/Access.h"

using namespace mlir;
using namespace moe::kernel;

AffineMap moe::kernel::getAccess(OpOperand &operand) {
  unsigned k = operand.getOperandNumber();
  if (auto row = dyn_cast<RowOp>(operand.getOwner()))
    return row.getInMap(k);
  auto contract = cast<ContractOp>(operand.getOwner());
  return contract.getMap(k); // the third operand, init, lies as the result does
}

AffineMap moe::kernel::getAccess(OpResult result) {
  if (auto row = dyn_cast<RowOp>(result.getOwner()))
    return row.getOutMap(result.getResultNumber());
  return cast<ContractOp>(result.getOwner()).getMap(2);
}

ArrayRef<int64_t> moe::kernel::getExtents(Operation *op) {
  return isa<RowOp>(op) ? cast<RowOp>(op).getExtents() : cast<ContractOp>(op).getExtents();
}

std::optional<SmallVector<unsigned>> moe::kernel::findDims(AffineMap access, ArrayRef<int64_t> dims) {
  SmallVector<unsigned> positions;
  for (int64_t dim : dims) {
    std::optional<unsigned> position = access.getResultPosition(getAffineDimExpr(dim, access.getContext()));
    if (!position)
      return std::nullopt;
    positions.push_back(*position);
  }
  return positions;
}
