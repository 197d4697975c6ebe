//===- Row.cpp - splitting and joining the dimensions of a row's domain -----===//
#include "dialects/kernel/Transforms/Row.h"

#include <numeric>

using namespace mlir;
using namespace moe::kernel;

Value moe::kernel::skipViews(Value value) {
  for (auto view = value.getDefiningOp<ViewOp>(); view && view.isWhole(); view = value.getDefiningOp<ViewOp>())
    value = view.getX();
  return value;
}

int64_t moe::kernel::product(ArrayRef<int64_t> values) {
  return std::accumulate(values.begin(), values.end(), int64_t(1), std::multiplies<>());
}

int64_t moe::kernel::getBytes(Value tensor) {
  auto type = cast<RankedTensorType>(tensor.getType());
  Type element = type.getElementType();
  return type.getNumElements() * (element.isInteger(1) ? 1 : element.isBF16() ? 2 : 4);
}

Row::Row(RowOp op) : op(op), extents(op.getExtents()), rowRank(op.getRowRank()) {
  auto access = [](Value tensor, Value base, AffineMap map) {
    return Access{base, SmallVector<int64_t>(cast<RankedTensorType>(tensor.getType()).getShape()), map};
  };
  for (auto [k, in] : llvm::enumerate(op.getIns()))
    ins.push_back(access(in, skipViews(in), op.getInMap(k)));
  for (auto [k, out] : llvm::enumerate(op.getOuts()))
    outs.push_back(access(out, out, op.getOutMap(k)));
  for (int64_t d = 0; d < rank(); ++d)
    index.push_back(getAffineDimExpr(d, op.getContext()));
}

bool Row::usesIndexOf(unsigned dim) {
  return llvm::any_of(op.getBody().getOps<IndexOp>(),
                      [&](IndexOp use) { return index[use.getDim()].isFunctionOfDim(dim); });
}

namespace {

/// Consecutive dimensions of two shapes with the same number of elements.
struct Group {
  unsigned from, fromEnd, to, toEnd;
  bool isSame() const { return fromEnd - from == 1 && toEnd - to == 1; }
};

/// The first group of dimensions that differs between two shapes of equal size.
std::optional<Group> firstDifference(ArrayRef<int64_t> from, ArrayRef<int64_t> to) {
  Group group{0, 0, 0, 0};
  while (group.fromEnd < from.size() && group.toEnd < to.size()) {
    group = {group.fromEnd, group.fromEnd + 1, group.toEnd, group.toEnd + 1};
    int64_t a = from[group.from], b = to[group.to];
    while (a != b)
      if (a < b && group.fromEnd < from.size())
        a *= from[group.fromEnd++];
      else if (b < a && group.toEnd < to.size())
        b *= to[group.toEnd++];
      else
        return std::nullopt;
    bool last = group.fromEnd == from.size() || group.toEnd == to.size();
    if (last) { // extents of 1 may be left on one side
      group.fromEnd = from.size();
      group.toEnd = to.size();
    }
    if (!group.isSame())
      return group;
  }
  return std::nullopt;
}

/// Replaces `dims` of the domain, taken as one row-major index, by dimensions of the given extents.
struct Regrouping {
  ArrayRef<unsigned> dims;
  ArrayRef<int64_t> extents;
  SmallVector<AffineExpr> renamed; ///< of the dimensions that stay
  SmallVector<AffineExpr> added;

  bool contains(unsigned dim) const { return llvm::is_contained(dims, dim); }

  FailureOr<Access> apply(const Access &access, ArrayRef<int64_t> domain, unsigned newRank) const {
    SmallVector<AffineExpr> exprs;
    SmallVector<int64_t> shape;
    for (unsigned r = 0; r < access.map.getNumResults(); ++r) {
      AffineExpr expr = access.map.getResult(r);
      bool touched = llvm::any_of(dims, [&](unsigned dim) { return expr.isFunctionOfDim(dim); });
      if (!touched) {
        exprs.push_back(expr.replaceDims(renamed));
        shape.push_back(access.shape[r]);
        continue;
      }
      // The whole group must stand here, in order, and cover the tensor's dimensions.
      if (r + dims.size() > access.map.getNumResults())
        return failure();
      for (unsigned dim : dims) {
        if (access.map.getResult(r) != getAffineDimExpr(dim, access.map.getContext()) || access.shape[r] != domain[dim])
          return failure();
        ++r;
      }
      --r;
      llvm::append_range(exprs, added);
      llvm::append_range(shape, extents);
    }
    return Access{access.tensor, shape, AffineMap::get(newRank, 0, exprs, access.map.getContext())};
  }
};

FailureOr<Row> regroup(Row row, ArrayRef<unsigned> dims, ArrayRef<int64_t> extents) {
  MLIRContext *context = row.op.getContext();
  auto isRow = [&](unsigned dim) { return static_cast<int64_t>(dim) >= row.parallelRank(); };
  bool inRow = isRow(dims.front());
  if (llvm::any_of(dims, [&](unsigned dim) { return isRow(dim) != inRow || (dims.size() > 1 && row.usesIndexOf(dim)); }))
    return failure();
  // New dimensions stand where the first of the old ones stood.
  Regrouping change{dims, extents, SmallVector<AffineExpr>(row.rank(), getAffineConstantExpr(0, context)), {}};
  SmallVector<int64_t> domain;
  unsigned first = *llvm::min_element(dims);
  for (unsigned d = 0; d < row.extents.size(); ++d) {
    if (d == first) {
      for (int64_t extent : extents) {
        change.added.push_back(getAffineDimExpr(domain.size(), context));
        domain.push_back(extent);
      }
    } else if (!change.contains(d)) {
      change.renamed[d] = getAffineDimExpr(domain.size(), context);
      domain.push_back(row.extents[d]);
    }
  }
  for (auto *accesses : {&row.ins, &row.outs}) {
    for (Access &access : *accesses) {
      FailureOr<Access> changed = change.apply(access, row.extents, domain.size());
      if (failed(changed))
        return failure();
      access = *changed;
    }
  }
  if (dims.size() == 1) { // the old index in row-major order; joined dimensions have no index that is used
    AffineExpr old = getAffineConstantExpr(0, context);
    for (auto [expr, extent] : llvm::zip_equal(change.added, extents))
      old = old * extent + expr;
    change.renamed[dims.front()] = old;
  }
  for (AffineExpr &expr : row.index)
    expr = simplifyAffineExpr(expr.replaceDims(change.renamed), domain.size(), 0);
  if (inRow)
    row.rowRank += static_cast<int64_t>(extents.size()) - static_cast<int64_t>(dims.size());
  row.extents = std::move(domain);
  return row;
}

} // namespace

FailureOr<Row> moe::kernel::withAccessShape(Row row, bool isResult, unsigned k, ArrayRef<int64_t> shape) {
  auto access = [&]() -> const Access & { return isResult ? row.outs[k] : row.ins[k]; };
  while (access().shape != shape) {
    std::optional<Group> group = firstDifference(access().shape, shape);
    if (!group)
      return failure();
    SmallVector<unsigned> dims;
    for (AffineExpr expr : access().map.getResults().slice(group->from, group->fromEnd - group->from)) {
      auto dim = dyn_cast<AffineDimExpr>(expr);
      if (!dim || llvm::is_contained(dims, dim.getPosition()))
        return failure();
      dims.push_back(dim.getPosition());
    }
    FailureOr<Row> changed = regroup(row, dims, shape.slice(group->to, group->toEnd - group->to));
    if (failed(changed))
      return failure();
    row = *changed;
  }
  return row;
}
