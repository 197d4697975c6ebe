//===- FuseRows.cpp - the pass kernel-fuse-rows -----------------------------===//
#include "dialects/kernel/IR/Aliasing.h"
#include "dialects/kernel/Transforms/Cost.h"
#include "dialects/kernel/Transforms/MergeRows.h"
#include "dialects/kernel/Transforms/Passes.h"
#include "dialects/kernel/Transforms/RowCopy.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/Dominance.h"
#include "mlir/Transforms/CSE.h"

using namespace mlir;

namespace moe::kernel {
#define GEN_PASS_DEF_FUSEROWS
#include "dialects/kernel/Transforms/KernelPasses.h.inc"

namespace {

/// What counts as cheap enough to be computed more than once.
constexpr size_t mostCheapOps = 4;
/// A tensor this small (a key, a scalar) is not worth storing something for.
constexpr int64_t smallTensor = 16;

/// A tensor that is kept for longer to make others again is so many times smaller.
constexpr double mostKeptLonger = 16;

bool isFree(Operation &op) { return isa<arith::ConstantOp, IndexOp, YieldOp>(op); }

bool isExpensive(Operation &op) {
  bool cheapMath = isa<math::AbsFOp, math::AbsIOp, math::FloorOp>(op);
  return isa<ReduceOp, RandomOp, arith::DivFOp, arith::DivSIOp>(op) || (isa<math::MathDialect>(op.getDialect()) && !cheapMath);
}

size_t largeOperands(RowOp row) {
  return llvm::count_if(row.getIns(), [](Value in) { return cast<ShapedType>(in.getType()).getNumElements() > smallTensor; });
}

/// A map of a few quick operations on at most one tensor: reading its operand costs as much as reading its result.
bool isCheap(RowOp row) {
  Block &body = row.getBody().front();
  auto work = llvm::count_if(body, [](Operation &op) { return !isFree(op); });
  return row.getRowRank() == 0 && static_cast<size_t>(work) <= mostCheapOps && largeOperands(row) <= 1 &&
         llvm::none_of(body, isExpensive);
}

/// Depends on nothing large: computed again instead of stored.
bool isRegenerable(RowOp row) { return row.getRowRank() == 0 && largeOperands(row) == 0; }

/// Spreads a small tensor: everyone may as well read that one.
bool isBroadcast(RowOp row) {
  auto size = [](Value tensor) { return cast<ShapedType>(tensor.getType()).getNumElements(); };
  return isCheap(row) && llvm::all_of(row.getOuts(), [&](Value out) {
           return llvm::all_of(row.getIns(), [&](Value in) { return size(in) < size(out); });
         });
}

/// Whether an op reads a value, through views or not, of which `isReader` holds.
bool isReadBy(Value value, llvm::function_ref<bool(Operation *)> isReader) {
  return llvm::any_of(value.getUsers(), [&](Operation *user) {
    auto view = dyn_cast<ViewOp>(user);
    return view ? isReadBy(view.getY(), isReader) : isReader(user);
  });
}

bool isReadBy(Value value, RowOp row) {
  return isReadBy(value, [&](Operation *user) { return user == row; });
}

/// Whether a value has to be in memory at `row` and after it, whatever that reads.
bool isThereAnyway(Value value, RowOp row) {
  Value tensor = getRoot(value);
  auto argument = dyn_cast<BlockArgument>(tensor);
  return (argument && !isReplaced(argument)) ||
         isReadBy(tensor, [&](Operation *user) { return user->getBlock() == row->getBlock() && !user->isBeforeInBlock(row); });
}

/// Whether the consumer takes less time when it makes itself what it reads of the producer. `copy` is the producer with these results.
bool paysToRepeat(RowOp copy, ArrayRef<Value> read, RowOp consumer) {
  double saved = 0, cost = getArithmeticCost(copy);
  for (Value value : read) // a read, and the write if that was for this one
    saved += static_cast<double>(getBytes(value)) * (isRead(value, consumer) ? 1 : 2);
  for (Value in : copy.getIns()) {
    double bytes = static_cast<double>(getBytes(in));
    if (!isThereAnyway(in, consumer) && bytes * mostKeptLonger > saved)
      return false;
    if (!isReadBy(getRoot(in), consumer))
      cost += bytes;
  }
  return cost <= saved;
}

/// The ops between producer and consumer that depend on the producer. They can run after the merged row unless the consumer needs one.
FailureOr<SmallVector<Operation *>> dependentsBetween(RowOp producer, RowOp consumer) {
  llvm::SmallPtrSet<Operation *, 16> dependent{producer};
  SmallVector<Operation *> ordered;
  for (Operation *op = producer->getNextNode(); op != consumer; op = op->getNextNode()) {
    bool depends = llvm::any_of(op->getOperands(), [&](Value value) { return dependent.contains(value.getDefiningOp()); });
    if (depends) {
      dependent.insert(op);
      ordered.push_back(op);
    }
  }
  for (Value in : consumer.getIns()) {
    Operation *source = skipViews(in).getDefiningOp();
    if (source != producer && dependent.contains(source))
      return failure();
  }
  return ordered;
}

struct FuseRows : impl::FuseRowsBase<FuseRows> {
  /// Merges a copy of the producer, with what the consumer reads, if that takes less time; else null, and nothing has changed.
  RowOp tryMergeCopy(RowOp producer, RowOp consumer) {
    SmallVector<unsigned> wanted;
    SmallVector<Value> read;
    for (auto [k, out] : llvm::enumerate(producer.getOuts()))
      if (isReadBy(out, consumer)) {
        wanted.push_back(k);
        read.push_back(out);
      }
    OpBuilder builder(consumer);
    IRMapping mapping;
    RowOp copy = copyRow(builder, producer, wanted, mapping);
    SmallVector<Value> before(consumer.getIns());
    RowOp merged;
    if (paysToRepeat(copy, read, consumer)) {
      for (OpOperand &operand : consumer->getOpOperands())
        operand.set(getCopy(builder, operand.get(), mapping));
      FailureOr<Merge> merge = planMerge(copy, consumer);
      if (succeeded(merge) && merge->evaluations() <= merge->producer.size())
        merged = applyMerge(builder, *merge, {});
      else
        consumer->setOperands(before);
    }
    eraseIfUnread(copy);
    if (merged)
      dropUnread(producer);
    return merged;
  }

