//===- Aliasing.cpp - which values share bytes ------------------------------===//
#include "dialects/kernel/IR/Aliasing.h"

using namespace mlir;
using namespace moe::kernel;

Value moe::kernel::getRoot(Value value) {
  while (auto view = value.getDefiningOp<ViewOp>())
    value = view.getX();
  return value;
}

static int64_t getElementSize(Type tensor) {
  Type element = getElementTypeOrSelf(tensor);
  return element.isInteger(1) ? 1 : element.isBF16() ? 2 : 4;
}

int64_t moe::kernel::getByteSize(Type tensor) { return cast<RankedTensorType>(tensor).getNumElements() * getElementSize(tensor); }

bool moe::kernel::isLaunch(Operation &op) {
  return !isa<ConstantOp, ViewOp>(op) && !op.hasTrait<OpTrait::IsTerminator>();
}

int64_t moe::kernel::getOffsetInRoot(Value value) {
  int64_t offset = 0;
  for (auto view = value.getDefiningOp<ViewOp>(); view; view = view.getX().getDefiningOp<ViewOp>())
    offset += static_cast<int64_t>(view.getOffset()) * getElementSize(view.getType());
  return offset;
}

/// A contraction reads an element of `init` where it writes that element, and never again.
static bool mayOverwriteInit(ContractOp contract, Value operand) {
  Value init = contract.getInit();
  return init && init == operand && getRoot(contract.getA()) != operand && getRoot(contract.getB()) != operand;
}

/// A grouped product reads an element of `ins` where it writes that element, before it does.
static bool mayOverwriteIns(GroupedContractOp product, OpResult result, Value operand) {
  for (Value factor : {Value(product.getX()), Value(product.getIndex()), Value(product.getW()), Value(product.getOffsets())})
    if (factor && getRoot(factor) == operand)
      return false;
  MLIRContext *context = product.getContext();
  AffineMap written = AffineMap::get(3, 0, {getAffineDimExpr(1, context), getAffineDimExpr(2, context)}, context);
  for (auto [k, in] : llvm::enumerate(product.getIns()))
    if (getRoot(in) == operand && (in.getType() != result.getType() || product.getMap(k) != written))
      return false;
  return true;
}

bool moe::kernel::mayOverwrite(OpResult result, Value operand) {
  if (auto contract = dyn_cast<ContractOp>(result.getOwner()))
    return mayOverwriteInit(contract, operand);
  if (auto product = dyn_cast<GroupedContractOp>(result.getOwner()))
    return mayOverwriteIns(product, result, operand);
  auto row = dyn_cast<RowOp>(result.getOwner());
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
