//===- Routing.cpp - VJPs of routed ops -------------------------------------===//
//
// Gradients stay routed: no op here has a result larger than an operand of the op it belongs to.
//
//===----------------------------------------------------------------------===//
#include "dialects/moe/Autodiff/Vjps.h"

using namespace mlir;
using llvm::BitVector;

namespace moe {

static SmallVector<Value> vjp(DispatchOp op, GradientBuilder b, Value g, const BitVector &) {
  return {b.make<CombineOp>(op.getX().getType(), op.getOver(), g, op.getRouting()), noGradient()};
}
static SmallVector<Value> vjp(CombineOp op, GradientBuilder b, Value g, const BitVector &) {
  return {b.make<DispatchOp>(op.getX().getType(), op.getOver(), g, op.getRouting()), noGradient()};
}

/// dx = g w^T; dw is the outer product in the order in which w is stored.
static SmallVector<Value> vjp(GroupedMatmulOp op, GradientBuilder b, Value g, const BitVector &needed) {
  Value x = op.getX(), w = op.getW(), routing = op.getRouting();
  bool transposed = op.getTransposeW();
  return buildNeeded(
      needed, [&] { return b.make<GroupedMatmulOp>(x.getType(), g, w, routing, !transposed); },
      [&] { return b.make<GroupedOuterOp>(w.getType(), transposed ? g : x, transposed ? x : g, routing); }, noGradient);
}

/// With g as one matrix an expert: da = b g^T, db = a g.
static SmallVector<Value> vjp(GroupedOuterOp op, GradientBuilder builder, Value g, const BitVector &needed) {
  Value a = op.getA(), b = op.getB(), routing = op.getRouting();
  return buildNeeded(
      needed, [&] { return builder.make<GroupedMatmulOp>(a.getType(), b, g, routing, /*transpose_w=*/true); },
      [&] { return builder.make<GroupedMatmulOp>(b.getType(), a, g, routing, /*transpose_w=*/false); }, noGradient);
}

void attachRoutingVjps(MLIRContext &context) { attachVjps<DispatchOp, CombineOp, GroupedMatmulOp, GroupedOuterOp>(context); }

} // namespace moe
