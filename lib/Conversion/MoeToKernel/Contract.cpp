//===- Contract.cpp - contractions whose result is written once an element --===//
#include "lib/Conversion/MoeToKernel/Patterns.h"

using namespace mlir;

namespace moe {
namespace {

/// A contraction while its variables are changed. Dimensions are replaced or added, never removed, until `result` holds one dimension of its own
/// for each index of the result, running over its whole extent.
struct Domain {
  MLIRContext *context;
  SmallVector<int64_t> extents;
  SmallVector<SmallVector<AffineExpr>> operands; ///< indices of the operands
  SmallVector<AffineExpr> result;                ///< indices of the result
  SmallVector<AffineExpr> guards;                ///< 0 <= guards[k] < guardSizes[k]
  SmallVector<int64_t> guardSizes;

  AffineExpr dim(unsigned position) const { return getAffineDimExpr(position, context); }

  /// The coefficient of a dimension in a linear expression.
  static int64_t coefficient(AffineExpr expr, unsigned position) {
    if (auto dim = dyn_cast<AffineDimExpr>(expr))
      return dim.getPosition() == position ? 1 : 0;
    auto binary = dyn_cast<AffineBinaryOpExpr>(expr);
    if (!binary)
      return 0;
    if (expr.getKind() == AffineExprKind::Add)
      return coefficient(binary.getLHS(), position) + coefficient(binary.getRHS(), position);
    auto factor = dyn_cast<AffineConstantExpr>(binary.getRHS());
    return factor ? coefficient(binary.getLHS(), position) * factor.getValue() : 0;
  }

  /// Writes dimension `position` as `expr` everywhere.
  void substitute(unsigned position, AffineExpr expr) {
    auto apply = [&](AffineExpr &index) {
      index = simplifyAffineExpr(index.replace(dim(position), expr), extents.size(), 0);
    };
    for (auto &operand : operands)
      llvm::for_each(operand, apply);
    llvm::for_each(result, apply);
    llvm::for_each(guards, apply);
  }

