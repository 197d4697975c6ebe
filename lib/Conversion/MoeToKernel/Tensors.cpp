//===- Tensors.cpp - constants, shapes, indexing ----------------------------===//
#include "lib/Conversion/MoeToKernel/Patterns.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

namespace moe {
namespace {

template <typename Op> using Pattern = OpConversionPattern<Op>;

/// A row that copies x through a map from the result's index to the operand's.
kernel::RowOp copyThrough(OpBuilder &builder, Location loc, RankedTensorType result, Value x, AffineMap map) {
  AffineMap maps[] = {map, builder.getMultiDimIdentityMap(result.getRank())};
  return kernel::RowOp::create(builder, loc, TypeRange(result), ValueRange(x), result.getShape(), /*rowRank=*/0, maps,
                               [](OpBuilder &, Location, ValueRange args) { return SmallVector<Value>{args[0]}; });
}

/// A row without operands: `element` computes an element from its index.
kernel::RowOp generate(OpBuilder &builder, Location loc, RankedTensorType result,
                       function_ref<Value(OpBuilder &, Location)> element) {
  AffineMap map = builder.getMultiDimIdentityMap(result.getRank());
  return kernel::RowOp::create(
      builder, loc, TypeRange(result), ValueRange(), result.getShape(), /*rowRank=*/0, map,
      [&](OpBuilder &b, Location at, ValueRange) { return SmallVector<Value>{element(b, at)}; });
}

Value indexAlong(OpBuilder &builder, Location loc, int64_t dim) {
  return kernel::IndexOp::create(builder, loc, builder.getI32Type(), builder.getI64IntegerAttr(dim));
}

struct ConvertConstant : Pattern<ConstantOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult matchAndRewrite(ConstantOp op, OpAdaptor, ConversionPatternRewriter &rewriter) const override {
    auto splat = dyn_cast<SplatElementsAttr>(op.getValue());
    if (!splat) {
      rewriter.replaceOpWithNewOp<kernel::ConstantOp>(op, op.getValue());
      return success();
    }
    auto type = cast<RankedTensorType>(op.getType());
    rewriter.replaceOp(op, generate(rewriter, op.getLoc(), type, [&](OpBuilder &b, Location loc) -> Value {
                         return arith::ConstantOp::create(b, loc, splat.getSplatValue<TypedAttr>());
                       }));
    return success();
  }
};

struct ConvertIota : Pattern<IotaOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult matchAndRewrite(IotaOp op, OpAdaptor, ConversionPatternRewriter &rewriter) const override {
    auto type = cast<RankedTensorType>(op.getType());
    rewriter.replaceOp(op, generate(rewriter, op.getLoc(), type, [&](OpBuilder &b, Location loc) -> Value {
                         Value index = indexAlong(b, loc, op.getDim());
                         if (type.getElementType().isInteger(32))
                           return index;
                         return arith::SIToFPOp::create(b, loc, type.getElementType(), index);
                       }));
    return success();
  }
};

/// The site is an operand, not a number of the region, so that the same mask in another layer is the same kernel.
struct ConvertUniform : Pattern<UniformOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(UniformOp op, OpAdaptor adaptor, ConversionPatternRewriter &rewriter) const override {
    auto type = cast<RankedTensorType>(op.getType());
    auto scalarType = RankedTensorType::get({}, rewriter.getI32Type());
    Value site = kernel::ConstantOp::create(rewriter, op.getLoc(),
                                            DenseElementsAttr::get(scalarType, static_cast<int32_t>(op.getSite())));
    Value key = adaptor.getKey();
    unsigned rank = type.getRank();
    auto word = [&](int64_t k) { return AffineMap::get(rank, 0, rewriter.getAffineConstantExpr(k)); };
    AffineMap maps[] = {word(0), word(1), word(2), AffineMap::get(rank, 0, rewriter.getContext()),
                        rewriter.getMultiDimIdentityMap(rank)};
    rewriter.replaceOpWithNewOp<kernel::RowOp>(
        op, TypeRange(type), ValueRange{key, key, key, site}, type.getShape(), /*rowRank=*/0, maps,
        [&](OpBuilder &b, Location loc, ValueRange args) {
          Value position = rowMajorPosition(b, loc, type.getShape());
          return SmallVector<Value>{
              kernel::RandomOp::create(b, loc, b.getF32Type(), args[0], args[1], args[2], args[3], position)};
        });
    return success();
  }

  /// The position of the element, modulo 2^32.
  static Value rowMajorPosition(OpBuilder &b, Location loc, ArrayRef<int64_t> shape) {
    Value position = scalarConstant(b, loc, b.getI32Type(), 0);
    for (auto [dim, extent] : llvm::enumerate(shape)) {
      Value index = indexAlong(b, loc, dim);
      if (dim == 0) {
        position = index;
        continue;
      }
      Value size = arith::ConstantOp::create(b, loc, b.getI32IntegerAttr(static_cast<int32_t>(extent)));
      position = arith::AddIOp::create(b, loc, arith::MulIOp::create(b, loc, position, size), index);
    }
    return position;
  }
};

