//===- Scalars.cpp - arith and math ops on numbers --------------------------===//
#include "dialects/kernel/Reference/Evaluate.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

#include <cmath>

using namespace mlir;
using namespace moe::kernel;

namespace {

double wrap(int64_t value) { return static_cast<int32_t>(static_cast<uint64_t>(value)); }
int64_t asInt(double value) { return static_cast<int64_t>(value); }

bool compareFloats(arith::CmpFPredicate predicate, double a, double b) {
  using P = arith::CmpFPredicate;
  switch (predicate) {
  case P::OEQ: return a == b;
  case P::UNE: return a != b;
  case P::OLT: return a < b;
  case P::OLE: return a <= b;
  case P::OGT: return a > b;
  case P::OGE: return a >= b;
  default: return false;
  }
}

bool compareInts(arith::CmpIPredicate predicate, double a, double b) {
  using P = arith::CmpIPredicate;
  switch (predicate) {
  case P::eq: return a == b;
  case P::ne: return a != b;
  case P::slt: return a < b;
  case P::sle: return a <= b;
  case P::sgt: return a > b;
  case P::sge: return a >= b;
  default: return false;
  }
}

/// NaN spreads, as in arith.maximumf.
double maximum(double a, double b) { return std::isnan(a) || a > b ? a : b; }
double minimum(double a, double b) { return std::isnan(a) || a < b ? a : b; }

/// To the nearest bf16, ties to even, of the f32 that a kernel has.
double toBFloat16(double value) {
  llvm::APFloat number(static_cast<float>(value));
  bool lost;
  number.convert(llvm::APFloat::BFloat(), llvm::APFloat::rmNearestTiesToEven, &lost);
  number.convert(llvm::APFloat::IEEEdouble(), llvm::APFloat::rmNearestTiesToEven, &lost);
  return number.convertToDouble();
}

double constantOf(arith::ConstantOp op) {
  if (auto number = dyn_cast<FloatAttr>(op.getValue()))
    return number.getValueAsDouble();
  auto integer = cast<IntegerAttr>(op.getValue());
  bool isBool = integer.getType().isInteger(1);
  return static_cast<double>(isBool ? integer.getValue().getBoolValue() : integer.getValue().getSExtValue());
}

} // namespace

double moe::kernel::wrapSum(Type element, double sum) { return element.isInteger() ? wrap(asInt(sum)) : sum; }

FailureOr<double> moe::kernel::evaluateScalar(Operation *op, ArrayRef<double> x) {
  return llvm::TypeSwitch<Operation *, FailureOr<double>>(op)
      .Case([&](arith::ConstantOp c) { return constantOf(c); })
      .Case([&](arith::AddFOp) { return x[0] + x[1]; })
      .Case([&](arith::SubFOp) { return x[0] - x[1]; })
      .Case([&](arith::MulFOp) { return x[0] * x[1]; })
      .Case([&](arith::DivFOp) { return x[0] / x[1]; })
      .Case([&](arith::NegFOp) { return -x[0]; })
      .Case([&](arith::MaximumFOp) { return maximum(x[0], x[1]); })
      .Case([&](arith::MinimumFOp) { return minimum(x[0], x[1]); })
      .Case([&](arith::AddIOp) { return wrap(asInt(x[0]) + asInt(x[1])); })
      .Case([&](arith::SubIOp) { return wrap(asInt(x[0]) - asInt(x[1])); })
      .Case([&](arith::MulIOp) { return wrap(asInt(x[0]) * asInt(x[1])); })
      .Case([&](arith::DivSIOp) { return x[1] == 0 ? 0 : wrap(asInt(x[0]) / asInt(x[1])); })
      .Case([&](arith::MaxSIOp) { return std::max(x[0], x[1]); })
      .Case([&](arith::MinSIOp) { return std::min(x[0], x[1]); })
      .Case([&](arith::AndIOp) { return static_cast<double>(asInt(x[0]) & asInt(x[1])); })
      .Case([&](arith::OrIOp) { return static_cast<double>(asInt(x[0]) | asInt(x[1])); })
      .Case([&](arith::XOrIOp) { return static_cast<double>(asInt(x[0]) ^ asInt(x[1])); })
      .Case([&](arith::SelectOp) { return x[0] != 0 ? x[1] : x[2]; })
      .Case([&](arith::CmpFOp c) { return static_cast<double>(compareFloats(c.getPredicate(), x[0], x[1])); })
      .Case([&](arith::CmpIOp c) { return static_cast<double>(compareInts(c.getPredicate(), x[0], x[1])); })
      .Case<arith::SIToFPOp, arith::UIToFPOp, arith::ExtUIOp>([&](auto) { return x[0]; })
      .Case([&](arith::TruncFOp) { return toBFloat16(x[0]); })
      .Case([&](arith::ExtFOp) { return x[0]; })
      .Case([&](arith::FPToSIOp) { return std::trunc(x[0]); })
      .Case([&](math::AbsFOp) { return std::fabs(x[0]); })
      .Case([&](math::AbsIOp) { return std::fabs(x[0]); })
      .Case([&](math::ExpOp) { return std::exp(x[0]); })
      .Case([&](math::LogOp) { return std::log(x[0]); })
      .Case([&](math::SqrtOp) { return std::sqrt(x[0]); })
      .Case([&](math::RsqrtOp) { return 1 / std::sqrt(x[0]); })
      .Case([&](math::TanhOp) { return std::tanh(x[0]); })
      .Case([&](math::ErfOp) { return std::erf(x[0]); })
      .Case([&](math::SinOp) { return std::sin(x[0]); })
      .Case([&](math::CosOp) { return std::cos(x[0]); })
      .Case([&](math::FloorOp) { return std::floor(x[0]); })
      .Case([&](math::PowFOp) { return std::pow(x[0], x[1]); })
      .Default([](Operation *unknown) -> FailureOr<double> { return unknown->emitError("has no reference on scalars"); });
}
