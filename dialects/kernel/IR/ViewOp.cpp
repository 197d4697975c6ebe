//===- ViewOp.cpp - kernel.view ---------------------------------------------===//
#include "dialects/kernel/IR/KernelDialect.h"

using namespace mlir;
using namespace moe::kernel;

LogicalResult ViewOp::verify() {
  auto from = cast<RankedTensorType>(getX().getType()), to = cast<RankedTensorType>(getY().getType());
  if (from.getElementType() != to.getElementType())
    return emitOpError("C1: ") << from << " is viewed as " << to;
  auto offset = static_cast<int64_t>(getOffset());
  if (offset < 0 || offset + to.getNumElements() > from.getNumElements())
    return emitOpError("C2: ") << to << " at offset " << offset << " does not lie inside " << from;
  return success();
}