  void guard(AffineExpr expr, int64_t size) {
    guards.push_back(simplifyAffineExpr(expr, extents.size(), 0));
    guardSizes.push_back(size);
  }
};

/// Makes result index k the dimension u = result[k], running over `extent` elements. `taken` are the dimensions of earlier indices.
void makeIndexADimension(Domain &domain, unsigned k, int64_t extent, llvm::SmallDenseSet<unsigned> &taken) {
  AffineExpr expr = domain.result[k];
  if (auto dim = dyn_cast<AffineDimExpr>(expr); dim && !taken.contains(dim.getPosition())) {
    unsigned position = dim.getPosition();
    taken.insert(position);
    if (domain.extents[position] != extent) { // elements that no point reaches are 0
      domain.guard(expr, domain.extents[position]);
      domain.extents[position] = extent;
    }
    return;
  }
  for (unsigned position = 0; position < domain.extents.size(); ++position) {
    int64_t coefficient = Domain::coefficient(expr, position);
    if (std::abs(coefficient) != 1 || taken.contains(position))
      continue;
    // u = c t + rest  <=>  t = c (u - rest), with c = 1 or -1; u takes the place of t, and t's own range becomes a guard.
    AffineExpr rest = simplifyAffineExpr(expr - domain.dim(position) * coefficient, domain.extents.size(), 0);
    AffineExpr t = (domain.dim(position) - rest) * coefficient;
    int64_t size = domain.extents[position];
    domain.substitute(position, t);
    domain.result[k] = domain.dim(position);
    domain.extents[position] = extent;
    domain.guard(t, size);
    taken.insert(position);
    return;
  }
  // No dimension to solve for: a new one, equal to the index.
  unsigned position = domain.extents.size();
  domain.extents.push_back(extent);
  domain.result[k] = domain.dim(position);
  domain.guard(domain.dim(position) - expr, 1);
  taken.insert(position);
}

/// A contraction with one operand whose indices are distinct dimensions is the sum over the others: a row.
bool isPlainSum(ContractOp op, const Domain &domain) {
  llvm::SmallDenseSet<AffineExpr> dims(domain.operands[0].begin(), domain.operands[0].end());
  return op.getXs().size() == 1 && domain.guards.empty() && dims.size() == domain.operands[0].size() &&
         dims.size() == domain.extents.size() && llvm::all_of(dims, [](AffineExpr e) { return isa<AffineDimExpr>(e); });
}

kernel::RowOp sumAsRow(OpBuilder &builder, Location loc, Type type, Value x, const Domain &domain) {
  // Order the domain as (result..., summed...).
  unsigned rank = domain.extents.size(), parallel = domain.result.size();
  SmallVector<AffineExpr> order(domain.result), position(rank);
  for (unsigned d = 0; d < rank; ++d)
    if (!llvm::is_contained(domain.result, domain.dim(d)))
      order.push_back(domain.dim(d));
  SmallVector<int64_t> extents;
  for (auto [place, expr] : llvm::enumerate(order)) {
    unsigned d = cast<AffineDimExpr>(expr).getPosition();
    position[d] = domain.dim(place);
    extents.push_back(domain.extents[d]);
  }
  AffineMap reorder = AffineMap::get(rank, 0, position, domain.context);
  auto map = [&](ArrayRef<AffineExpr> index) { return AffineMap::get(rank, 0, index, domain.context).compose(reorder); };
  AffineMap maps[] = {map(domain.operands[0]), map(domain.result)};
  return kernel::RowOp::create(builder, loc, TypeRange(type), ValueRange(x), extents, rank - parallel, maps,
                               [&](OpBuilder &b, Location at, ValueRange args) -> SmallVector<Value> {
                                 if (parallel == rank)
                                   return {args[0]};
                                 return {kernel::ReduceOp::create(b, at, kernel::ReduceKind::sum, args[0])};
                               });
}

struct ConvertContract : OpConversionPattern<ContractOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(ContractOp op, OpAdaptor adaptor, ConversionPatternRewriter &rewriter) const override {
    Domain domain{getContext(), SmallVector<int64_t>(op.getExtents()), {}, {}, {}, {}};
    SmallVector<AffineMap> maps(op.getMaps().getAsValueRange<AffineMapAttr>());
    for (AffineMap map : ArrayRef(maps).drop_back())
      domain.operands.emplace_back(map.getResults());
    llvm::append_range(domain.result, maps.back().getResults());
    llvm::SmallDenseSet<unsigned> taken;
    // Indices that are dimensions already come first, so that no variable is changed that need not be.
    auto isDimension = [](AffineExpr expr) { return isa<AffineDimExpr>(expr); };
    for (bool plain : {true, false}) {
      for (auto [k, extent] : llvm::enumerate(shapeOf(op.getY())))
        if (isDimension(maps.back().getResult(k)) == plain)
          makeIndexADimension(domain, k, extent, taken);
    }
    if (isPlainSum(op, domain)) {
      rewriter.replaceOp(op, sumAsRow(rewriter, op.getLoc(), op.getType(), adaptor.getXs()[0], domain));
      return success();
    }
    SmallVector<Value> xs(adaptor.getXs());
    if (xs.size() == 1) { // times one
      auto scalarType = RankedTensorType::get({}, elementOf(xs[0]));
      xs.push_back(kernel::ConstantOp::create(
          rewriter, op.getLoc(), DenseElementsAttr::get(scalarType, Attribute(rewriter.getFloatAttr(elementOf(xs[0]), 1)))));
      domain.operands.emplace_back();
    }
    unsigned rank = domain.extents.size();
    auto map = [&](ArrayRef<AffineExpr> index) { return AffineMap::get(rank, 0, index, getContext()); };
    AffineMap kernelMaps[] = {map(domain.operands[0]), map(domain.operands[1]), map(domain.result)};
    AffineMapAttr guards;
    DenseI64ArrayAttr sizes;
    if (!domain.guards.empty()) {
      guards = AffineMapAttr::get(map(domain.guards));
      sizes = rewriter.getDenseI64ArrayAttr(domain.guardSizes);
    }
    rewriter.replaceOpWithNewOp<kernel::ContractOp>(op, op.getType(), xs[0], xs[1], /*init=*/Value(),
                                                    rewriter.getDenseI64ArrayAttr(domain.extents),
                                                    rewriter.getAffineMapArrayAttr(kernelMaps), guards, sizes);
    return success();
  }
};

} // namespace

void populateContractPatterns(TypeConverter &types, RewritePatternSet &patterns) {
  patterns.add<ConvertContract>(types, patterns.getContext());
}

} // namespace moe
