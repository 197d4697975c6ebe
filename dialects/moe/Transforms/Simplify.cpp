//===- Simplify.cpp - the pass moe-simplify ---------------------------------===//
#include "dialects/moe/IR/MoeDialect.h"
#include "dialects/moe/Transforms/Passes.h"
#include "dialects/moe/Transforms/Splat.h"

#include "mlir/Pass/Pass.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "llvm/ADT/TypeSwitch.h"

#include <cmath>

using namespace mlir;

namespace moe {
#define GEN_PASS_DEF_SIMPLIFY
#include "dialects/moe/Transforms/MoeTransformsPasses.h.inc"

namespace {

//===----------------------------------------------------------------------===//
// Constants
//===----------------------------------------------------------------------===//

/// The result's every element when each operand has one value everywhere.
std::optional<double> foldSplats(Operation *op, ArrayRef<double> x) {
  using Result = std::optional<double>;
  return llvm::TypeSwitch<Operation *, Result>(op)
      .Case<BroadcastOp, ReshapeOp, TransposeOp, SliceOp, DispatchOp, DetachOp, ConvertOp>([&](auto) -> Result { return x[0]; })
      .Case<NegOp>([&](auto) -> Result { return -x[0]; })
      .Case<SqrtOp>([&](auto) -> Result { return std::sqrt(x[0]); })
      .Case<AddOp>([&](auto) -> Result { return x[0] + x[1]; })
      .Case<SubOp>([&](auto) -> Result { return x[0] - x[1]; })
      .Case<MulOp>([&](auto) -> Result { return x[0] * x[1]; })
      .Case<DivOp>([&](auto) -> Result { return x[0] / x[1]; })
      .Case<MaxOp>([&](auto) -> Result { return std::max(x[0], x[1]); })
      .Case<MinOp>([&](auto) -> Result { return std::min(x[0], x[1]); })
      .Default(Result());
}

struct FoldSplats : RewritePattern {
  explicit FoldSplats(MLIRContext *context) : RewritePattern(MatchAnyOpTypeTag(), /*benefit=*/2, context) {}

  LogicalResult matchAndRewrite(Operation *op, PatternRewriter &rewriter) const override {
    if (op->getNumResults() != 1 || op->getNumOperands() == 0)
      return failure();
    auto type = dyn_cast<RankedTensorType>(op->getResult(0).getType());
    if (!type || !isa<FloatType>(type.getElementType()))
      return failure();
    SmallVector<double> values;
    for (Value operand : op->getOperands())
      if (std::optional<double> value = getSplat(operand))
        values.push_back(*value);
      else if (!isa<RoutingType>(operand.getType()))
        return failure();
    std::optional<double> value = foldSplats(op, values);
    if (!value)
      return failure();
    rewriter.replaceOpWithNewOp<ConstantOp>(op, type, *value);
    return success();
  }
};

//===----------------------------------------------------------------------===//
// Arithmetic
//===----------------------------------------------------------------------===//

bool isSplat(Value x, double value) { return getSplat(x) == value; }

/// x + 0, 0 + x; x + -y is x - y.
struct SimplifyAdd : OpRewritePattern<AddOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(AddOp op, PatternRewriter &rewriter) const override {
    for (auto [x, y] : {std::pair(op.getA(), op.getB()), std::pair(op.getB(), op.getA())}) {
      if (isSplat(y, 0)) {
        rewriter.replaceOp(op, x);
        return success();
      }
      if (auto negation = y.getDefiningOp<NegOp>()) {
        rewriter.replaceOpWithNewOp<SubOp>(op, x, negation.getX());
        return success();
      }
    }
    return failure();
  }
};

/// x - 0; 0 - x is -x; x - -y is x + y.
struct SimplifySub : OpRewritePattern<SubOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(SubOp op, PatternRewriter &rewriter) const override {
    if (isSplat(op.getB(), 0))
      rewriter.replaceOp(op, op.getA());
    else if (isSplat(op.getA(), 0))
      rewriter.replaceOpWithNewOp<NegOp>(op, op.getB());
    else if (auto negation = op.getB().getDefiningOp<NegOp>())
      rewriter.replaceOpWithNewOp<AddOp>(op, op.getA(), negation.getX());
    else
      return failure();
    return success();
  }
};

