//===- SliceGroup.cpp - ops that can run slice after slice ------------------===//
#include "dialects/kernel/Transforms/SliceGroup.h"

#include "dialects/kernel/Transforms/Row.h"

using namespace mlir;
using namespace moe::kernel;

namespace {

ArrayRef<int64_t> getShape(Value tensor) { return cast<RankedTensorType>(tensor.getType()).getShape(); }

/// The dims that an access does not have.
SmallVector<int64_t> missingDims(AffineMap access, ArrayRef<int64_t> dims) {
  SmallVector<int64_t> missing;
  for (int64_t dim : dims)
    if (!access.getResultPosition(getAffineDimExpr(dim, access.getContext())))
      missing.push_back(dim);
  return missing;
}

/// A slice of a contraction must still be a product of matrices: one of a vector reads all of the other operand for each row.
bool leavesMatrix(ContractOp contract, ArrayRef<int64_t> dims) {
  constexpr int64_t least = 8;
  int64_t wide = 0;
  for (AffineExpr expr : contract.getMap(2).getResults()) {
    int64_t dim = cast<AffineDimExpr>(expr).getPosition();
    wide += !llvm::is_contained(dims, dim) && contract.getExtents()[dim] >= least;
  }
  return wide >= 2;
}

/// Partial sums take the place of one sum: they must be small beside the operands whose slices they come from.
bool mayLeavePartialSums(ContractOp contract, ArrayRef<int64_t> missing) {
  if (contract.getInit())
    return false;
  int64_t bytes = getBytes(contract.getY());
  for (int64_t dim : missing)
    bytes *= contract.getExtents()[dim];
  return 4 * bytes <= std::max(getBytes(contract.getA()), getBytes(contract.getB()));
}

} // namespace

bool SliceGroup::isLarge(Value value) const { return getBytes(value) > limit && 4 * product(getShape(value)) > elements; }

int64_t SliceGroup::countSlices() const { return product(extents); }

FailureOr<SliceGroup> SliceGroup::grow(OpResult seed, unsigned prefix, int64_t limit) {
  SliceGroup group;
  group.limit = limit;
  group.elements = product(getShape(seed));
  group.extents = llvm::to_vector(getShape(seed).take_front(prefix));
  SmallVector<unsigned> positions = llvm::to_vector(llvm::seq<unsigned>(prefix));
  auto seedDims = group.dimsAt(getAccess(seed), positions);
  if (!seedDims || !group.join(seed.getOwner(), *seedDims))
    return failure();
  while (!group.unvisited.empty()) {
    Operation *op = group.unvisited.pop_back_val();
    for (OpResult result : op->getResults())
      if (group.isLarge(result))
        group.joinReaders(result);
    group.joinProducers(op);
  }
  return group;
}

std::optional<SmallVector<int64_t>> SliceGroup::dimsAt(AffineMap access, ArrayRef<unsigned> positions) const {
  SmallVector<int64_t> found;
  for (unsigned position : positions) {
    auto dim = dyn_cast<AffineDimExpr>(access.getResult(position));
    if (!dim || llvm::is_contained(found, dim.getPosition()))
      return std::nullopt;
    found.push_back(dim.getPosition());
  }
  return found;
}

void SliceGroup::joinReaders(OpResult value) {
  auto positions = findDims(getAccess(value), getDims(value.getOwner()));
  if (!positions)
    return;
  SmallVector<OpOperand *> uses = llvm::map_to_vector(value.getUses(), [](OpOperand &use) { return &use; });
  for (OpOperand *use : uses)
    if (isa<RowOp, ContractOp>(use->getOwner()))
      if (auto found = dimsAt(getAccess(*use), *positions))
        join(use->getOwner(), *found);
}

void SliceGroup::joinProducers(Operation *op) {
  for (OpOperand &operand : op->getOpOperands()) {
    auto value = dyn_cast<OpResult>(operand.get());
    if (!value || !isLarge(value) || !isa<RowOp, ContractOp>(value.getOwner()))
      continue;
    auto positions = findDims(getAccess(operand), getDims(op));
    auto found = positions ? dimsAt(getAccess(value), *positions) : std::nullopt;
    if (found)
      join(value.getOwner(), *found);
  }
}

bool SliceGroup::join(Operation *op, SmallVector<int64_t> opDims) {
  if (contains(op))
    return getDims(op) == ArrayRef<int64_t>(opDims);
  if (!dims.empty() && op->getBlock() != dims.front().first->getBlock())
    return false;
  if (!fits(op, opDims))
    return false;
  dims.insert({op, std::move(opDims)});
  if (!isConvex()) {
    dims.pop_back();
    return false;
  }
  unvisited.insert(op);
  return true;
}

