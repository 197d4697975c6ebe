//===- InlineMomentum.cpp - a momentum rule as plain ops ------------------===//
#include "dialects/moe/Transforms/InlineMomentum.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;

void moe::inlineMomentum(MomentumOp op) {
  Block &body = op.getBody().front();
  OpBuilder builder(op);
  IRMapping mapping;
  mapping.map(body.getArguments(), op.getIns());
  for (Operation &inner : body.without_terminator())
    builder.clone(inner, mapping);
  for (auto [out, value] : llvm::zip_equal(op.getOuts(), body.getTerminator()->getOperands()))
    out.replaceAllUsesWith(mapping.lookup(value));
  op.erase();
}