/// x * 1, 1 * x; x * -1 is -x.
struct SimplifyMul : OpRewritePattern<MulOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(MulOp op, PatternRewriter &rewriter) const override {
    for (auto [x, y] : {std::pair(op.getA(), op.getB()), std::pair(op.getB(), op.getA())}) {
      if (isSplat(y, 1)) {
        rewriter.replaceOp(op, x);
        return success();
      }
      if (isSplat(y, -1)) {
        rewriter.replaceOpWithNewOp<NegOp>(op, x);
        return success();
      }
    }
    return failure();
  }
};

struct SimplifyDiv : OpRewritePattern<DivOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(DivOp op, PatternRewriter &rewriter) const override {
    if (!isSplat(op.getB(), 1))
      return failure();
    rewriter.replaceOp(op, op.getA());
    return success();
  }
};

struct SimplifyNeg : OpRewritePattern<NegOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(NegOp op, PatternRewriter &rewriter) const override {
    auto inner = op.getX().getDefiningOp<NegOp>();
    if (!inner)
      return failure();
    rewriter.replaceOp(op, inner.getX());
    return success();
  }
};

//===----------------------------------------------------------------------===//
// Layout
//===----------------------------------------------------------------------===//

/// A change of layout whose result is its operand. (Those whose identity can be seen from the type alone; a transpose folds by its permutation.)
template <typename Op>
struct EraseIdentity : OpRewritePattern<Op> {
  using OpRewritePattern<Op>::OpRewritePattern;
  LogicalResult matchAndRewrite(Op op, PatternRewriter &rewriter) const override {
    Value x = op->getOperand(0);
    if (op->getNumOperands() != 1 || x.getType() != op.getType())
      return failure();
    rewriter.replaceOp(op, x);
    return success();
  }
};

struct MergeReshapes : OpRewritePattern<ReshapeOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ReshapeOp op, PatternRewriter &rewriter) const override {
    auto inner = op.getX().getDefiningOp<ReshapeOp>();
    if (!inner)
      return failure();
    rewriter.replaceOpWithNewOp<ReshapeOp>(op, op.getType(), inner.getX());
    return success();
  }
};

/// Both ops number an operand's dimensions: dimension i of the result is dimension inner[outer[i]] of the innermost operand.
struct MergeTransposes : OpRewritePattern<TransposeOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(TransposeOp op, PatternRewriter &rewriter) const override {
    auto inner = op.getX().getDefiningOp<TransposeOp>();
    if (!inner)
      return failure();
    auto perm = llvm::map_to_vector(op.getPerm(), [&](int64_t dim) { return inner.getPerm()[dim]; });
    rewriter.replaceOpWithNewOp<TransposeOp>(op, op.getType(), inner.getX(), perm);
    return success();
  }
};

struct MergeBroadcasts : OpRewritePattern<BroadcastOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(BroadcastOp op, PatternRewriter &rewriter) const override {
    auto inner = op.getX().getDefiningOp<BroadcastOp>();
    if (!inner)
      return failure();
    auto dims = llvm::map_to_vector(inner.getDims(), [&](int64_t dim) { return op.getDims()[dim]; });
    rewriter.replaceOpWithNewOp<BroadcastOp>(op, op.getType(), inner.getX(), dims);
    return success();
  }
};

//===----------------------------------------------------------------------===//
// Work that nobody needs
//===----------------------------------------------------------------------===//

RankedTensorType tensorType(Value x) { return cast<RankedTensorType>(x.getType()); }

/// The part of `x` that starts at `offset` in dimension `dim` and has `extent` elements there.
Value sliceAlong(PatternRewriter &rewriter, Location loc, Value x, unsigned dim, int64_t offset, int64_t extent) {
  RankedTensorType type = tensorType(x);
  SmallVector<int64_t> offsets(type.getRank(), 0), shape(type.getShape());
  offsets[dim] = offset;
  shape[dim] = extent;
  return SliceOp::create(rewriter, loc, type.clone(shape), x, offsets);
}

