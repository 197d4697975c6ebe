//===- Aliasing.cpp - which values share bytes ------------------------------===//
#include "lib/Conversion/Plan/Aliasing.h"

using namespace mlir;
using namespace moe;

Value plan::getRoot(Value value) {
  while (auto view = value.getDefiningOp<kernel::ViewOp>())
    value = view.getX();
  return value;
}

int64_t plan::getByteSize(Type tensor) {
  auto type = cast<RankedTensorType>(tensor);
  return type.getNumElements() * (type.getElementType().isInteger(1) ? 1 : 4);
}

bool plan::isLaunch(Operation &op) {
  return !isa<kernel::ConstantOp, kernel::ViewOp>(op) && !op.hasTrait<OpTrait::IsTerminator>();
}

bool plan::mayOverwrite(OpResult result, Value operand) {
  auto row = dyn_cast<kernel::RowOp>(result.getOwner());
  if (!row || !row.getBody().getOps<kernel::ReduceOp>().empty())
    return false;
  AffineMap written = row.getOutMap(result.getResultNumber());
  if (static_cast<int64_t>(written.getNumResults()) != row.getRank())
    return false;
  for (auto [k, in] : llvm::enumerate(row.getIns()))
    if (getRoot(in) == operand && (in.getType() != result.getType() || row.getInMap(k) != written))
      return false;
  return true;
}
