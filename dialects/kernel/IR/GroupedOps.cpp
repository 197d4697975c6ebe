//===- GroupedOps.cpp - ragged products over experts ------------------------===//
#include "dialects/Verify/Verify.h"
#include "dialects/kernel/IR/Factors.h"
#include "dialects/kernel/IR/KernelDialect.h"
#include "dialects/kernel/IR/ScalarRegion.h"

#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace moe;
using namespace moe::kernel;

namespace {

int64_t extentOf(Value tensor, unsigned dim) { return asTensor(tensor).getDimSize(dim); }

/// Grouped ops share E, the number of experts, between the weights and the offsets.
LogicalResult verifyOffsets(Operation *op, Value offsets, int64_t experts) {
  return expectTensor(op, "C2", "offsets", offsets, experts + 1, asTensor(offsets).getElementType());
}

/// The rows that a tensor gives to a grouped op.
int64_t rowsThrough(Value tensor, Value index) { return extentOf(index ? index : tensor, 0); }

LogicalResult verifyEpilogue(GroupedContractOp op, ArrayRef<int64_t> extents) {
  size_t maps = op.getMaps() ? op.getMaps()->size() : 0;
  if (!op.hasRegion()) {
    if (maps != 0 || !op.getIns().empty() || op.getOuts().size() != 1 || !asTensor(op.getOuts()[0]).getElementType().isF32())
      return op.emitOpError("C4: without a region there are no ins and one result of f32");
    return success();
  }
  if (maps != op.getIns().size())
    return op.emitOpError("C4: needs one map an element of ins, got ") << maps;
  for (auto [k, in] : llvm::enumerate(op.getIns())) {
    AffineMap map = op.getMap(k);
    if (map.getNumDims() != 3 || !map.isProjectedPermutation() || ArrayRef<int64_t>(map.compose(extents)) != asTensor(in).getShape())
      return op.emitOpError("C4: element #") << k << " of ins, " << in.getType() << ", is not what " << AffineMapAttr::get(map) << " makes of [" << extents << "]";
  }
  return success();
}

} // namespace

void GroupedContractOp::build(OpBuilder &builder, OperationState &state, Type y, Value x, Value w, Value offsets, bool transposeW) {
  build(builder, state, TypeRange(y), x, /*index=*/Value(), w, offsets, /*ins=*/ValueRange(), transposeW, /*maps=*/ArrayAttr());
}

LogicalResult GroupedContractOp::verify() {
  auto hasRank = [](Value tensor, int64_t rank) { return asTensor(tensor).getRank() == rank; };
  auto isMatrix = [&](Value y) { return hasRank(y, 2); };
  if (!hasRank(getX(), 2) || !hasRank(getW(), 3) || getOuts().empty() || !llvm::all_of(getOuts(), isMatrix) || (getIndex() && !hasRank(getIndex(), 1)))
    return emitOpError("C1: needs x [R, i], w [E, i, o] and y [R, o]");
  int64_t inputs = extentOf(getW(), getTransposeW() ? 2 : 1), outputs = extentOf(getW(), getTransposeW() ? 1 : 2), rows = rowsThrough(getX(), getIndex());
  for (Value y : getOuts())
    if (getInputs() != inputs || extentOf(y, 1) != outputs || extentOf(y, 0) != rows)
      return emitOpError("C1: extents of ") << getX().getType() << ", " << getW().getType() << " and " << y.getType() << " do not agree";
  if (failed(verifyOffsets(*this, getOffsets(), getExperts())) || failed(verifyFactors(*this, "C3", getX(), getW())))
    return failure();
  return verifyEpilogue(*this, {getExperts(), rows, outputs});
}

LogicalResult GroupedContractOp::verifyRegions() {
  if (!hasRegion())
    return success();
  Block &block = getBody().front();
  auto yield = dyn_cast<YieldOp>(block.getTerminator());
  auto elementOf = [](Value tensor) { return asTensor(tensor).getElementType(); };
  SmallVector<Type> arguments{Float32Type::get(getContext())};
  llvm::append_range(arguments, llvm::map_range(getIns(), elementOf));
  if (!yield || TypeRange(block.getArgumentTypes()) != TypeRange(arguments) ||
      TypeRange(yield.getValues()) != TypeRange(llvm::map_to_vector(getOuts(), elementOf)))
    return emitOpError("C5: the region must go from p and an element of each of ins to one of each result");
  for (Operation &op : block.without_terminator()) {
    auto index = dyn_cast<IndexOp>(op);
    if (!(isScalarOp(op) || convertsStored(op)) || isa<ReduceOp>(op) || (index && static_cast<uint64_t>(index.getDim()) > 2))
      return op.emitOpError("C6: is not an op of the region of a kernel.grouped_contract");
  }
  return success();
}

LogicalResult GroupedOuterOp::verify() {
  auto a = asTensor(getA()), b = asTensor(getB()), w = asTensor(getW());
  auto isNoVector = [](Value index) { return index && asTensor(index).getRank() != 1; };
  if (a.getRank() != 2 || b.getRank() != 2 || w.getRank() != 3 || isNoVector(getAIndex()) || isNoVector(getBIndex()))
    return emitOpError("C1: needs a [R, i], b [R, o] and w [E, i, o]");
  if (rowsThrough(getA(), getAIndex()) != rowsThrough(getB(), getBIndex()) || a.getDimSize(1) != w.getDimSize(1) || b.getDimSize(1) != w.getDimSize(2))
    return emitOpError("C1: extents of ") << a << ", " << b << " and " << w << " do not agree";
  if (failed(verifyFactors(*this, "C3", getA(), getB())))
    return failure();
  return verifyOffsets(*this, getOffsets(), w.getDimSize(0));
}
