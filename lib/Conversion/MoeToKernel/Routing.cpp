//===- Routing.cpp - routings become the tensors of kernel.route ------------===//
#include "lib/Conversion/MoeToKernel/Patterns.h"

using namespace mlir;

namespace moe {
namespace {

/// The tensors that stand for one !moe.routing, in this order.
enum RoutingPart : unsigned { Offsets, RowToken, RowExpert, RowPair, PairRow };

LogicalResult convertRouting(RoutingType type, SmallVectorImpl<Type> &parts) {
  auto ints = [&](ArrayRef<int64_t> shape) {
    return RankedTensorType::get(shape, IntegerType::get(type.getContext(), 32));
  };
  parts.append({ints(type.getExperts() + 1), ints(type.getRows()), ints(type.getRows()), ints(type.getRows()),
                ints({type.getTokens(), type.getExperts()})});
  return success();
}

struct ConvertTopMask : OpConversionPattern<TopMaskOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult matchAndRewrite(TopMaskOp op, OpAdaptor adaptor, ConversionPatternRewriter &rewriter) const override {
    rewriter.replaceOpWithNewOp<kernel::TopMaskOp>(op, op.getType(), adaptor.getX(), op.getKAttr());
    return success();
  }
};

struct ConvertRoute : OpConversionPattern<RouteOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult matchAndRewrite(RouteOp op, OneToNOpAdaptor adaptor, ConversionPatternRewriter &rewriter) const override {
    SmallVector<Type> types;
    auto routing = cast<RoutingType>(op.getRouting().getType());
    if (failed(convertRouting(routing, types)))
      return failure();
    types.push_back(op.getExcess().getType());
    auto route = kernel::RouteOp::create(rewriter, op.getLoc(), types, adaptor.getOn().front(), routing.getExact());
    rewriter.replaceOpWithMultiple(op, {ValueRange(route.getResults().drop_back()), ValueRange(route.getExcess())});
    return success();
  }
};

struct ConvertDispatch : OpConversionPattern<DispatchOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult matchAndRewrite(DispatchOp op, OneToNOpAdaptor adaptor, ConversionPatternRewriter &rewriter) const override {
    Value x = adaptor.getX().front();
    ValueRange routing = adaptor.getRouting();
    Value index = routing[RowToken];
    if (op.getOver() == Over::experts) {
      index = routing[RowExpert];
    } else if (op.getOver() == Over::pairs) {
      index = routing[RowPair];
      SmallVector<int64_t> shape(shapeOf(x).drop_front());
      shape[0] *= shapeOf(x)[0]; // [N, E, rest] -> [N E, rest]
      x = kernel::ViewOp::create(rewriter, op.getLoc(), RankedTensorType::get(shape, elementOf(x)), x);
    }
    rewriter.replaceOpWithNewOp<kernel::GatherRowsOp>(op, op.getType(), x, index);
    return success();
  }
};

struct ConvertCombine : OpConversionPattern<CombineOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult matchAndRewrite(CombineOp op, OneToNOpAdaptor adaptor, ConversionPatternRewriter &rewriter) const override {
    Value x = adaptor.getX().front();
    ValueRange routing = adaptor.getRouting();
    switch (op.getOver()) {
    case Over::tokens:
      rewriter.replaceOpWithNewOp<kernel::CombineRowsOp>(op, op.getType(), x, routing[PairRow]);
      break;
    case Over::experts:
      rewriter.replaceOpWithNewOp<kernel::SegmentSumOp>(op, op.getType(), x, routing[Offsets]);
      break;
    case Over::pairs:
      rewriter.replaceOpWithNewOp<kernel::GatherRowsOp>(op, op.getType(), x, routing[PairRow]);
      break;
    }
    return success();
  }
};

struct ConvertGroupedMatmul : OpConversionPattern<GroupedMatmulOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult matchAndRewrite(GroupedMatmulOp op, OneToNOpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    rewriter.replaceOpWithNewOp<kernel::GroupedContractOp>(op, op.getType(), adaptor.getX().front(), adaptor.getW().front(),
                                                           adaptor.getRouting()[Offsets], op.getTransposeW());
    return success();
  }
};

struct ConvertGroupedOuter : OpConversionPattern<GroupedOuterOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult matchAndRewrite(GroupedOuterOp op, OneToNOpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    rewriter.replaceOpWithNewOp<kernel::GroupedOuterOp>(op, op.getType(), adaptor.getA().front(), adaptor.getB().front(),
                                                        adaptor.getRouting()[Offsets]);
    return success();
  }
};

} // namespace

void populateRoutingPatterns(TypeConverter &types, RewritePatternSet &patterns) {
  types.addConversion([](RoutingType type, SmallVectorImpl<Type> &parts) -> std::optional<LogicalResult> {
    return convertRouting(type, parts);
  });
  patterns.add<ConvertTopMask, ConvertRoute, ConvertDispatch, ConvertCombine, ConvertGroupedMatmul, ConvertGroupedOuter>(
      types, patterns.getContext());
}

} // namespace moe
