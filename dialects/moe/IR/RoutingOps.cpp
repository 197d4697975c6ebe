//===- RoutingOps.cpp - choosing experts and moving rows to them ------------===//
#include "dialects/Verify/Verify.h"
#include "dialects/moe/IR/MoeDialect.h"

using namespace mlir;
using namespace moe;

void RouteOp::build(OpBuilder &builder, OperationState &state, Value on, int64_t rows, bool exact) {
  auto type = cast<RankedTensorType>(on.getType());
  build(builder, state,
        RoutingType::get(builder.getContext(), type.getDimSize(0), type.getDimSize(1), rows, exact),
        RankedTensorType::get({}, builder.getI32Type()), on);
}

/// The extents that the rows of a routing replace.
static SmallVector<int64_t> replacedExtents(Over over, RoutingType routing) {
  switch (over) {
  case Over::tokens:
    return {routing.getTokens()};
  case Over::experts:
    return {routing.getExperts()};
  case Over::pairs:
    return {routing.getTokens(), routing.getExperts()};
  }
  llvm_unreachable("all axes are above");
}

LogicalResult TopMaskOp::verify() { return verifyTopMask(*this, getX(), getK(), getY()); }

LogicalResult RouteOp::verify() {
  auto routing = getRouting().getType();
  return expectTensor(*this, "C1", "on", getOn(), {routing.getTokens(), routing.getExperts()}, asTensor(getOn()).getElementType());
}

LogicalResult DispatchOp::verify() {
  auto routing = getRouting().getType();
  auto x = asTensor(getX());
  SmallVector<int64_t> leading = replacedExtents(getOver(), routing);
  if (x.getShape().take_front(leading.size()) != ArrayRef(leading))
    return emitOpError("C1: the leading extents of x must be [") << leading << "], got " << x;
  auto shape = joinShapes(routing.getRows(), x.getShape().drop_front(leading.size()));
  return expectTensor(*this, "C2", "the result", getY(), shape, x.getElementType());
}

LogicalResult CombineOp::verify() {
  auto routing = getRouting().getType();
  auto x = asTensor(getX());
  if (x.getRank() == 0 || x.getDimSize(0) != routing.getRows())
    return emitOpError("C1: the first extent of x must be the ") << routing.getRows() << " rows of the routing, got " << x;
  auto shape = joinShapes(replacedExtents(getOver(), routing), x.getShape().drop_front());
  return expectTensor(*this, "C2", "the result", getY(), shape, x.getElementType());
}

LogicalResult GroupedMatmulOp::verify() {
  auto routing = getRouting().getType();
  if (failed(expectRank(*this, "C1", "x", getX(), 2)) || failed(expectRank(*this, "C2", "w", getW(), 3)))
    return failure();
  auto x = asTensor(getX()), w = asTensor(getW());
  Type element = x.getElementType();
  if (failed(expectTensor(*this, "C1", "x", getX(), {routing.getRows(), x.getDimSize(1)}, element)))
    return failure();
  int64_t inner = x.getDimSize(1), outer = w.getDimSize(getTransposeW() ? 1 : 2);
  SmallVector<int64_t> matrices{routing.getExperts(), inner, outer};
  if (getTransposeW())
    std::swap(matrices[1], matrices[2]);
  if (failed(expectTensor(*this, "C2", "w", getW(), matrices, element)))
    return failure();
  return expectTensor(*this, "C3", "the result", getY(), {routing.getRows(), outer}, element);
}

LogicalResult GroupedOuterOp::verify() {
  auto routing = getRouting().getType();
  Type element = asTensor(getA()).getElementType();
  for (auto [name, value] : {std::pair("a", Value(getA())), std::pair("b", Value(getB()))})
    if (failed(expectRank(*this, "C1", name, value, 2)) ||
        failed(expectTensor(*this, "C1", name, value, {routing.getRows(), asTensor(value).getDimSize(1)}, element)))
      return failure();
  SmallVector<int64_t> shape{routing.getExperts(), asTensor(getA()).getDimSize(1), asTensor(getB()).getDimSize(1)};
  return expectTensor(*this, "C2", "the result", getW(), shape, element);
}
