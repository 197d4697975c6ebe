//===- Recompute.cpp - the pass kernel-recompute ----------------------------===//
#include "dialects/kernel/IR/Aliasing.h"
#include "dialects/kernel/Transforms/Cost.h"
#include "dialects/kernel/Transforms/Liveness.h"
#include "dialects/kernel/Transforms/MergeRows.h"
#include "dialects/kernel/Transforms/Passes.h"
#include "dialects/kernel/Transforms/RowCopy.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/Pass.h"

using namespace mlir;

namespace moe::kernel {
#define GEN_PASS_DECL_RECOMPUTE
#define GEN_PASS_DEF_RECOMPUTE
#include "dialects/kernel/Transforms/KernelPasses.h.inc"

namespace {

/// One result, or as many as are wanted: a copy makes nothing that nobody reads.
bool mayRunAgain(Operation *op, bool withProducts) {
  if (isa<RowOp, GatherRowsOp, PadOp, ConcatOp, CombineRowsOp, ScanOp>(op))
    return true;
  return withProducts && isa<ContractOp, GroupedContractOp>(op);
}

//===-- A copy in its reader --------------------------------------------------------===//

/// Whether `reader`, the next launch after `copy`, can compute it itself. `kept` gets the results that others read as well.
FailureOr<Merge> planMergeIntoReader(RowOp copy, RowOp reader, SmallVector<unsigned> &kept) {
  if (!withinBounds(copy, reader))
    return failure();
  FailureOr<Merge> merge = planMerge(copy, reader);
  if (failed(merge) || merge->evaluations() > merge->producer.size())
    return failure();
  for (OpResult result : copy->getResults())
    if (isRead(result, reader))
      kept.push_back(result.getResultNumber());
  if (!llvm::all_of(kept, [&](unsigned k) { return merge->canStore(k); }))
    return failure();
  return merge;
}

/// Between the two there are views alone.
bool mergeIntoReader(RowOp copy, RowOp reader) {
  SmallVector<unsigned> kept;
  FailureOr<Merge> merge = planMergeIntoReader(copy, reader, kept);
  if (failed(merge))
    return false;
  SmallVector<Operation *> views;
  for (Operation *op = copy->getNextNode(); op != reader; op = op->getNextNode())
    views.push_back(op);
  for (Operation *view : llvm::reverse(views))
    if (getRoot(view->getResult(0)).getDefiningOp() == copy)
      view->moveAfter(reader);
  OpBuilder builder(reader);
  applyMerge(builder, *merge, kept);
  eraseIfUnread(copy);
  return true;
}

//===-- What could be computed again ------------------------------------------------===//

/// Tensors of one op that are alive at the peak and not read there, to be made again before the next launch that reads one.
struct Candidate {
  Operation *op = nullptr;
  size_t from = 0, to = 0; ///< launches: the last before the peak that needs them, the first after it
  SmallVector<Operation *> copied; ///< in program order, `op` last
  int64_t saved = 0;   ///< bytes at the peak
  int64_t room = 0;    ///< bytes beside the tensors themselves where they are made again
  double cost = 0;

  double getScore() const { return static_cast<double>(saved) * static_cast<double>(to - from) / cost; }
};

/// Finds candidates at the peak of a block.
class Search {
public:
  Search(const Liveness &liveness, bool withProducts, unsigned depth)
      : liveness(liveness), withProducts(withProducts), depth(depth), peak(liveness.getPeak()) {}

  std::optional<Candidate> findBest() const {
    std::optional<Candidate> best;
    for (size_t i = 0; i < peak; ++i)
      if (auto candidate = consider(liveness.getLaunches()[i]))
        if (!best || candidate->getScore() > best->getScore())
          best = candidate;
    return best;
  }

private:
  /// Whether a value can be read at launch `at` without being kept for it.
  bool isThere(Value root, size_t at) const {
    if (isa<BlockArgument>(root))
      return !isReplaced(cast<BlockArgument>(root)) || liveness.getLastRead(root).value_or(0) >= at;
    const Liveness::Tensor *tensor = liveness.find(root);
    return !tensor || tensor->last() >= at;
  }

  /// Adds what has to be copied, or kept, so that `op` can run at `candidate.to`.
  bool addSources(Operation *op, Candidate &candidate, unsigned depthLeft) const {
    for (Value operand : op->getOperands()) {
      Value root = getRoot(operand);
      Operation *source = root.getDefiningOp();
      if (isThere(root, candidate.to) || llvm::is_contained(candidate.copied, source))
        continue;
      const Liveness::Tensor *tensor = liveness.find(root);
      if (!tensor) // an argument that is replaced before
        return false;
      bool isAliveAnyway = tensor->first <= peak && tensor->last() >= peak;
      if (!isAliveAnyway && depthLeft > 0 && mayRunAgain(source, withProducts) && 8 * tensor->bytes > candidate.saved) {
        if (!addSources(source, candidate, depthLeft - 1))
          return false;
        candidate.copied.push_back(source);
        candidate.cost += getCost(source);
        candidate.room += tensor->bytes;
        continue;
      }
      candidate.room += tensor->bytes;
      if (!isAliveAnyway)
        candidate.saved -= tensor->bytes;
    }
    return candidate.saved > 0;
  }

