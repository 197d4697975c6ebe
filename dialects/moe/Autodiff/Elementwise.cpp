//===- Elementwise.cpp - VJPs of elementwise ops ----------------------------===//
//
// y is the op's result: where it is cheaper or more exact than the operand, it is used instead.
//
//===----------------------------------------------------------------------===//
#include "dialects/moe/Autodiff/Vjps.h"
#include "dialects/moe/Transforms/Splat.h"

#include <cmath>

using namespace mlir;
using llvm::BitVector;

namespace moe {

static const double twoOverSqrtPi = 2 / std::sqrt(std::acos(-1.0));

static Value vjp(NegOp, GradientBuilder b, Value g) { return b.neg(g); }
static Value vjp(AbsOp op, GradientBuilder b, Value g) { return b.mul(g, b.make<SignOp>(op.getX())); }
static Value vjp(ExpOp op, GradientBuilder b, Value g) { return b.mul(g, op.getY()); }
static Value vjp(LogOp op, GradientBuilder b, Value g) { return b.div(g, op.getX()); }
static Value vjp(SqrtOp op, GradientBuilder b, Value g) { return b.div(b.scale(g, 0.5), op.getY()); }
static Value vjp(ReluOp op, GradientBuilder b, Value g) { return b.where(b.compare(Predicate::gt, op.getY(), 0), g); }
static Value vjp(SinOp op, GradientBuilder b, Value g) { return b.mul(g, b.make<CosOp>(op.getX())); }
static Value vjp(CosOp op, GradientBuilder b, Value g) { return b.neg(b.mul(g, b.make<SinOp>(op.getX()))); }

static Value vjp(RsqrtOp op, GradientBuilder b, Value g) { // -y^3 / 2
  Value y = op.getY();
  return b.mul(g, b.mul(b.scale(y, -0.5), b.mul(y, y)));
}
static Value vjp(TanhOp op, GradientBuilder b, Value g) { // 1 - y^2
  Value y = op.getY();
  return b.mul(g, b.sub(b.constant(y, 1), b.mul(y, y)));
}
static Value vjp(SigmoidOp op, GradientBuilder b, Value g) { // y (1 - y)
  Value y = op.getY();
  return b.mul(g, b.mul(y, b.sub(b.constant(y, 1), y)));
}
static Value vjp(ErfOp op, GradientBuilder b, Value g) { // 2/sqrt(pi) e^(-x^2)
  Value x = op.getX();
  return b.mul(g, b.scale(b.make<ExpOp>(b.neg(b.mul(x, x))), twoOverSqrtPi));
}

static Value vjp(ConvertOp op, GradientBuilder b, Value g) {
  return op.getX().getType() == g.getType() ? g : b.make<ConvertOp>(op.getX().getType(), g);
}

/// Steps have a gradient of 0 wherever they have one.
static Value vjp(SignOp, GradientBuilder, Value) { return noGradient(); }
static Value vjp(FloorOp, GradientBuilder, Value) { return noGradient(); }

static SmallVector<Value> vjp(AddOp, GradientBuilder b, Value g, const BitVector &) { return {g, g}; }
static SmallVector<Value> vjp(SubOp, GradientBuilder b, Value g, const BitVector &needed) {
  return buildNeeded(needed, [&] { return g; }, [&] { return b.neg(g); });
}
static SmallVector<Value> vjp(MulOp op, GradientBuilder b, Value g, const BitVector &needed) {
  return buildNeeded(needed, [&] { return b.mul(g, op.getB()); }, [&] { return b.mul(g, op.getA()); });
}
static SmallVector<Value> vjp(DivOp op, GradientBuilder b, Value g, const BitVector &needed) {
  Value da = b.div(g, op.getB());
  return buildNeeded(needed, [&] { return da; }, [&] { return b.neg(b.mul(da, op.getY())); });
}
static SmallVector<Value> vjp(MaxOp op, GradientBuilder b, Value g, const BitVector &needed) {
  Value first = b.compare(Predicate::ge, op.getA(), op.getB());
  return buildNeeded(needed, [&] { return b.where(first, g); }, [&] { return b.unless(first, g); });
}
static SmallVector<Value> vjp(MinOp op, GradientBuilder b, Value g, const BitVector &needed) {
  Value first = b.compare(Predicate::le, op.getA(), op.getB());
  return buildNeeded(needed, [&] { return b.where(first, g); }, [&] { return b.unless(first, g); });
}
static SmallVector<Value> vjp(SelectOp op, GradientBuilder b, Value g, const BitVector &needed) {
  return buildNeeded(needed, noGradient, [&] { return b.where(op.getM(), g); }, [&] { return b.unless(op.getM(), g); });
}

/// d a^b / da = b a^(b-1), with 0 for b = 0 also at a = 0, where the power is infinite.
static Value powBaseGradient(PowOp op, GradientBuilder b) {
  Value base = op.getA(), exponent = op.getB();
  if (std::optional<double> n = getSplat(exponent)) {
    if (*n == 0)
      return b.constant(base, 0);
    return *n == 2 ? b.scale(base, 2) : b.scale(b.make<PowOp>(base, b.constant(base, *n - 1)), *n);
  }
  Value slope = b.mul(exponent, b.make<PowOp>(base, b.sub(exponent, b.constant(base, 1))));
  return b.where(b.compare(Predicate::ne, exponent, 0), slope);
}
/// d a^b / db = y ln a, with 0 at a = 0, where the logarithm is infinite.
static Value powExponentGradient(PowOp op, GradientBuilder b) {
  Value isZero = b.compare(Predicate::eq, op.getA(), 0);
  return b.unless(isZero, b.mul(op.getY(), b.make<LogOp>(op.getA())));
}
static SmallVector<Value> vjp(PowOp op, GradientBuilder b, Value g, const BitVector &needed) {
  return buildNeeded(needed, [&] { return b.mul(g, powBaseGradient(op, b)); }, [&] { return b.mul(g, powExponentGradient(op, b)); });
}

void attachElementwiseVjps(MLIRContext &context) {
  attachVjps<NegOp, AbsOp, SignOp, ExpOp, LogOp, SqrtOp, RsqrtOp, TanhOp, SigmoidOp, ErfOp, SinOp, CosOp, FloorOp, ReluOp, ConvertOp, AddOp,
             SubOp, MulOp, DivOp, MaxOp, MinOp, PowOp, SelectOp>(context);
}

} // namespace moe
