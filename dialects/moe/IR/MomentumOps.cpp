//===- MomentumOps.cpp - the elementwise update of a momentum rule ----------===//
#include "dialects/moe/IR/MoeDialect.h"

using namespace mlir;
using namespace moe;

/// Every tensor of the region, block arguments and operands alike, has the shape of the first.
static LogicalResult verifyShapes(MomentumOp op) {
  std::optional<ArrayRef<int64_t>> shape;
  auto check = [&](Operation *at, Type type) -> LogicalResult {
    ArrayRef<int64_t> other = cast<RankedTensorType>(type).getShape();
    if (!shape)
      shape = other;
    if (*shape == other)
      return success();
    return at->emitOpError() << "C4: " << type << " differs in shape from the other tensors of the rule";
  };
  Block &block = op.getBody().front();
  for (Type type : block.getArgumentTypes())
    if (failed(check(op, type)))
      return failure();
  for (Operation &inner : block)
    for (Type type : inner.getResultTypes())
      if (failed(check(&inner, type)))
        return failure();
  return success();
}

LogicalResult MomentumOp::verifyRegions() {
  Block &block = getBody().front();
  if (block.getArgumentTypes() != getIns().getTypes())
    return emitOpError("C1: block arguments (") << block.getArgumentTypes() << ") must have the types of the operands (" << getIns().getTypes() << ")";
  auto yield = dyn_cast<YieldOp>(block.getTerminator());
  if (!yield)
    return emitOpError("C3: the region must end in moe.yield");
  if (yield.getValues().getTypes() != getOuts().getTypes())
    return emitOpError("C2: yielded types (") << yield.getValues().getTypes() << ") must be the result types (" << getOuts().getTypes() << ")";
  for (Operation &op : block.without_terminator())
    if (!op.hasTrait<MoeElementwise>() && !isa<ConstantOp>(op))
      return op.emitOpError("C3: is neither elementwise nor a constant");
  return verifyShapes(*this);
}
