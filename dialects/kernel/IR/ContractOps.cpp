//===- ContractOps.cpp - products over an iteration domain ------------------===//
#include "dialects/Verify/Verify.h"
#include "dialects/kernel/IR/Factors.h"
#include "dialects/kernel/IR/KernelDialect.h"

#include "mlir/Analysis/FlatLinearValueConstraints.h"
#include "mlir/Analysis/Presburger/IntegerRelation.h"

using namespace mlir;
using namespace moe;
using namespace moe::kernel;

namespace {

/// The coefficients of a linear expression in the dimensions of the domain, and then its constant.
SmallVector<int64_t> coefficientsOf(AffineExpr expr, ContractOp op) {
  SmallVector<int64_t> coefficients;
  [[maybe_unused]] LogicalResult linear = getFlattenedAffineExpr(expr, op.getExtents().size(), /*numSymbols=*/0, &coefficients);
  assert(succeeded(linear));
  return coefficients;
}

/// Requires 0 <= expr < size of the points.
void confine(presburger::IntegerPolyhedron &points, SmallVector<int64_t> expr, int64_t size) {
  points.addInequality(expr);
  for (int64_t &coefficient : expr)
    coefficient = -coefficient;
  expr.back() += size - 1;
  points.addInequality(expr);
}

/// Whether the guards keep a linear index inside [0, extent).
bool guardsKeepInside(ContractOp op, AffineExpr index, int64_t extent) {
  presburger::IntegerPolyhedron below(presburger::PresburgerSpace::getSetSpace(op.getExtents().size()));
  for (auto [dim, size] : llvm::enumerate(op.getExtents()))
    confine(below, coefficientsOf(getAffineDimExpr(dim, op.getContext()), op), size);
  for (auto [guard, size] : llvm::zip_equal(op.getGuards()->getResults(), *op.getGuardSizes()))
    confine(below, coefficientsOf(guard, op), size);
  presburger::IntegerPolyhedron above = below;
  above.addInequality(coefficientsOf(index - extent, op));
  below.addInequality(coefficientsOf(-index - 1, op));
  return below.isIntegerEmpty() && above.isIntegerEmpty();
}

LogicalResult verifyMap(ContractOp op, unsigned k, Value tensor) {
  auto type = cast<RankedTensorType>(tensor.getType());
  AffineMap map = op.getMap(k);
  if (map.getNumDims() != op.getExtents().size() || map.getNumSymbols() != 0 ||
      static_cast<int64_t>(map.getNumResults()) != type.getRank())
    return op.emitOpError("C1: map #") << k << " must go from " << op.getExtents().size() << " dimensions to " << type.getRank()
                                       << ", got " << AffineMapAttr::get(map);
  for (auto [expr, extent] : llvm::zip_equal(map.getResults(), type.getShape())) {
    auto range = linearRange(expr, op.getExtents());
    if (!range)
      return op.emitOpError("C1: map #") << k << " is not linear: " << AffineMapAttr::get(map);
    bool boxKeepsInside = range->first >= 0 && range->second < extent;
    if (!boxKeepsInside && !(op.getGuards() && guardsKeepInside(op, expr, extent)))
      return op.emitOpError("C3: ") << type << " is indexed outside by " << AffineMapAttr::get(map);
  }
  return success();
}

} // namespace

LogicalResult moe::kernel::verifyFactors(Operation *op, StringRef constraint, Value a, Value b) {
  Type first = asTensor(a).getElementType(), second = asTensor(b).getElementType();
  if (first == second)
    return success();
  return op->emitOpError() << constraint << ": factors must have the same element type, got " << first << " and " << second;
}

LogicalResult ContractOp::verify() {
  if (getMaps().size() != 3)
    return emitOpError("C1: needs three maps, got ") << getMaps().size();
  if (llvm::any_of(getExtents(), [](int64_t extent) { return extent < 1; }))
    return emitOpError("C5: extents must be positive");
  if (getGuards().has_value() != getGuardSizes().has_value() ||
      (getGuards() && (getGuards()->getNumResults() != getGuardSizes()->size() ||
                       getGuards()->getNumDims() != getExtents().size() || getGuards()->getNumSymbols() != 0)))
    return emitOpError("C6: guards need one size each and a map over the domain");
  if (getGuards() && llvm::any_of(getGuards()->getResults(), [&](AffineExpr guard) { return !linearRange(guard, getExtents()); }))
    return emitOpError("C6: guards are not linear: ") << getGuardsAttr();
  Value tensors[] = {getA(), getB(), getY()};
  for (auto [k, tensor] : llvm::enumerate(tensors))
    if (failed(verifyMap(*this, k, tensor)))
      return failure();
  AffineMap out = getMap(2);
  if (!out.isProjectedPermutation())
    return emitOpError("C2: the result's map must be a projected permutation, got ") << AffineMapAttr::get(out);
  auto type = cast<RankedTensorType>(getY().getType());
  if (type.getShape() != ArrayRef<int64_t>(out.compose(getExtents())))
    return emitOpError("C2: the result ") << type << " does not have the extents of " << AffineMapAttr::get(out);
  if (getInit() && getInit().getType() != getY().getType())
    return emitOpError("C4: init must be ") << getY().getType() << ", got " << getInit().getType();
  return verifyFactors(*this, "C7", getA(), getB());
}
