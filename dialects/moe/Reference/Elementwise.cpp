//===- Elementwise.cpp - arithmetic on one element --------------------------===//
//
// Each op has one `scalar` overload.
//
//===----------------------------------------------------------------------===//
#include "dialects/moe/Reference/Models.h"

#include <cmath>
#include <limits>

using namespace mlir;

namespace moe::reference {

static double scalar(NegOp op, double x) { return isInteger(op.getY()) ? wrap(-asInt(x)) : -x; }
static double scalar(AbsOp op, double x) { return isInteger(op.getY()) ? wrap(std::abs(asInt(x))) : std::fabs(x); }
static double scalar(SignOp, double x) { return (x > 0) - (x < 0); }
static double scalar(ExpOp, double x) { return std::exp(x); }
static double scalar(LogOp, double x) { return std::log(x); }
static double scalar(SqrtOp, double x) { return std::sqrt(x); }
static double scalar(RsqrtOp, double x) { return 1 / std::sqrt(x); }
static double scalar(TanhOp, double x) { return std::tanh(x); }
static double scalar(SigmoidOp, double x) { return 1 / (1 + std::exp(-x)); }
static double scalar(ErfOp, double x) { return std::erf(x); }
static double scalar(SinOp, double x) { return std::sin(x); }
static double scalar(CosOp, double x) { return std::cos(x); }
static double scalar(FloorOp, double x) { return std::floor(x); }
static double scalar(ReluOp, double x) { return maximum(x, 0); }
static double scalar(NotOp, double x) { return x == 0; }

static double scalar(AddOp op, double a, double b) { return isInteger(op.getY()) ? wrap(asInt(a) + asInt(b)) : a + b; }
static double scalar(SubOp op, double a, double b) { return isInteger(op.getY()) ? wrap(asInt(a) - asInt(b)) : a - b; }
static double scalar(MulOp op, double a, double b) { return isInteger(op.getY()) ? wrap(asInt(a) * asInt(b)) : a * b; }
static double scalar(MaxOp, double a, double b) { return maximum(a, b); }
static double scalar(MinOp, double a, double b) { return minimum(a, b); }
static double scalar(PowOp, double a, double b) { return std::pow(a, b); }
static double scalar(AndOp, double a, double b) { return a != 0 && b != 0; }
static double scalar(OrOp, double a, double b) { return a != 0 || b != 0; }

/// An integer divided by 0 gives 0.
static double scalar(DivOp op, double a, double b) {
  if (!isInteger(op.getY()))
    return a / b;
  return b == 0 ? 0 : wrap(asInt(a) / asInt(b));
}

static double scalar(CompareOp op, double a, double b) {
  switch (op.getPredicate()) {
  case Predicate::eq:
    return a == b;
  case Predicate::ne:
    return a != b;
  case Predicate::lt:
    return a < b;
  case Predicate::le:
    return a <= b;
  case Predicate::gt:
    return a > b;
  case Predicate::ge:
    return a >= b;
  }
  llvm_unreachable("all predicates are above");
}

static double scalar(SelectOp, double m, double a, double b) { return m != 0 ? a : b; }

/// A float beyond the range of i32 becomes the nearest i32, and NaN becomes 0.
static double truncate(double x) {
  using Limits = std::numeric_limits<int32_t>;
  return std::isnan(x) ? 0 : std::clamp<double>(std::trunc(x), Limits::min(), Limits::max());
}

static double scalar(ConvertOp op, double x) {
  Type to = getElementTypeOrSelf(op.getY().getType());
  if (to.isInteger(1))
    return x != 0;
  return to.isInteger(32) ? truncate(x) : x;
}

template <typename Op>
  requires(Op::template hasTrait<MoeElementwise>())
static Value compute(Op op, Ins in) {
  Value y = zerosLike(op.getResult());
  for (size_t i = 0, size = y.data.size(); i < size; ++i) {
    if constexpr (requires { scalar(op, 0.0); })
      y.data[i] = scalar(op, in[0]->data[i]);
    else if constexpr (requires { scalar(op, 0.0, 0.0); })
      y.data[i] = scalar(op, in[0]->data[i], in[1]->data[i]);
    else
      y.data[i] = scalar(op, in[0]->data[i], in[1]->data[i], in[2]->data[i]);
  }
  return y;
}

void attachElementwiseModels(MLIRContext &context) {
  attachModels<NegOp, AbsOp, SignOp, ExpOp, LogOp, SqrtOp, RsqrtOp, TanhOp, SigmoidOp, ErfOp, SinOp, CosOp, FloorOp, ReluOp, NotOp, AddOp, SubOp,
               MulOp, DivOp, MaxOp, MinOp, PowOp, AndOp, OrOp, CompareOp, SelectOp, ConvertOp>(context);
}

} // namespace moe::reference