bool SliceGroup::fits(Operation *op, ArrayRef<int64_t> opDims) const {
  auto row = dyn_cast<RowOp>(op);
  for (auto [dim, extent] : llvm::zip_equal(opDims, extents))
    if (moe::kernel::getExtents(op)[dim] != extent || (row && dim >= row.getParallelRank()))
      return false;
  if (auto contract = dyn_cast<ContractOp>(op)) {
    auto guards = contract.getGuards();
    if (!leavesMatrix(contract, opDims) || (guards && llvm::any_of(opDims, [&](int64_t dim) { return guards->isFunctionOfDim(dim); })))
      return false;
    SmallVector<int64_t> missing = missingDims(contract.getMap(2), opDims);
    if (!missing.empty() && !mayLeavePartialSums(contract, missing))
      return false;
  } else if (llvm::any_of(op->getResults(), [&](OpResult result) { return !findDims(getAccess(result), opDims); })) {
    return false;
  }
  for (OpOperand &operand : op->getOpOperands()) {
    Operation *source = operand.get().getDefiningOp();
    if (!source || !contains(source))
      continue;
    auto positions = findDims(getAccess(cast<OpResult>(operand.get())), getDims(source));
    if (!positions || findDims(getAccess(operand), opDims) != positions)
      return false;
  }
  return fitsReaders(op, opDims);
}

/// Ops of the group that read results of `op` must read the slice that it makes.
bool SliceGroup::fitsReaders(Operation *op, ArrayRef<int64_t> opDims) const {
  for (OpResult result : op->getResults()) {
    auto positions = findDims(getAccess(result), opDims);
    for (OpOperand &use : result.getUses())
      if (contains(use.getOwner()) && (!positions || findDims(getAccess(use), getDims(use.getOwner())) != positions))
        return false;
  }
  return true;
}

SmallVector<Operation *> SliceGroup::getOps() const {
  SmallVector<Operation *> ops = llvm::map_to_vector(dims, [](const auto &entry) { return entry.first; });
  llvm::sort(ops, [](Operation *a, Operation *b) { return a->isBeforeInBlock(b); });
  return ops;
}

SmallVector<Operation *> SliceGroup::getDependents() const {
  SmallVector<Operation *> ops = getOps(), dependents;
  llvm::SmallPtrSet<Operation *, 32> needsGroup;
  for (Operation *op = ops.front(); op != ops.back(); op = op->getNextNode()) {
    bool depends = llvm::any_of(op->getOperands(), [&](Value operand) {
      Operation *source = operand.getDefiningOp();
      return source && (contains(source) || needsGroup.contains(source));
    });
    if (depends && !contains(op)) {
      needsGroup.insert(op);
      dependents.push_back(op);
    }
  }
  return dependents;
}

/// No op outside stands between two of the group.
bool SliceGroup::isConvex() const {
  SmallVector<Operation *> dependents = getDependents();
  llvm::SmallPtrSet<Operation *, 32> needsGroup(dependents.begin(), dependents.end());
  return llvm::none_of(dims, [&](const auto &entry) {
    return llvm::any_of(entry.first->getOperands(), [&](Value operand) { return needsGroup.contains(operand.getDefiningOp()); });
  });
}

SmallVector<int64_t> SliceGroup::getSummedDims(Operation *op) const {
  auto contract = dyn_cast<ContractOp>(op);
  return contract ? missingDims(contract.getMap(2), getDims(op)) : SmallVector<int64_t>();
}

bool SliceGroup::isReadOutside(OpResult result) const {
  return llvm::any_of(result.getUsers(), [&](Operation *user) { return !contains(user); });
}

SmallVector<OpResult> SliceGroup::getEscaping() const {
  SmallVector<OpResult> escaping;
  for (const auto &entry : dims)
    for (OpResult result : entry.first->getResults())
      if (isLarge(result) && isReadOutside(result))
        escaping.push_back(result);
  return escaping;
}

int64_t SliceGroup::getLargestSlice() const {
  int64_t largest = 0;
  for (const auto &entry : dims)
    for (OpResult result : entry.first->getResults())
      if (isLarge(result) && !isReadOutside(result))
        largest = std::max(largest, getBytes(result) / countSlices());
  return largest;
}