/// A slice of a sum is the sum of slices, when nobody needs the rest.
struct SliceOfSum : OpRewritePattern<SliceOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(SliceOp op, PatternRewriter &rewriter) const override {
    auto sum = op.getX().getDefiningOp<AddOp>();
    if (!sum || !sum->hasOneUse())
      return failure();
    auto part = [&](Value x) { return SliceOp::create(rewriter, op.getLoc(), op.getType(), x, op.getOffsets()).getResult(); };
    Value a = part(sum.getA()), b = part(sum.getB());
    rewriter.replaceOpWithNewOp<AddOp>(op, a, b);
    return success();
  }
};

/// A slice of a contraction along an index that is a dimension of the box is the contraction over that part of the box, of slices of its
/// operands. (The gradient of keys and values with respect to the hidden states, where those of the attention memory are not wanted.)
struct SliceOfContract : OpRewritePattern<SliceOp> {
  using OpRewritePattern::OpRewritePattern;

  static bool occursIn(AffineExpr expr, unsigned d) { return expr.isFunctionOfDim(d); }
  static bool isDim(AffineExpr expr, unsigned d) { return expr == getAffineDimExpr(d, expr.getContext()); }

  /// The only dimension in which the slice is smaller than its operand.
  static std::optional<unsigned> findSlicedDim(SliceOp op) {
    std::optional<unsigned> found;
    for (auto [dim, extents] : llvm::enumerate(llvm::zip_equal(tensorType(op.getX()).getShape(), op.getType().getShape()))) {
      if (std::get<0>(extents) == std::get<1>(extents))
        continue;
      if (found)
        return std::nullopt;
      found = dim;
    }
    return found;
  }

  LogicalResult matchAndRewrite(SliceOp op, PatternRewriter &rewriter) const override {
    auto contract = op.getX().getDefiningOp<ContractOp>();
    std::optional<unsigned> dim = findSlicedDim(op);
    if (!contract || !contract->hasOneUse() || !dim)
      return failure();
    SmallVector<AffineMap> maps(contract.getMaps().getAsValueRange<AffineMapAttr>());
    auto boxDim = dyn_cast<AffineDimExpr>(maps.back().getResult(*dim));
    if (!boxDim)
      return failure();
    unsigned d = boxDim.getPosition();
    int64_t offset = op.getOffsets()[*dim], extent = op.getType().getDimSize(*dim);
    // Elsewhere the dimension must be an index of its own too, or the offset would have to go into a map.
    for (AffineMap map : maps)
      if (llvm::any_of(map.getResults(), [&](AffineExpr expr) { return occursIn(expr, d) && !isDim(expr, d); }))
        return failure();
    if (llvm::count_if(maps.back().getResults(), [&](AffineExpr expr) { return occursIn(expr, d); }) != 1 ||
        offset + extent > contract.getExtents()[d])
      return failure();

    SmallVector<Value> xs(contract.getXs());
    for (auto [x, map] : llvm::zip(xs, maps))
      for (auto [k, expr] : llvm::enumerate(map.getResults()))
        if (occursIn(expr, d))
          x = sliceAlong(rewriter, op.getLoc(), x, k, offset, extent);
    SmallVector<int64_t> extents(contract.getExtents());
    extents[d] = extent;
    rewriter.replaceOpWithNewOp<ContractOp>(op, op.getType(), xs, extents, contract.getMaps());
    return success();
  }
};

struct Simplify : impl::SimplifyBase<Simplify> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<FoldSplats, SimplifyAdd, SimplifySub, SimplifyMul, SimplifyDiv, SimplifyNeg, EraseIdentity<BroadcastOp>,
                 EraseIdentity<ReshapeOp>, EraseIdentity<SliceOp>, EraseIdentity<PadOp>, EraseIdentity<ConcatOp>, EraseIdentity<ConvertOp>,
                 MergeReshapes, MergeTransposes, MergeBroadcasts, SliceOfSum, SliceOfContract>(&getContext());
    GreedyRewriteConfig config;
    config.setRegionSimplificationLevel(GreedySimplifyRegionLevel::Disabled);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns), config)))
      signalPassFailure();
  }
};

} // namespace

std::unique_ptr<Pass> createSimplifyPass() { return std::make_unique<Simplify>(); }

void registerMoeTransformsPasses() {
  registerPass(createCheckUpdatePass);
  registerPass(createFormMomentumPass);
  registerPass(createSimplifyPass);
}

} // namespace moe
