//===- Elementwise.cpp - elementwise ops as rows without a reduction --------===//
//
// Each op has one `scalar` function: the arithmetic on one element.
//
#include "lib/Conversion/MoeToKernel/Patterns.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;

namespace moe {
namespace {

/// What the arithmetic of one element is built with.
struct Scalars {
  OpBuilder &builder;
  Location loc;
  ValueRange args;

  template <typename Op, typename... Args> Value make(Args &&...operands) {
    return Op::create(builder, loc, std::forward<Args>(operands)...);
  }
  Value constant(Type type, double value) { return scalarConstant(builder, loc, type, value); }
  Value compare(arith::CmpFPredicate predicate, Value a, double b) {
    return make<arith::CmpFOp>(predicate, a, constant(a.getType(), b));
  }
  /// The op of the arguments' kind.
  template <typename FloatOp, typename IntOp> Value byKind() {
    return isa<FloatType>(args[0].getType()) ? make<FloatOp>(args) : make<IntOp>(args);
  }
};

Value scalar(AbsOp, Scalars s) { return s.byKind<math::AbsFOp, math::AbsIOp>(); }
Value scalar(ExpOp, Scalars s) { return s.make<math::ExpOp>(s.args[0]); }
Value scalar(LogOp, Scalars s) { return s.make<math::LogOp>(s.args[0]); }
Value scalar(SqrtOp, Scalars s) { return s.make<math::SqrtOp>(s.args[0]); }
Value scalar(RsqrtOp, Scalars s) { return s.make<math::RsqrtOp>(s.args[0]); }
Value scalar(TanhOp, Scalars s) { return s.make<math::TanhOp>(s.args[0]); }
Value scalar(ErfOp, Scalars s) { return s.make<math::ErfOp>(s.args[0]); }
Value scalar(SinOp, Scalars s) { return s.make<math::SinOp>(s.args[0]); }
Value scalar(CosOp, Scalars s) { return s.make<math::CosOp>(s.args[0]); }
Value scalar(FloorOp, Scalars s) { return s.make<math::FloorOp>(s.args[0]); }
Value scalar(PowOp, Scalars s) { return s.make<math::PowFOp>(s.args[0], s.args[1]); }
Value scalar(AddOp, Scalars s) { return s.byKind<arith::AddFOp, arith::AddIOp>(); }
Value scalar(SubOp, Scalars s) { return s.byKind<arith::SubFOp, arith::SubIOp>(); }
Value scalar(MulOp, Scalars s) { return s.byKind<arith::MulFOp, arith::MulIOp>(); }
Value scalar(DivOp, Scalars s) { return s.byKind<arith::DivFOp, arith::DivSIOp>(); }
Value scalar(MaxOp, Scalars s) { return s.byKind<arith::MaximumFOp, arith::MaxSIOp>(); }
Value scalar(MinOp, Scalars s) { return s.byKind<arith::MinimumFOp, arith::MinSIOp>(); }
Value scalar(AndOp, Scalars s) { return s.make<arith::AndIOp>(s.args[0], s.args[1]); }
Value scalar(OrOp, Scalars s) { return s.make<arith::OrIOp>(s.args[0], s.args[1]); }
Value scalar(SelectOp, Scalars s) { return s.make<arith::SelectOp>(s.args[0], s.args[1], s.args[2]); }

Value scalar(NotOp, Scalars s) { return s.make<arith::XOrIOp>(s.args[0], s.constant(s.args[0].getType(), 1)); }
Value scalar(ReluOp, Scalars s) { return s.make<arith::MaximumFOp>(s.args[0], s.constant(s.args[0].getType(), 0)); }

Value scalar(NegOp, Scalars s) {
  Type type = s.args[0].getType();
  if (isa<FloatType>(type))
    return s.make<arith::NegFOp>(s.args[0]);
  return s.make<arith::SubIOp>(s.constant(type, 0), s.args[0]);
}

Value scalar(SignOp, Scalars s) {
  Value x = s.args[0];
  Value zero = s.constant(x.getType(), 0), one = s.constant(x.getType(), 1), minusOne = s.constant(x.getType(), -1);
  Value negative = s.make<arith::SelectOp>(s.compare(arith::CmpFPredicate::OLT, x, 0), minusOne, zero);
  return s.make<arith::SelectOp>(s.compare(arith::CmpFPredicate::OGT, x, 0), one, negative);
}

Value scalar(SigmoidOp, Scalars s) {
  Value one = s.constant(s.args[0].getType(), 1);
  Value e = s.make<math::ExpOp>(s.make<arith::NegFOp>(s.args[0]));
  return s.make<arith::DivFOp>(one, s.make<arith::AddFOp>(one, e));
}

Value scalar(CompareOp op, Scalars s) {
  using F = arith::CmpFPredicate;
  using I = arith::CmpIPredicate;
  constexpr F floats[] = {F::OEQ, F::UNE, F::OLT, F::OLE, F::OGT, F::OGE};
  constexpr I ints[] = {I::eq, I::ne, I::slt, I::sle, I::sgt, I::sge};
  auto predicate = static_cast<unsigned>(op.getPredicate());
  if (isa<FloatType>(s.args[0].getType()))
    return s.make<arith::CmpFOp>(floats[predicate], s.args[0], s.args[1]);
  return s.make<arith::CmpIOp>(ints[predicate], s.args[0], s.args[1]);
}

/// Towards zero; beyond the range of i32 the nearest number in it, and 0 for nan: `arith.fptosi` alone is undefined there.
Value toInteger(Scalars s, Value x, Type to) {
  Value isLow = s.compare(arith::CmpFPredicate::OLT, x, -0x1p31), isHigh = s.compare(arith::CmpFPredicate::OGE, x, 0x1p31);
  Value isInside = s.make<arith::AndIOp>(s.compare(arith::CmpFPredicate::OGE, x, -0x1p31), s.compare(arith::CmpFPredicate::OLT, x, 0x1p31));
  Value inside = s.make<arith::SelectOp>(isInside, x, s.constant(x.getType(), 0));
  Value y = s.make<arith::FPToSIOp>(to, inside);
  y = s.make<arith::SelectOp>(isLow, s.constant(to, -0x1p31), y);
  return s.make<arith::SelectOp>(isHigh, s.constant(to, 0x1p31 - 1), y);
}

Value scalar(ConvertOp op, Scalars s) {
  Value x = s.args[0];
  Type from = x.getType(), to = elementOf(op.getY());
  if (from == to)
    return x;
  if (to.isInteger(1))
    return isa<FloatType>(from) ? s.compare(arith::CmpFPredicate::UNE, x, 0)
                                : s.make<arith::CmpIOp>(arith::CmpIPredicate::ne, x, s.constant(from, 0));
  if (isa<FloatType>(to))
    return from.isInteger(1) ? s.make<arith::UIToFPOp>(to, x) : s.make<arith::SIToFPOp>(to, x);
  return isa<FloatType>(from) ? toInteger(s, x, to) : s.make<arith::ExtUIOp>(to, x);
}

template <typename Op> struct ElementwiseToRow : OpConversionPattern<Op> {
  using OpConversionPattern<Op>::OpConversionPattern;

  LogicalResult matchAndRewrite(Op op, typename Op::Adaptor adaptor, ConversionPatternRewriter &rewriter) const override {
    ArrayRef<int64_t> shape = shapeOf(op->getResult(0));
    SmallVector<AffineMap> maps(adaptor.getOperands().size() + 1, rewriter.getMultiDimIdentityMap(shape.size()));
    rewriter.replaceOpWithNewOp<kernel::RowOp>(
        op, op->getResultTypes(), adaptor.getOperands(), shape, /*rowRank=*/0, maps,
        [&](OpBuilder &builder, Location loc, ValueRange args) {
          return SmallVector<Value>{scalar(op, Scalars{builder, loc, args})};
        });
    return success();
  }
};

template <typename... Ops> void addAll(TypeConverter &types, RewritePatternSet &patterns) {
  patterns.add<ElementwiseToRow<Ops>...>(types, patterns.getContext());
}

} // namespace

void populateElementwisePatterns(TypeConverter &types, RewritePatternSet &patterns) {
  addAll<AbsOp, ExpOp, LogOp, SqrtOp, RsqrtOp, TanhOp, ErfOp, SinOp, CosOp, FloorOp, PowOp, AddOp, SubOp, MulOp, DivOp,
         MaxOp, MinOp, AndOp, OrOp, SelectOp, NotOp, ReluOp, NegOp, SignOp, SigmoidOp, CompareOp, ConvertOp>(types, patterns);
}

} // namespace moe
