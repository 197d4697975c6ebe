//===- ContractOps.cpp - products over an iteration domain ------------------===//
#include "dialects/Verify/Verify.h"
#include "dialects/kernel/IR/KernelDialect.h"

using namespace mlir;
using namespace moe;
using namespace moe::kernel;

namespace {

LogicalResult verifyMap(ContractOp op, unsigned k, Value tensor) {
  auto type = cast<RankedTensorType>(tensor.getType());
  AffineMap map = op.getMap(k);
  if (map.getNumDims() != op.getExtents().size() || map.getNumSymbols() != 0 ||
      static_cast<int64_t>(map.getNumResults()) != type.getRank()) {
    return op.emitOpError("C1: map #") << k << " must go from " << op.getExtents().size() << " dimensions to " << type.getRank()
                                       << ", got " << AffineMapAttr::get(map);
  }
  for (auto [expr, extent] : llvm::zip_equal(map.getResults(), type.getShape())) {
    auto range = linearRange(expr, op.getExtents());
    if (!range) {
      return op.emitOpError("C1: map #") << k << " is not linear: " << AffineMapAttr::get(map);
    }
    // Guards may keep an index inside its tensor; without them the box itself must.
    if (!op.getGuards() && (range->first < 0 || range->second >= extent)) {
      return op.emitOpError("C3: ") << type << " is indexed outside by " << AffineMapAttr::get(map);
    }
  }
  return success();
}

/// Grouped ops share E, the number of experts, between the weights and the offsets.
LogicalResult verifyOffsets(Operation *op, Value offsets, int64_t experts) {
  return expectTensor(op, "C2", "offsets", offsets, experts + 1, asTensor(offsets).getElementType());
}

} // namespace

LogicalResult ContractOp::verify() {
  if (getMaps().size() != 3) {
    return emitOpError("C1: needs three maps, got ") << getMaps().size();
  }
  if (llvm::any_of(getExtents(), [](int64_t extent) { return extent < 1; })) {
    return emitOpError("C5: extents must be positive");
  }
  if (getGuards().has_value() != getGuardSizes().has_value() ||
      (getGuards() && (getGuards()->getNumResults() != getGuardSizes()->size() ||
                       getGuards()->getNumDims() != getExtents().size()))) {
    return emitOpError("C6: guards need one size each and a map over the domain");
  }
  Value tensors[] = {getA(), getB(), getY()};
  for (auto [k, tensor] : llvm::enumerate(tensors)) {
    if (failed(verifyMap(*this, k, tensor))) {
      return failure();
    }
  }
  AffineMap out = getMap(2);
  if (!out.isProjectedPermutation()) {
    return emitOpError("C2: the result's map must be a projected permutation, got ") << AffineMapAttr::get(out);
  }
  auto type = cast<RankedTensorType>(getY().getType());
  if (type.getShape() != ArrayRef<int64_t>(out.compose(getExtents()))) {
    return emitOpError("C2: the result ") << type << " does not have the extents of " << AffineMapAttr::get(out);
  }
  if (getInit() && getInit().getType() != getY().getType()) {
    return emitOpError("C4: init must be ") << getY().getType() << ", got " << getInit().getType();
  }
  return success();
}

LogicalResult GroupedContractOp::verify() {
  auto x = cast<RankedTensorType>(getX().getType()), w = cast<RankedTensorType>(getW().getType()),
       y = cast<RankedTensorType>(getY().getType());
  if (x.getRank() != 2 || w.getRank() != 3 || y.getRank() != 2) {
    return emitOpError("C1: needs x [R, i], w [E, i, o] and y [R, o]");
  }
  int64_t in = w.getDimSize(getTransposeW() ? 2 : 1), out = w.getDimSize(getTransposeW() ? 1 : 2);
  if (x.getDimSize(1) != in || y.getDimSize(1) != out || x.getDimSize(0) != y.getDimSize(0)) {
    return emitOpError("C1: extents of ") << x << ", " << w << " and " << y << " do not agree";
  }
  return verifyOffsets(*this, getOffsets(), w.getDimSize(0));
}

LogicalResult GroupedOuterOp::verify() {
  auto a = cast<RankedTensorType>(getA().getType()), b = cast<RankedTensorType>(getB().getType()),
       w = cast<RankedTensorType>(getW().getType());
  if (a.getRank() != 2 || b.getRank() != 2 || w.getRank() != 3) {
    return emitOpError("C1: needs a [R, i], b [R, o] and w [E, i, o]");
  }
  if (a.getDimSize(0) != b.getDimSize(0) || a.getDimSize(1) != w.getDimSize(1) || b.getDimSize(1) != w.getDimSize(2)) {
    return emitOpError("C1: extents of ") << a << ", " << b << " and " << w << " do not agree";
  }
  return verifyOffsets(*this, getOffsets(), w.getDimSize(0));
}
