//===- Origins.cpp - what an op stands for, kept in its location ------------===//
#include "dialects/moe/IR/Origins.h"

#include "dialects/moe/IR/MoeDialect.h"

#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace moe {

std::string describeOp(Operation *op) {
  return llvm::TypeSwitch<Operation *, std::string>(op)
      .Case<ReduceOp>([](ReduceOp reduce) { return stringifyReduceKind(reduce.getKind()).str(); })
      .Case<ContractOp>([](ContractOp) { return "sum of products"; })
      .Case<GroupedMatmulOp, GroupedOuterOp>([](Operation *) { return "matrix product by expert"; })
      .Default([](Operation *other) { return other->getName().stripDialect().str(); });
}

Location getGradientLocation(Operation *op) {
  return NameLoc::get(StringAttr::get(op->getContext(), "gradient of " + describeOp(op)), op->getLoc());
}

void markOrigins(func::FuncOp function) {
  int32_t number = 0;
  MLIRContext *context = function.getContext();
  for (Operation &op : function.getBody().getOps()) {
    Location named = NameLoc::get(StringAttr::get(context, describeOp(&op)), op.getLoc());
    op.setLoc(FusedLoc::get(context, {named}, IntegerAttr::get(IntegerType::get(context, 32), number)));
    number += !isa<ConstantOp>(op);
  }
}

} // namespace moe
