//===- Functions.cpp - elementary functions of f32 --------------------------===//
//
// Each reduces its argument to a small interval around 0, evaluates a polynomial there and scales. The coefficients minimise the largest relative error of
// the function (Lawson's reweighted least squares at 120 bits); what they leave, a tenth of an ulp at most, stands with each.
//
//===----------------------------------------------------------------------===//
#include "lib/Conversion/KernelToCPU/Functions.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/PatternMatch.h"

#include <limits>

using namespace mlir;

namespace {

using FloatPredicate = arith::CmpFPredicate;

constexpr float infinity = std::numeric_limits<float>::infinity();
/// ln 2 in two parts; a whole number below 2^9 times the first is exact.
constexpr float ln2High = 0x1.62e4p-1f, ln2Low = 0x1.7f7d1cp-20f;

/// Arithmetic on f32 or vectors of it, whatever `type` is.
struct Arithmetic {
  Arithmetic(OpBuilder &b, Location loc, Type type) : b(b), loc(loc), type(type) {}

  Value number(float v) { return constant(type, b.getF32FloatAttr(v)); }
  Value integer(int32_t v) { return constant(bitsType(), b.getI32IntegerAttr(v)); }

  Value add(Value x, Value y) { return arith::AddFOp::create(b, loc, x, y); }
  Value sub(Value x, Value y) { return arith::SubFOp::create(b, loc, x, y); }
  Value mul(Value x, Value y) { return arith::MulFOp::create(b, loc, x, y); }
  Value div(Value x, Value y) { return arith::DivFOp::create(b, loc, x, y); }
  Value fma(Value x, Value y, Value z) { return math::FmaOp::create(b, loc, x, y, z); }
  Value abs(Value x) { return math::AbsFOp::create(b, loc, x); }
  Value withSign(Value magnitude, Value sign) { return math::CopySignOp::create(b, loc, magnitude, sign); }

  /// `coefficients[0] + coefficients[1] * x + ...`
  Value polynomial(Value x, ArrayRef<float> coefficients) {
    Value sum = number(coefficients.back());
    for (float c : llvm::reverse(coefficients.drop_back()))
      sum = fma(sum, x, number(c));
    return sum;
  }

  Value bits(Value x) { return arith::BitcastOp::create(b, loc, bitsType(), x); }
  Value fromBits(Value x) { return arith::BitcastOp::create(b, loc, type, x); }
  Value addBits(Value x, Value y) { return arith::AddIOp::create(b, loc, x, y); }
  Value subBits(Value x, Value y) { return arith::SubIOp::create(b, loc, x, y); }
  Value toFloat(Value x) { return arith::SIToFPOp::create(b, loc, type, x); }
  Value shiftLeft(Value x, int32_t by) { return arith::ShLIOp::create(b, loc, x, integer(by)); }
  Value shiftRight(Value x, int32_t by) { return arith::ShRSIOp::create(b, loc, x, integer(by)); }

  /// `yes` where x compares so with y, else `no`. Ordered predicates do not hold for NaN.
  Value where(FloatPredicate predicate, Value x, Value y, Value yes, Value no) {
    return arith::SelectOp::create(b, loc, arith::CmpFOp::create(b, loc, predicate, x, y), yes, no);
  }
  /// At most `limit`; NaN stays.
  Value atMost(Value x, float limit) { return where(FloatPredicate::OGT, x, number(limit), number(limit), x); }

private:
  Type bitsType() {
    Type word = b.getI32Type();
    if (auto vector = dyn_cast<VectorType>(type))
      return vector.clone(word);
    return word;
  }
  Value constant(Type of, TypedAttr scalar) {
    if (auto vector = dyn_cast<VectorType>(of))
      scalar = DenseElementsAttr::get(vector, scalar);
    return arith::ConstantOp::create(b, loc, scalar);
  }

