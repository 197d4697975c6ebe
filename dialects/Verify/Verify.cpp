//===- Verify.cpp - what the verifiers of both dialects share ---------------===//
#include "dialects/Verify/Verify.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;

SmallVector<int64_t> moe::joinShapes(ArrayRef<int64_t> leading, ArrayRef<int64_t> rest) {
  SmallVector<int64_t> shape(leading);
  llvm::append_range(shape, rest);
  return shape;
}

LogicalResult moe::expectTensor(Operation *op, StringRef constraint, StringRef what, Value value, ArrayRef<int64_t> shape, Type element) {
  auto expected = RankedTensorType::get(shape, element);
  if (value.getType() == expected)
    return success();
  return op->emitOpError() << constraint << ": " << what << " must be " << expected << ", got " << value.getType();
}

LogicalResult moe::expectRank(Operation *op, StringRef constraint, StringRef what, Value value, int64_t rank) {
  if (asTensor(value).getRank() == rank)
    return success();
  return op->emitOpError() << constraint << ": " << what << " must have rank " << rank << ", got " << value.getType();
}

LogicalResult moe::expectLeastRank(Operation *op, StringRef constraint, StringRef what, Value value, int64_t rank) {
  if (asTensor(value).getRank() >= rank)
    return success();
  return op->emitOpError() << constraint << ": " << what << " must have at least rank " << rank << ", got " << value.getType();
}

LogicalResult moe::expectDim(Operation *op, StringRef constraint, int64_t dim, Value tensor) {
  if (dim >= 0 && dim < asTensor(tensor).getRank())
    return success();
  return op->emitOpError() << constraint << ": dim = " << dim << " is not a dimension of " << tensor.getType();
}

LogicalResult moe::expectDims(Operation *op, StringRef constraint, ArrayRef<int64_t> dims, Value tensor) {
  int64_t previous = -1;
  for (int64_t dim : dims) {
    if (dim <= previous || dim >= asTensor(tensor).getRank())
      return op->emitOpError() << constraint << ": dims = [" << dims << "] must increase strictly and stay inside " << tensor.getType();
    previous = dim;
  }
  return success();
}

std::optional<std::pair<int64_t, int64_t>> moe::linearRange(AffineExpr expr, ArrayRef<int64_t> extents) {
  if (auto constant = dyn_cast<AffineConstantExpr>(expr))
    return std::pair(constant.getValue(), constant.getValue());
  if (auto dim = dyn_cast<AffineDimExpr>(expr))
    return std::pair<int64_t, int64_t>(0, extents[dim.getPosition()] - 1);
  auto binary = dyn_cast<AffineBinaryOpExpr>(expr);
  if (!binary)
    return std::nullopt;
  auto left = linearRange(binary.getLHS(), extents), right = linearRange(binary.getRHS(), extents);
  if (!left || !right)
    return std::nullopt;
  int64_t a, b;
  bool overflow;
  if (expr.getKind() == AffineExprKind::Add)
    overflow = llvm::AddOverflow(left->first, right->first, a) | llvm::AddOverflow(left->second, right->second, b);
  else if (expr.getKind() == AffineExprKind::Mul && isa<AffineConstantExpr>(binary.getRHS()))
    overflow = llvm::MulOverflow(left->first, right->first, a) | llvm::MulOverflow(left->second, right->first, b);
  else
    return std::nullopt;
  return overflow ? std::nullopt : std::optional(std::pair(std::min(a, b), std::max(a, b)));
}

LogicalResult moe::verifyConcat(Operation *op, ValueRange xs, int64_t dim, Value y) {
  if (xs.empty())
    return op->emitOpError("C1: needs at least one operand");
  auto type = asTensor(y);
  for (Value x : xs)
    if (asTensor(x).getElementType() != type.getElementType() || asTensor(x).getRank() != type.getRank())
      return op->emitOpError() << "C2: " << x.getType() << " and " << type << " differ in rank or element type";
  if (failed(expectDim(op, "C3", dim, y)))
    return failure();
  SmallVector<int64_t> shape(asTensor(xs[0]).getShape());
  shape[dim] = 0;
  for (Value x : xs) {
    int64_t extent = asTensor(x).getDimSize(dim);
    SmallVector<int64_t> others = shape;
    others[dim] = extent;
    if (failed(expectTensor(op, "C3", "an operand", x, others, type.getElementType())))
      return failure();
    shape[dim] += extent;
  }
  return expectTensor(op, "C3", "the result", y, shape, type.getElementType());
}

LogicalResult moe::verifyBox(Operation *op, Value inner, ArrayRef<int64_t> offsets, Value outer) {
  auto box = asTensor(inner), whole = asTensor(outer);
  if (box.getRank() != whole.getRank() || static_cast<int64_t>(offsets.size()) != whole.getRank())
    return op->emitOpError() << "C1: " << offsets.size() << " offsets, " << box << " and " << whole << " do not have one rank";
  if (box.getElementType() != whole.getElementType())
    return op->emitOpError() << "C1: " << box << " and " << whole << " differ in element type";
  for (auto [offset, extent, limit] : llvm::zip_equal(offsets, box.getShape(), whole.getShape()))
    if (offset < 0 || offset > limit - extent)
      return op->emitOpError() << "C2: " << box << " at offsets [" << offsets << "] does not lie inside " << whole;
  return success();
}

LogicalResult moe::verifyTopMask(Operation *op, Value x, int64_t k, Value y) {
  auto type = asTensor(x);
  if (failed(expectLeastRank(op, "C1", "the operand", x, 1)) ||
      failed(expectTensor(op, "C1", "the result", y, type.getShape(), IntegerType::get(op->getContext(), 1))))
    return failure();
  if (k < 1 || k > type.getShape().back())
    return op->emitOpError() << "C2: k = " << k << " must be between 1 and " << type.getShape().back();
  return success();
}
