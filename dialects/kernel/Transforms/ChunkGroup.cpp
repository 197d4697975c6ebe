//===- ChunkGroup.cpp - ops that can run on a part of the tokens ------------===//
#include "dialects/kernel/Transforms/ChunkGroup.h"

#include "dialects/kernel/Transforms/Row.h"

using namespace mlir;
using namespace moe::kernel;

namespace {

/// The domain's dimensions at the first indices of an access, as many as it takes to count `tokens`.
std::optional<TokenDims> readLeadingDims(AffineMap map, ArrayRef<int64_t> shape, ArrayRef<int64_t> extents, int64_t tokens) {
  TokenDims found;
  int64_t count = 1;
  for (auto [expr, extent] : llvm::zip_equal(map.getResults(), shape)) {
    if (count == tokens)
      break;
    auto dim = dyn_cast<AffineDimExpr>(expr);
    if (!dim || extents[dim.getPosition()] != extent || llvm::is_contained(found, dim.getPosition()))
      return std::nullopt;
    found.push_back(dim.getPosition());
    count *= extent;
  }
  return count == tokens ? std::optional(found) : std::nullopt;
}

std::optional<TokenUse> classify(AffineMap map, ArrayRef<int64_t> shape, ArrayRef<int64_t> extents, const TokenDims &dims) {
  auto depends = [&](AffineExpr expr) { return llvm::any_of(dims, [&](unsigned dim) { return expr.isFunctionOfDim(dim); }); };
  if (llvm::none_of(map.getResults(), depends))
    return TokenUse::none;
  if (map.getNumResults() < dims.size() || llvm::any_of(map.getResults().drop_front(dims.size()), depends))
    return std::nullopt;
  for (auto [k, dim] : llvm::enumerate(dims))
    if (map.getResult(k) != getAffineDimExpr(dim, map.getContext()) || shape[k] != extents[dim])
      return std::nullopt;
  return TokenUse::leading;
}

ArrayRef<int64_t> getShape(Value tensor) { return cast<RankedTensorType>(tensor.getType()).getShape(); }

/// A row that makes its results from sums over exactly the tokens can be continued from chunk to chunk: the sums are, and what follows
/// them is computed at the end. No sum may need another.
bool isSumOverTokens(RowOp row, const TokenDims &dims) {
  bool isRow = static_cast<int64_t>(dims.size()) == static_cast<int64_t>(row.getRowRank()) &&
               llvm::all_of(dims, [&](int64_t dim) { return dim >= row.getParallelRank(); });
  if (!isRow)
    return false;
  llvm::SmallPtrSet<Operation *, 16> needsSum;
  for (Operation &op : row.getBody().front()) {
    bool needs = llvm::any_of(op.getOperands(), [&](Value value) { return needsSum.contains(value.getDefiningOp()); });
    auto reduce = dyn_cast<ReduceOp>(op);
    if (reduce && (needs || reduce.getKind() != ReduceKind::sum || !isa<FloatType>(reduce.getType())))
      return false;
    if (needs || reduce)
      needsSum.insert(&op);
  }
  return true;
}

/// Whether the op computes the same when it is given a run of tokens, apart from which tokens it sees.
bool isIndependentOfPosition(Operation *op, const TokenDims &dims) {
  if (auto contract = dyn_cast<ContractOp>(op)) {
    auto guards = contract.getGuards();
    return !guards || llvm::none_of(dims, [&](unsigned dim) { return guards->isFunctionOfDim(dim); });
  }
  return llvm::none_of(cast<RowOp>(op).getBody().getOps<IndexOp>(),
                       [&](IndexOp index) { return llvm::is_contained(dims, index.getDim()); });
}

} // namespace

TokenUse ChunkGroup::getUse(OpOperand &operand) const {
  Operation *op = operand.getOwner();
  return *classify(getAccess(operand), getShape(operand.get()), getExtents(op), getDims(op));
}

TokenUse ChunkGroup::getUse(OpResult result) const {
  Operation *op = result.getOwner();
  return *classify(getAccess(result), getShape(result), getExtents(op), getDims(op));
}

FailureOr<ChunkGroup> ChunkGroup::grow(Value seed, unsigned prefix, int64_t limit) {
  ChunkGroup group;
  group.tokens = product(getShape(seed).take_front(prefix));
  group.limit = limit;
  if (!group.addValue(seed) || !group.checkOrder())
    return failure();
  return group;
}

