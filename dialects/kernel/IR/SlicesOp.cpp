//===- SlicesOp.cpp - kernel.slices -----------------------------------------===//
#include "dialects/kernel/IR/Access.h"

using namespace mlir;
using namespace moe::kernel;

namespace {

/// One op of the region and its dimensions that stand still in a slice.
struct Member {
  Operation *op;
  ArrayRef<int64_t> dims;
};

LogicalResult verifyDims(SlicesOp slices, const Member &member) {
  ArrayRef<int64_t> domain = getExtents(member.op);
  auto row = dyn_cast<RowOp>(member.op);
  int64_t most = row ? row.getParallelRank() : static_cast<int64_t>(domain.size());
  llvm::SmallDenseSet<int64_t> distinct(member.dims.begin(), member.dims.end());
  bool fits = member.dims.size() == slices.getExtents().size() && distinct.size() == member.dims.size();
  for (auto [dim, extent] : llvm::zip(member.dims, slices.getExtents()))
    fits = fits && dim >= 0 && dim < most && domain[dim] == extent;
  if (!fits)
    return member.op->emitOpError("C2: dims [") << member.dims << "] are not distinct parallel dimensions with the extents [" << slices.getExtents() << "]";
  return success();
}

LogicalResult verifyAccesses(const Member &member, const llvm::DenseMap<Value, SmallVector<unsigned>> &made) {
  for (OpOperand &operand : member.op->getOpOperands())
    if (auto it = made.find(operand.get()); it != made.end() && findDims(getAccess(operand), member.dims) != it->second)
      return member.op->emitOpError("C4: operand #") << operand.getOperandNumber() << " is made inside and not indexed by the dims as its result was";
  for (OpResult result : member.op->getResults())
    if (!findDims(getAccess(result), member.dims))
      return member.op->emitOpError("C3: result #") << result.getResultNumber() << " is not indexed by each of the dims";
  return success();
}

LogicalResult verifyContract(ContractOp contract, const Member &member, SlicesOp slices) {
  auto guards = contract.getGuards();
  if (guards && llvm::any_of(member.dims, [&](int64_t dim) { return guards->isFunctionOfDim(dim); }))
    return contract.emitOpError("C5: a guard depends on the dims");
  if (contract.getInit() && slices.isPrivate(contract.getInit()) != slices.isPrivate(contract.getY()))
    return contract.emitOpError("C6: either both or none of init and the result must be private to the region");
  return success();
}

} // namespace

bool SlicesOp::isPrivate(Value value) {
  return value.getDefiningOp() && llvm::none_of(value.getUsers(), [&](Operation *user) { return user == getYield(); });
}

LogicalResult SlicesOp::verify() {
  if (getExtents().empty() || llvm::any_of(getExtents(), [](int64_t extent) { return extent < 1; }))
    return emitOpError("C2: needs at least one extent, and all must be positive");
  if (llvm::any_of(getDims(), [](Attribute dims) { return !isa<DenseI64ArrayAttr>(dims); }))
    return emitOpError("C2: dims must be arrays of i64");
  return success();
}

LogicalResult SlicesOp::verifyRegions() {
  Block &block = getBody().front();
  auto yield = dyn_cast<YieldOp>(block.getTerminator());
  if (!yield || TypeRange(block.getArgumentTypes()) != TypeRange(getIns()) || TypeRange(yield.getValues()) != TypeRange(getOuts()))
    return emitOpError("C1: the region must go from the types of the operands to those of the results");
  for (auto [k, value] : llvm::enumerate(yield.getValues()))
    if (!value.getDefiningOp() || llvm::is_contained(yield.getValues().take_front(k), value))
      return emitOpError("C1: result #") << k << " is not made inside, or yielded twice";
  if (getDims().size() != static_cast<size_t>(llvm::range_size(block.without_terminator())))
    return emitOpError("C2: needs the dims of each op, got ") << getDims().size();
  llvm::DenseMap<Value, SmallVector<unsigned>> made;
  for (auto [k, op] : llvm::enumerate(block.without_terminator())) {
    if (!isa<RowOp, ContractOp>(op))
      return op.emitOpError("C2: is neither a row nor a contraction");
    Member member{&op, getDimsOf(k)};
    if (failed(verifyDims(*this, member)) || failed(verifyAccesses(member, made)))
      return failure();
    if (auto contract = dyn_cast<ContractOp>(op); contract && failed(verifyContract(contract, member, *this)))
      return failure();
    for (OpResult result : op.getResults())
      made[result] = *findDims(getAccess(result), member.dims);
  }
  return success();
}