struct ConvertBroadcast : Pattern<BroadcastOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult matchAndRewrite(BroadcastOp op, OpAdaptor adaptor, ConversionPatternRewriter &rewriter) const override {
    auto type = cast<RankedTensorType>(op.getType());
    AffineMap map = selectDims(getContext(), type.getRank(), op.getDims());
    rewriter.replaceOp(op, copyThrough(rewriter, op.getLoc(), type, adaptor.getX(), map));
    return success();
  }
};

struct ConvertTranspose : Pattern<TransposeOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult matchAndRewrite(TransposeOp op, OpAdaptor adaptor, ConversionPatternRewriter &rewriter) const override {
    auto type = cast<RankedTensorType>(op.getType());
    AffineMap map = inversePermutation(selectDims(getContext(), type.getRank(), op.getPerm()));
    rewriter.replaceOp(op, copyThrough(rewriter, op.getLoc(), type, adaptor.getX(), map));
    return success();
  }
};

struct ConvertSlice : Pattern<SliceOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult matchAndRewrite(SliceOp op, OpAdaptor adaptor, ConversionPatternRewriter &rewriter) const override {
    auto type = cast<RankedTensorType>(op.getType());
    SmallVector<AffineExpr> index;
    for (auto [dim, offset] : llvm::enumerate(op.getOffsets()))
      index.push_back(rewriter.getAffineDimExpr(dim) + offset);
    AffineMap map = AffineMap::get(type.getRank(), 0, index, getContext());
    rewriter.replaceOp(op, copyThrough(rewriter, op.getLoc(), type, adaptor.getX(), map));
    return success();
  }
};

struct ConvertReshape : Pattern<ReshapeOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult matchAndRewrite(ReshapeOp op, OpAdaptor adaptor, ConversionPatternRewriter &rewriter) const override {
    rewriter.replaceOpWithNewOp<kernel::ViewOp>(op, op.getType(), adaptor.getX());
    return success();
  }
};

struct ConvertPad : Pattern<PadOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult matchAndRewrite(PadOp op, OpAdaptor adaptor, ConversionPatternRewriter &rewriter) const override {
    rewriter.replaceOpWithNewOp<kernel::PadOp>(op, op.getType(), adaptor.getX(), op.getOffsetsAttr());
    return success();
  }
};

struct ConvertConcat : Pattern<ConcatOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult matchAndRewrite(ConcatOp op, OpAdaptor adaptor, ConversionPatternRewriter &rewriter) const override {
    rewriter.replaceOpWithNewOp<kernel::ConcatOp>(op, op.getType(), adaptor.getXs(), op.getDimAttr());
    return success();
  }
};

struct ConvertCumsum : Pattern<CumsumOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult matchAndRewrite(CumsumOp op, OpAdaptor adaptor, ConversionPatternRewriter &rewriter) const override {
    rewriter.replaceOpWithNewOp<kernel::ScanOp>(op, adaptor.getX(), op.getDimAttr(), op.getExclusiveAttr(),
                                                op.getReverseAttr());
    return success();
  }
};

struct ConvertGather : Pattern<GatherOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult matchAndRewrite(GatherOp op, OpAdaptor adaptor, ConversionPatternRewriter &rewriter) const override {
    rewriter.replaceOpWithNewOp<kernel::GatherRowsOp>(op, op.getType(), adaptor.getTable(), adaptor.getIds());
    return success();
  }
};

struct ConvertScatterAdd : Pattern<ScatterAddOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult matchAndRewrite(ScatterAddOp op, OpAdaptor adaptor, ConversionPatternRewriter &rewriter) const override {
    rewriter.replaceOpWithNewOp<kernel::ScatterAddRowsOp>(op, op.getType(), adaptor.getIds(), adaptor.getX());
    return success();
  }
};

struct ConvertDetach : Pattern<DetachOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult matchAndRewrite(DetachOp op, OpAdaptor adaptor, ConversionPatternRewriter &rewriter) const override {
    rewriter.replaceOp(op, adaptor.getX());
    return success();
  }
};

} // namespace

void populateTensorPatterns(TypeConverter &types, RewritePatternSet &patterns) {
  patterns.add<ConvertConstant, ConvertIota, ConvertUniform, ConvertBroadcast, ConvertTranspose, ConvertSlice, ConvertReshape,
               ConvertPad, ConvertConcat, ConvertCumsum, ConvertGather, ConvertScatterAdd, ConvertDetach>(
      types, patterns.getContext());
}

} // namespace moe