  /// Returns the merged row, or null when the two stay apart. A producer that nothing reads any more is gone.
  RowOp tryMerge(RowOp producer, RowOp consumer) {
    if (producer->getBlock() != consumer->getBlock() || !withinBounds(producer, consumer))
      return nullptr;
    FailureOr<Merge> merge = planMerge(producer, consumer);
    if (failed(merge))
      return nullptr;
    bool repeats = merge->evaluations() > merge->producer.size();
    if (repeats && !isCheap(producer))
      return nullptr;
    SmallVector<unsigned> needed;
    for (auto [k, out] : llvm::enumerate(producer.getOuts()))
      if (isRead(out, consumer))
        needed.push_back(k);
    SmallVector<unsigned> kept;
    SmallVector<Operation *> later;
    bool computeAgain = needed.empty() || isRegenerable(producer) || isBroadcast(producer);
    if (!computeAgain) {
      auto dependents = dependentsBetween(producer, consumer);
      if (succeeded(dependents) && !repeats && llvm::all_of(needed, [&](unsigned k) { return merge->canStore(k); })) {
        kept = needed;
        later = *dependents;
      } else if (!isCheap(producer)) {
        return tryMergeCopy(producer, consumer);
      }
    }
    for (Operation *op : llvm::reverse(later))
      op->moveAfter(consumer);
    OpBuilder builder(consumer);
    RowOp merged = applyMerge(builder, *merge, kept);
    eraseIfUnread(producer);
    return merged;
  }

  /// Merges producers into a row until nothing more fits.
  void absorbProducers(RowOp row) {
    bool changed = true;
    while (changed) {
      changed = false;
      for (Value in : row.getIns()) {
        auto producer = skipViews(in).getDefiningOp<RowOp>();
        if (!producer)
          continue;
        if (RowOp merged = tryMerge(producer, row)) {
          row = merged;
          changed = true;
          break;
        }
      }
    }
  }

  void runOnOperation() override {
    func::FuncOp function = getOperation();
    if (function.isExternal())
      return;
    IRRewriter rewriter(&getContext());
    auto simplify = [&] {
      DominanceInfo dominance(function);
      eliminateCommonSubExpressions(rewriter, dominance, function);
    };
    simplify();
    // Producers come before their consumers, so they are as large as they get when the consumer asks for them. Merging erases rows before the
    // consumer and never after it, so the next op stays valid.
    for (Block &block : function.getBody()) {
      for (Operation &op : llvm::make_early_inc_range(block))
        if (auto row = dyn_cast<RowOp>(op))
          absorbProducers(row);
    }
    simplify();
  }
};

} // namespace

std::unique_ptr<Pass> createFuseRowsPass() { return std::make_unique<FuseRows>(); }

void registerKernelTransformsPasses() {
  registerPass([] { return createFuseRowsPass(); });
  registerPass([] { return createChunkTokensPass(); });
  registerPass([] { return createFormSlicesPass(); });
  registerPass([] { return createRecomputePass(); });
  registerPass([] { return createNarrowProductsPass(); });
  registerPass([] { return createFormEpiloguesPass(); });
  registerPass([] { return createGatherInProductsPass(); });
  registerPass([] { return createRepeatInRegionsPass(); });
  registerPass([] { return createShrinkRowsPass(); });
}

} // namespace moe::kernel
