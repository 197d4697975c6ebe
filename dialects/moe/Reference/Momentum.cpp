//===- Momentum.cpp - moe.momentum is what its region says ------------------===//
#include "dialects/moe/Reference/Models.h"

namespace moe::reference {

static Results compute(MomentumOp op, Ins in) { return evaluateBlock(op.getBody().front(), in); }

void attachMomentumModel(mlir::MLIRContext &context) { attachModels<MomentumOp>(context); }

} // namespace moe::reference