/// Everything that touches a value too large to exist whole belongs to the group.
bool ChunkGroup::addValue(Value value) {
  if (!values.insert(value))
    return true;
  auto result = dyn_cast<OpResult>(value);
  if (!result || !isa<RowOp, ContractOp>(result.getOwner()))
    return false;
  auto leading = readLeadingDims(getAccess(result), getShape(value), getExtents(result.getOwner()), tokens);
  return leading && addOp(result.getOwner(), *leading) && addReaders(value, value);
}

bool ChunkGroup::addReaders(Value value, Value view) {
  for (OpOperand &use : view.getUses()) {
    Operation *reader = use.getOwner();
    if (auto nested = dyn_cast<ViewOp>(reader)) {
      if (!nested.isWhole() || !addReaders(value, nested.getY()))
        return false;
      continue;
    }
    bool isChunkable = isa<RowOp, ContractOp>(reader) && reader->getBlock() == value.getParentBlock();
    auto leading = isChunkable ? readLeadingDims(getAccess(use), getShape(view), getExtents(reader), tokens) : std::nullopt;
    if (!leading || !addOp(reader, *leading))
      return false;
  }
  return true;
}

bool ChunkGroup::addOp(Operation *op, TokenDims tokenDims) {
  auto [entry, isNew] = dims.try_emplace(op, tokenDims);
  if (!isNew)
    return entry->second == tokenDims;
  if (!isIndependentOfPosition(op, tokenDims) || !checkTensors(op, tokenDims))
    return false;
  for (OpOperand &operand : op->getOpOperands()) {
    Value root = skipViews(operand.get());
    if (getBytes(root) > limit && getUse(operand) == TokenUse::leading && root.getDefiningOp() && !addValue(root))
      return false;
  }
  return llvm::all_of(op->getResults(), [&](OpResult result) {
    return getUse(result) == TokenUse::none || getBytes(result) <= limit || addValue(result);
  });
}

bool ChunkGroup::checkTensors(Operation *op, const TokenDims &tokenDims) {
  for (OpOperand &operand : op->getOpOperands())
    if (!classify(getAccess(operand), getShape(operand.get()), getExtents(op), tokenDims))
      return false;
  auto contract = dyn_cast<ContractOp>(op);
  return llvm::all_of(op->getResults(), [&](OpResult result) {
    auto use = classify(getAccess(result), getShape(result), getExtents(op), tokenDims);
    return use == TokenUse::leading || (use == TokenUse::none && (contract ? !contract.getInit() : isSumOverTokens(cast<RowOp>(op), tokenDims)));
  });
}

int64_t ChunkGroup::getBalance() const {
  double ofTokens = 0, others = 0;
  for (Operation *op : ops) {
    for (OpOperand &operand : op->getOpOperands())
      (getUse(operand) == TokenUse::leading ? ofTokens : others) += static_cast<double>(getBytes(operand.get()));
    for (OpResult result : op->getResults()) {
      bool isSum = getUse(result) == TokenUse::none; // read where the chunk before left it, and written
      (isSum ? others : ofTokens) += (isSum ? 2.0 : 1.0) * static_cast<double>(getBytes(result));
    }
  }
  return ofTokens > 0 ? static_cast<int64_t>(others / ofTokens * static_cast<double>(tokens)) : tokens;
}

/// Fills `ops` and `dependents`. What depends on the group must not be needed by it, and a result that the group itself reads must be read
/// token by token.
bool ChunkGroup::checkOrder() {
  for (auto &entry : dims)
    ops.push_back(entry.first);
  llvm::sort(ops, [](Operation *a, Operation *b) { return a->isBeforeInBlock(b); });
  llvm::SmallPtrSet<Operation *, 32> needsGroup;
  for (Operation *op = ops.front(); op != ops.back()->getNextNode(); op = op->getNextNode()) {
    for (OpOperand &operand : op->getOpOperands()) {
      Operation *source = operand.get().getDefiningOp();
      Operation *root = skipViews(operand.get()).getDefiningOp();
      if (!contains(op)) {
        if (source && (contains(source) || needsGroup.contains(source)))
          needsGroup.insert(op);
      } else if (root && contains(root)) {
        auto produced = cast<OpResult>(skipViews(operand.get()));
        if (getUse(produced) != TokenUse::leading || getUse(operand) != TokenUse::leading)
          return false;
      } else if (source && needsGroup.contains(source)) {
        return false;
      }
    }
    if (needsGroup.contains(op))
      dependents.push_back(op);
  }
  return true;
}
