//===- ContractOp.cpp - sums of products over a box -------------------------===//
#include "dialects/Verify/Verify.h"
#include "dialects/moe/IR/MoeDialect.h"

using namespace mlir;
using namespace moe;

/// The map `k` takes every point of the box to an index of `tensor`.
static LogicalResult verifyMap(ContractOp op, size_t k, Value tensor) {
  auto map = cast<AffineMapAttr>(op.getMaps()[k]).getValue();
  auto type = asTensor(tensor);
  if (map.getNumDims() != op.getExtents().size() || map.getNumSymbols() != 0)
    return op.emitOpError("C2: map #") << k << " must have " << op.getExtents().size() << " dimensions and no symbols, got " << op.getMaps()[k];
  if (static_cast<int64_t>(map.getNumResults()) != type.getRank())
    return op.emitOpError("C3: map #") << k << " must have one result for each dimension of " << type << ", got " << op.getMaps()[k];
  for (auto [expr, extent] : llvm::zip_equal(map.getResults(), type.getShape())) {
    auto range = linearRange(expr, op.getExtents());
    if (!range)
      return op.emitOpError("C2: map #") << k << " must be linear with integer coefficients and within 64 bits, got " << op.getMaps()[k];
    if (range->first < 0 || range->second >= extent)
      return op.emitOpError("C4: map #") << k << " reaches index " << (range->first < 0 ? range->first : range->second) << " of an extent of "
                                         << extent << " of " << type;
  }
  return success();
}

LogicalResult ContractOp::verify() {
  if (getXs().empty() || getXs().size() > 2)
    return emitOpError("C1: needs one or two operands, got ") << getXs().size();
  if (getMaps().size() != getXs().size() + 1)
    return emitOpError("C2: needs ") << getXs().size() + 1 << " maps, got " << getMaps().size();
  if (llvm::any_of(getExtents(), [](int64_t extent) { return extent < 1; }))
    return emitOpError("C6: extents = [") << getExtents() << "] must be positive";
  SmallVector<Value> tensors(getXs());
  tensors.push_back(getY());
  for (auto [k, tensor] : llvm::enumerate(tensors)) {
    if (failed(verifyMap(*this, k, tensor)))
      return failure();
    if (asTensor(tensor).getElementType() != asTensor(getY()).getElementType())
      return emitOpError("C5: ") << tensor.getType() << " and " << getY().getType() << " differ in element type";
  }
  return success();
}