  std::optional<Candidate> consider(Operation *op) const {
    if (!mayRunAgain(op, withProducts))
      return std::nullopt;
    Candidate candidate;
    candidate.op = op;
    candidate.to = liveness.getLaunches().size();
    for (OpResult result : op->getResults()) {
      const Liveness::Tensor *tensor = liveness.find(result);
      if (!tensor || tensor->end || tensor->last() <= peak)
        continue;
      auto next = llvm::lower_bound(tensor->reads, peak);
      if (*next == peak) // it is needed here
        continue;
      candidate.to = std::min(candidate.to, *next);
      candidate.from = std::max(candidate.from, next == tensor->reads.begin() ? tensor->first : *std::prev(next));
      candidate.saved += tensor->bytes;
    }
    int64_t all = candidate.saved;
    if (all == 0 || !addSources(op, candidate, depth))
      return std::nullopt;
    candidate.copied.push_back(op);
    candidate.cost += getCost(op);
    // What is kept longer must not outweigh what is freed, nor the place of the copy become the next peak.
    if (candidate.room > all || liveness.getBytes(candidate.to) + candidate.room >= liveness.getBytes(peak))
      return std::nullopt;
    return candidate;
  }

  const Liveness &liveness;
  bool withProducts;
  unsigned depth;
  size_t peak;
};

//===-- The pass --------------------------------------------------------------------===//

struct Recompute : impl::RecomputeBase<Recompute> {
  using RecomputeBase::RecomputeBase;

  /// The results of `op` that a launch from `to` on reads or a copy needs.
  static SmallVector<unsigned> getWanted(Operation *op, const Liveness &liveness, const Candidate &candidate) {
    SmallVector<unsigned> wanted;
    for (OpResult result : op->getResults()) {
      const Liveness::Tensor *tensor = liveness.find(result);
      bool isReadLater = op == candidate.op && tensor && !tensor->end && tensor->last() >= candidate.to;
      bool isForCopy = llvm::any_of(candidate.copied, [&](Operation *copied) {
        return llvm::any_of(copied->getOperands(), [&](Value operand) { return getRoot(operand) == result; });
      });
      if (isReadLater || isForCopy)
        wanted.push_back(result.getResultNumber());
    }
    return wanted;
  }

  void apply(const Candidate &candidate, const Liveness &liveness) {
    Operation *reader = liveness.getLaunches()[candidate.to];
    bool isRow = isa<RowOp>(candidate.op);
    OpBuilder builder(reader);
    IRMapping mapping;
    RowOp copiedRow;
    for (Operation *op : candidate.copied) {
      for (Value operand : op->getOperands())
        getCopy(builder, operand, mapping);
      if (auto row = dyn_cast<RowOp>(op))
        copiedRow = copyRow(builder, row, getWanted(op, liveness, candidate), mapping); // in the end that of candidate.op, if it is one
      else
        builder.clone(*op, mapping);
      ++copies;
    }
    // Only what the op itself made is read from the copy; what was copied on the way is read where it was.
    IRMapping replaced;
    for (OpResult result : candidate.op->getResults())
      if (Value copy = mapping.lookupOrNull(result))
        replaced.map(result, copy);
    for (Operation *launch : liveness.getLaunches().drop_front(candidate.to))
      for (OpOperand &operand : launch->getOpOperands())
        operand.set(getCopy(builder, operand.get(), replaced));
    if (auto row = dyn_cast<RowOp>(candidate.op))
      dropUnread(row);
    else
      eraseIfUnread(candidate.op); // it was early, and nothing else
    if (isRow && isa<RowOp>(reader))
      mergeIntoReader(copiedRow, cast<RowOp>(reader));
  }

  /// Lowers the peak; false when nothing does.
  bool improve(Block &block) {
    Liveness liveness(block);
    if (liveness.getLaunches().empty() || liveness.getBytes(liveness.getPeak()) <= limitBytes)
      return false;
    auto best = Search(liveness, withProducts, mostDepth).findBest();
    if (!best)
      return false;
    apply(*best, liveness);
    savedBytes += best->saved;
    return true;
  }

  void runOnOperation() override {
    for (Block &block : getOperation().getBody()) {
      size_t most = 4 * block.getOperations().size(); // each copy lowers the peak or removes one of several: they come to an end long before
      while (most-- > 0 && improve(block)) {
      }
    }
  }
};

} // namespace

std::unique_ptr<Pass> createRecomputePass() { return std::make_unique<Recompute>(); }
std::unique_ptr<Pass> createRecomputePass(int64_t limit, bool withProducts) {
  RecomputeOptions options;
  options.limitBytes = limit;
  options.withProducts = withProducts;
  return std::make_unique<Recompute>(std::move(options));
}

} // namespace moe::kernel
