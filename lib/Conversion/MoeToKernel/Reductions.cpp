//===- Reductions.cpp - ops along a row: reduce, softmax, norms, losses -----===//
#include "lib/Conversion/MoeToKernel/Patterns.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

#include <limits>

using namespace mlir;

namespace moe {
namespace {

/// What the arithmetic along one row is built with.
struct RowScalars {
  OpBuilder &b;
  Location loc;

  Value constant(Value like, double value) { return scalarConstant(b, loc, like.getType(), value); }
  Value sum(Value x) { return kernel::ReduceOp::create(b, loc, kernel::ReduceKind::sum, x); }
  Value max(Value x) { return kernel::ReduceOp::create(b, loc, kernel::ReduceKind::max, x); }
  Value add(Value x, Value y) { return arith::AddFOp::create(b, loc, x, y); }
  Value sub(Value x, Value y) { return arith::SubFOp::create(b, loc, x, y); }
  Value mul(Value x, Value y) { return arith::MulFOp::create(b, loc, x, y); }
  Value div(Value x, Value y) { return arith::DivFOp::create(b, loc, x, y); }
  Value select(Value m, Value x, Value y) { return arith::SelectOp::create(b, loc, m, x, y); }
  Value isEqual(Value x, double y) {
    return arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OEQ, x, constant(x, y));
  }
  /// Whether this element of the row is the one that `index` names.
  Value isAt(int64_t dim, Value index) {
    Value here = kernel::IndexOp::create(b, loc, b.getI32Type(), b.getI64IntegerAttr(dim));
    return arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, here, index);
  }
};

/// exp(x - max x) and its sum over the row. A row of minus infinities has sum 0 instead of NaN.
struct Exponentials {
  Value shift, e, sum;
};
Exponentials exponentials(RowScalars s, Value x) {
  Value m = s.max(x);
  Value shift = s.select(s.isEqual(m, -std::numeric_limits<double>::infinity()), s.constant(m, 0), m);
  Value e = math::ExpOp::create(s.b, s.loc, s.sub(x, shift));
  return {shift, e, s.sum(e)};
}
/// One division a row: by elements they take as long as the exponentials.
Value softmax(RowScalars s, Value x) {
  auto [shift, e, sum] = exponentials(s, x);
  Value one = s.constant(sum, 1);
  return s.mul(e, s.div(one, s.select(s.isEqual(sum, 0), one, sum)));
}
Value logSumExp(RowScalars s, Value x) {
  auto [shift, e, sum] = exponentials(s, x);
  return s.add(math::LogOp::create(s.b, s.loc, sum), shift);
}

/// Rows along the last dimension of the first operand. An operand or result of smaller rank has no row dimension.
kernel::RowOp rowAlongLast(OpBuilder &builder, Location loc, Type result, ValueRange ins,
                           function_ref<Value(RowScalars, ValueRange)> body) {
  ArrayRef<int64_t> extents = shapeOf(ins[0]);
  auto identity = builder.getMultiDimIdentityMap(extents.size());
  auto mapOf = [&](Type type) {
    int64_t rank = cast<RankedTensorType>(type).getRank();
    return AffineMap::get(extents.size(), 0, identity.getResults().take_front(rank), builder.getContext());
  };
  SmallVector<AffineMap> maps = llvm::map_to_vector(ins.getTypes(), mapOf);
  maps.push_back(mapOf(result));
  return kernel::RowOp::create(builder, loc, TypeRange(result), ins, extents, /*rowRank=*/1, maps,
                               [&](OpBuilder &b, Location at, ValueRange args) {
                                 return SmallVector<Value>{body(RowScalars{b, at}, args)};
                               });
}

struct SoftmaxToRow : OpConversionPattern<SoftmaxOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult matchAndRewrite(SoftmaxOp op, OpAdaptor adaptor, ConversionPatternRewriter &rewriter) const override {
    rewriter.replaceOp(op, rowAlongLast(rewriter, op.getLoc(), op.getType(), adaptor.getOperands(),
                                        [](RowScalars s, ValueRange args) { return softmax(s, args[0]); }));
    return success();
  }
};

struct LogSumExpToRow : OpConversionPattern<LogSumExpOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult matchAndRewrite(LogSumExpOp op, OpAdaptor adaptor, ConversionPatternRewriter &rewriter) const override {
    rewriter.replaceOp(op, rowAlongLast(rewriter, op.getLoc(), op.getType(), adaptor.getOperands(),
                                        [](RowScalars s, ValueRange args) { return logSumExp(s, args[0]); }));
    return success();
  }
};

struct NormalizeToRow : OpConversionPattern<NormalizeOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult matchAndRewrite(NormalizeOp op, OpAdaptor adaptor, ConversionPatternRewriter &rewriter) const override {
    double perElement = 1.0 / static_cast<double>(shapeOf(op.getX()).back());
    double eps = op.getEps().convertToDouble();
    auto body = [&](RowScalars s, ValueRange args) {
      Value n = s.constant(args[0], perElement);
      Value centred = s.sub(args[0], s.mul(s.sum(args[0]), n));
      Value variance = s.mul(s.sum(s.mul(centred, centred)), n);
      return s.mul(centred, math::RsqrtOp::create(s.b, s.loc, s.add(variance, s.constant(variance, eps)))); // as its derivative has it
    };
    rewriter.replaceOp(op, rowAlongLast(rewriter, op.getLoc(), op.getType(), adaptor.getOperands(), body));
    return success();
  }
};