  OpBuilder &b;
  Location loc;
  Type type;
};

/// x = n ln 2 + r with |r| <= ln 2 / 2.
struct Reduced {
  Value nBits; ///< n in the low nine bits: shifted left by 23 it stands where the exponent does
  Value r;
};

Reduced reduce(Arithmetic &a, Value x) {
  // Added to 1.5 * 2^23 a number is rounded to a whole one, which then stands in the low bits.
  Value shift = a.number(0x1.8p23f);
  Value shifted = a.fma(x, a.number(0x1.715476p0f), shift);
  Value n = a.sub(shifted, shift);
  Value r = a.fma(n, a.number(-ln2Low), a.fma(n, a.number(-ln2High), x));
  return {a.bits(shifted), r};
}

/// exp(r) - 1 for |r| <= ln 2 / 2, within 1.4e-8 of its value.
Value reducedExpm1(Arithmetic &a, Value r) {
  Value rest = a.polynomial(r, {0.49999997f, 0.16666542f, 0.0416672044f, 0.00836664718f, 0.00138825539f});
  return a.fma(a.mul(r, r), rest, r);
}

/// 2^n for a whole n in [-126, 127].
Value power(Arithmetic &a, const Reduced &at) {
  return a.fromBits(a.addBits(a.shiftLeft(at.nBits, 23), a.integer(0x3f800000)));
}

Value expand(math::ExpOp, Arithmetic &a, Value x) {
  Reduced at = reduce(a, x);
  Value y = a.add(reducedExpm1(a, at.r), a.number(1));
  y = a.fromBits(a.addBits(a.bits(y), a.shiftLeft(at.nBits, 23)));
  // Beyond the logarithms of the smallest normal number and of the largest number, and for NaN, that exponent means nothing.
  y = a.where(FloatPredicate::OLT, x, a.number(-0x1.5d589ep6f), a.number(0), y);
  return a.where(FloatPredicate::OLE, x, a.number(0x1.62e42ep6f), y, a.add(x, a.number(infinity)));
}

Value expand(math::LogOp, Arithmetic &a, Value x) {
  // x = 2^e m with m in [sqrt(1/2), sqrt(2)); what is too small to be normal is multiplied by 2^25 first.
  Value smallest = a.number(std::numeric_limits<float>::min());
  Value normal = a.where(FloatPredicate::OLT, x, smallest, a.mul(x, a.number(0x1p25f)), x);
  constexpr int32_t sqrtHalf = 0x3f3504f3;
  Value exponent = a.shiftRight(a.addBits(a.bits(normal), a.integer(-sqrtHalf)), 23);
  Value m = a.fromBits(a.subBits(a.bits(normal), a.shiftLeft(exponent, 23)));
  Value e = a.add(a.toFloat(exponent), a.where(FloatPredicate::OLT, x, smallest, a.number(-25), a.number(0)));

  // log(1 + f) = f - f^2 / 2 + f^3 q(f), within 6e-9.
  Value f = a.sub(m, a.number(1));
  Value q = a.polynomial(f, {0.333333313f, -0.250008225f, 0.200012267f, -0.16623351f, 0.142017722f, -0.131602585f, 0.127615064f, -0.0763419941f});
  Value rest = a.fma(a.mul(f, f), a.fma(q, f, a.number(-0.5f)), a.mul(e, a.number(ln2Low)));
  Value y = a.fma(e, a.number(ln2High), a.add(f, rest));

  y = a.where(FloatPredicate::OLT, x, a.number(infinity), y, x);
  Value beyond = a.where(FloatPredicate::OEQ, x, a.number(0), a.number(-infinity), a.number(std::numeric_limits<float>::quiet_NaN()));
  return a.where(FloatPredicate::OGT, x, a.number(0), y, beyond);
}

Value expand(math::TanhOp, Arithmetic &a, Value x) {
  // tanh(t) = z / (z + 2) with z = exp(2 t) - 1; from 10 on it is 1.
  Value t = a.atMost(a.abs(x), 10);
  Reduced at = reduce(a, a.add(t, t));
  Value scale = power(a, at);
  Value z = a.fma(scale, reducedExpm1(a, at.r), a.sub(scale, a.number(1)));
  return a.withSign(a.div(z, a.add(z, a.number(2))), x);
}

Value expand(math::ErfOp, Arithmetic &a, Value x) {
  Value t = a.abs(x), square = a.mul(x, x);
  // Below 0.9: t + t p(t^2), within 1.2e-8.
  Value small = a.polynomial(square, {0.128379151f, -0.376125246f, 0.11282143f, -0.0267789681f, 0.00501203351f, -0.000609066687f});
  small = a.fma(t, small, t);
  // From there 1 - exp(q(t)), within 1.7e-9; from 4 on it is 1.
  Value far = a.atMost(t, 4);
  Value q = a.polynomial(far, {-0.000166454178f, -1.12779725f, -0.636976063f, -0.104113705f, 0.0223152395f, -0.00306550041f, 0.000198221082f});
  Reduced at = reduce(a, q);
  Value scale = power(a, at);
  Value large = a.sub(a.sub(a.number(1), scale), a.mul(scale, reducedExpm1(a, at.r)));
  return a.withSign(a.where(FloatPredicate::OLT, t, a.number(0.9f), small, large), x);
}

template <typename Op> struct Expand : OpRewritePattern<Op> {
  using OpRewritePattern<Op>::OpRewritePattern;

  LogicalResult matchAndRewrite(Op op, PatternRewriter &rewriter) const override {
    if (!getElementTypeOrSelf(op.getType()).isF32())
      return failure();
    Arithmetic a(rewriter, op.getLoc(), op.getType());
    rewriter.replaceOp(op, expand(op, a, op.getOperand()));
    return success();
  }
};

} // namespace

void moe::cpu::populateFunctionPatterns(RewritePatternSet &patterns) {
  patterns.add<Expand<math::ExpOp>, Expand<math::LogOp>, Expand<math::TanhOp>, Expand<math::ErfOp>>(patterns.getContext());
}
