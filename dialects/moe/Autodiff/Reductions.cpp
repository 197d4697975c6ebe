//===- Reductions.cpp - VJPs of reduce, softmax and norms -------------------===//
#include "dialects/moe/Autodiff/Vjps.h"

using namespace mlir;

namespace moe {

static Value vjp(ReduceOp op, GradientBuilder b, Value g) {
  Value x = op.getX();
  ArrayRef<int64_t> dims = op.getDims();
  if (op.getKind() == ReduceKind::sum)
    return b.repeat(g, x, dims);
  // Elements that tie share the gradient.
  Value isExtreme = b.compare(Predicate::eq, x, b.repeat(op.getY(), x, dims));
  Value count = b.sum(b.make<ConvertOp>(x.getType(), isExtreme), dims);
  return b.where(isExtreme, b.repeat(b.div(g, count), x, dims));
}

static Value vjp(SoftmaxOp op, GradientBuilder b, Value g) { // y (g - sum(g y))
  Value y = op.getY();
  return b.mul(y, b.sub(g, b.sumAlongLast(b.mul(g, y))));
}

/// The softmax of the same row; not e^(x - y), which is NaN in a row of minus infinities.
static Value vjp(LogSumExpOp op, GradientBuilder b, Value g) {
  Value p = b.make<SoftmaxOp>(op.getX());
  return b.mul(b.repeat(g, p, tensorType(p).getRank() - 1), p);
}

/// With c = x - mean x and s = 1/sqrt(mean(c^2) + eps): s (g - mean g - c s mean(g c s)). The row is computed again from x, which costs less
/// than keeping it; means and s are one number a row.
static Value vjp(NormalizeOp op, GradientBuilder b, Value g) {
  Value x = op.getX();
  int64_t last = tensorType(x).getRank() - 1;
  auto mean = [&](Value v) { return b.scale(b.sum(v, last), 1.0 / static_cast<double>(tensorType(v).getDimSize(last))); };
  auto repeat = [&](Value row) { return b.repeat(row, x, last); };

  Value c = b.sub(x, repeat(mean(x)));
  Value variance = mean(b.mul(c, c));
  Value s = repeat(b.make<RsqrtOp>(b.add(variance, b.constant(variance, op.getEps().convertToDouble()))));
  Value y = b.mul(c, s);
  Value along = b.mul(y, repeat(mean(b.mul(g, y))));
  return b.mul(s, b.sub(b.sub(g, repeat(mean(g))), along));
}

void attachReductionVjps(MLIRContext &context) { attachVjps<ReduceOp, SoftmaxOp, LogSumExpOp, NormalizeOp>(context); }

} // namespace moe