struct CrossEntropyToRow : OpConversionPattern<CrossEntropyOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult matchAndRewrite(CrossEntropyOp op, OpAdaptor adaptor, ConversionPatternRewriter &rewriter) const override {
    int64_t classes = shapeOf(op.getLogits()).size() - 1;
    auto body = [&](RowScalars s, ValueRange args) {
      Value picked = s.sum(s.select(s.isAt(classes, args[1]), args[0], s.constant(args[0], 0)));
      return s.sub(logSumExp(s, args[0]), picked);
    };
    rewriter.replaceOp(op, rowAlongLast(rewriter, op.getLoc(), op.getType(), adaptor.getOperands(), body));
    return success();
  }
};

struct CrossEntropyGradToRow : OpConversionPattern<CrossEntropyGradOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult matchAndRewrite(CrossEntropyGradOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    int64_t classes = shapeOf(op.getLogits()).size() - 1;
    auto body = [&](RowScalars s, ValueRange args) {
      Value p = softmax(s, args[0]);
      Value minusOne = s.sub(p, s.constant(p, 1));
      return s.mul(args[2], s.select(s.isAt(classes, args[1]), minusOne, p));
    };
    rewriter.replaceOp(op, rowAlongLast(rewriter, op.getLoc(), op.getType(), adaptor.getOperands(), body));
    return success();
  }
};

//===-- Reductions over any dimensions --------------------------------------===//

/// A row is walked by one thread, and a target works on different rows at once. A reduction with few, long rows is therefore done in two steps. The
/// rule looks at the shape alone, so that the order of additions does not depend on the machine.
constexpr int64_t longRow = 8192, fewRows = 64, mostPieces = 128;

int64_t product(ArrayRef<int64_t> values) {
  return std::accumulate(values.begin(), values.end(), int64_t(1), std::multiplies<>());
}

/// Reduces the dimensions `dims` of x, which are in increasing order.
Value reduceOnce(OpBuilder &builder, Location loc, kernel::ReduceKind kind, Value x, ArrayRef<int64_t> dims) {
  ArrayRef<int64_t> shape = shapeOf(x);
  // The domain is (kept dims..., reduced dims...); position[d] is where dimension d of x stands in it.
  SmallVector<int64_t> order, position(shape.size());
  for (int64_t dim = 0, rank = shape.size(); dim < rank; ++dim)
    if (!llvm::is_contained(dims, dim))
      order.push_back(dim);
  size_t kept = order.size();
  llvm::append_range(order, dims);
  SmallVector<int64_t> extents;
  for (auto [place, dim] : llvm::enumerate(order)) {
    position[dim] = place;
    extents.push_back(shape[dim]);
  }
  MLIRContext *context = builder.getContext();
  SmallVector<int64_t> leading = llvm::to_vector(llvm::seq<int64_t>(0, kept));
  AffineMap maps[] = {selectDims(context, shape.size(), position), selectDims(context, shape.size(), leading)};
  Type result = RankedTensorType::get(ArrayRef(extents).take_front(kept), elementOf(x));
  auto row = kernel::RowOp::create(builder, loc, TypeRange(result), ValueRange(x), extents, dims.size(), maps,
                                   [&](OpBuilder &b, Location at, ValueRange args) {
                                     return SmallVector<Value>{kernel::ReduceOp::create(b, at, kind, args[0])};
                                   });
  return row.getResult(0);
}

/// The largest divisor of `extent` that is at most `bound`.
int64_t largestDivisor(int64_t extent, int64_t bound) {
  while (extent % bound != 0)
    --bound;
  return bound;
}

Value reduceDims(OpBuilder &builder, Location loc, kernel::ReduceKind kind, Value x, ArrayRef<int64_t> dims) {
  ArrayRef<int64_t> shape = shapeOf(x);
  int64_t row = 1;
  for (int64_t dim : dims)
    row *= shape[dim];
  if (row < longRow || product(shape) / row >= fewRows)
    return reduceOnce(builder, loc, kind, x, dims);
  if (dims.size() > 1) {
    Value inner = reduceOnce(builder, loc, kind, x, dims.back());
    return reduceDims(builder, loc, kind, inner, dims.drop_back());
  }
  int64_t dim = dims[0], pieces = largestDivisor(shape[dim], mostPieces);
  if (pieces == 1)
    return reduceOnce(builder, loc, kind, x, dims);
  SmallVector<int64_t> split(shape);
  split[dim] = pieces;
  split.insert(split.begin() + dim + 1, shape[dim] / pieces);
  Value view = kernel::ViewOp::create(builder, loc, RankedTensorType::get(split, elementOf(x)), x);
  return reduceOnce(builder, loc, kind, reduceOnce(builder, loc, kind, view, {dim + 1}), dims);
}

struct ReduceToRow : OpConversionPattern<ReduceOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult matchAndRewrite(ReduceOp op, OpAdaptor adaptor, ConversionPatternRewriter &rewriter) const override {
    auto kind = static_cast<kernel::ReduceKind>(op.getKind());
    rewriter.replaceOp(op, op.getDims().empty()
                               ? adaptor.getX()
                               : reduceDims(rewriter, op.getLoc(), kind, adaptor.getX(), op.getDims()));
    return success();
  }
};

} // namespace

static_assert(static_cast<int>(ReduceKind::sum) == static_cast<int>(kernel::ReduceKind::sum) &&
              static_cast<int>(ReduceKind::max) == static_cast<int>(kernel::ReduceKind::max) &&
              static_cast<int>(ReduceKind::min) == static_cast<int>(kernel::ReduceKind::min));

void populateReductionPatterns(TypeConverter &types, RewritePatternSet &patterns) {
  patterns.add<SoftmaxToRow, LogSumExpToRow, NormalizeToRow, CrossEntropyToRow, CrossEntropyGradToRow, ReduceToRow>(
      types, patterns.getContext());
}

} // namespace moe
