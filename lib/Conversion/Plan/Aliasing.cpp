//===- Aliasing.cpp - which values share bytes ------------------------------===//
#include "lib/Conversion/Plan/Aliasing.h"

using namespace mlir;
using namespace moe;

Value plan::getRoot(Value value) {
  while (auto view = value.getDefiningOp<kernel::ViewOp>())
    value = view.getX();
  return value;
}

static int64_t getElementSize(Type tensor) {
  Type element = getElementTypeOrSelf(tensor);
  return element.isInteger(1) ? 1 : element.isBF16() ? 2 : 4;
}

int64_t plan::getByteSize(Type tensor) { return cast<RankedTensorType>(tensor).getNumElements() * getElementSize(tensor); }

bool plan::isLaunch(Operation &op) {
  return !isa<kernel::ConstantOp, kernel::ViewOp>(op) && !op.hasTrait<OpTrait::IsTerminator>();
}

int64_t plan::getOffsetInRoot(Value value) {
  int64_t offset = 0;
  for (auto view = value.getDefiningOp<kernel::ViewOp>(); view; view = view.getX().getDefiningOp<kernel::ViewOp>())
    offset += static_cast<int64_t>(view.getOffset()) * getElementSize(view.getType());
  return offset;
}

/// A contraction reads an element of `init` where it writes that element, and never again.
static bool mayOverwriteInit(kernel::ContractOp contract, Value operand) {
  Value init = contract.getInit();
  return init && init == operand && plan::getRoot(contract.getA()) != operand && plan::getRoot(contract.getB()) != operand;
}

bool plan::mayOverwrite(OpResult result, Value operand) {
  if (auto contract = dyn_cast<kernel::ContractOp>(result.getOwner()))
    return mayOverwriteInit(contract, operand);
  auto row = dyn_cast<kernel::RowOp>(result.getOwner());
  if (!row)
    return false;
  AffineMap written = row.getOutMap(result.getResultNumber());
  if (static_cast<int64_t>(written.getNumResults()) != row.getRank())
    return false;
  for (auto [k, in] : llvm::enumerate(row.getIns()))
    if (getRoot(in) == operand && (in.getType() != result.getType() || row.getInMap(k) != written))
      return false;
  return true;
}
