//===- Losses.cpp - VJPs of losses ------------------------------------------===//
#include "dialects/moe/Autodiff/Vjps.h"

using namespace mlir;
using llvm::BitVector;

namespace moe {

static SmallVector<Value> vjp(CrossEntropyOp op, GradientBuilder b, Value g, const BitVector &) {
  return {b.make<CrossEntropyGradOp>(op.getLogits(), op.getTargets(), g), noGradient()};
}

/// y = s (p - onehot) with p = softmax(z): dz = s p (g - sum(g p)) and ds = sum(g (p - onehot)).
static SmallVector<Value> vjp(CrossEntropyGradOp op, GradientBuilder b, Value g, const BitVector &needed) {
  Value logits = op.getLogits(), scale = op.getG();
  int64_t classes = tensorType(logits).getRank() - 1;
  return buildNeeded(
      needed,
      [&] {
        Value p = b.make<SoftmaxOp>(logits);
        Value change = b.mul(p, b.sub(g, b.sumAlongLast(b.mul(g, p))));
        return b.mul(b.repeat(scale, logits, classes), change);
      },
      noGradient,
      [&] {
        Value unit = b.make<CrossEntropyGradOp>(logits, op.getTargets(), b.constant(scale, 1));
        return b.sum(b.mul(g, unit), classes);
      });
}

void attachLossVjps(MLIRContext &context) { attachVjps<CrossEntropyOp, CrossEntropyGradOp>(context); }

} // namespace moe
