//===- SettleResults.cpp - the pass kernel-settle-results -------------------===//
//
// A result is written into its binding by the op that computes it when nobody needs the binding's old value any more.
// Otherwise it is copied at the end. Results of one program change places at once (`return %b, %a`), so that an argument that is
// both read by one copy and replaced by another is set aside first.
//
//===----------------------------------------------------------------------===//
#include "lib/Conversion/Plan/SettleResults.h"

#include "dialects/kernel/IR/Aliasing.h"
#include "lib/Conversion/Plan/Plan.h"

using namespace mlir;
using namespace moe;
using namespace moe::kernel;
using namespace moe::plan;

namespace moe {
#define GEN_PASS_DEF_KERNELSETTLERESULTS
#include "lib/Conversion/Plan/PlanPasses.h.inc"
} // namespace moe

/// Calls `visit` with every op that reads the bytes of `root`, through views too; stops when it gives false.
static bool allReaders(Value root, llvm::function_ref<bool(Operation *)> visit) {
  for (Operation *user : root.getUsers()) {
    if (auto view = dyn_cast<kernel::ViewOp>(user)) {
      if (!allReaders(view.getY(), visit))
        return false;
    } else if (!visit(user)) {
      return false;
    }
  }
  return true;
}

/// Whether the op of `value` may write where `old` lies.
static bool canReplace(OpResult value, BlockArgument old) {
  return allReaders(old, [&](Operation *reader) {
    return reader == value.getOwner() ? mayOverwrite(value, old) : reader->isBeforeInBlock(value.getOwner());
  });
}

/// Whether the op behind `result` can write straight into the binding whose old value is `old` (null when there is none).
static bool isSettled(Value result, BlockArgument old) {
  auto root = dyn_cast<OpResult>(getRoot(result));
  return root && getByteSize(root.getType()) == getByteSize(result.getType()) && isLaunch(*root.getOwner()) &&
         (!old || canReplace(root, old));
}

static Value copy(OpBuilder &builder, Value x) {
  auto type = cast<RankedTensorType>(x.getType());
  AffineMap identity = builder.getMultiDimIdentityMap(type.getRank());
  return kernel::RowOp::create(
             builder, x.getLoc(), TypeRange(type), ValueRange(x), type.getShape(), 0, {identity, identity},
             [](OpBuilder &, Location, ValueRange elements) { return SmallVector<Value>(elements); })
      .getResult(0);
}

void plan::settleResults(func::FuncOp func, const Bindings &bindings) {
  Operation *ret = func.getBody().front().getTerminator();
  SmallVector<unsigned> copied;
  llvm::SmallDenseSet<Value> claimed, replaced;
  for (auto [k, value] : llvm::enumerate(ret->getOperands())) {
    Value root = getRoot(value);
    BlockArgument old = bindings.getOldValue(func, k);
    if (old && root == old && getByteSize(root.getType()) == getByteSize(value.getType()))
      continue;
    if (old)
      replaced.insert(old);
    if (!isSettled(value, old) || !claimed.insert(root).second)
      copied.push_back(k);
  }

  OpBuilder builder(ret);
  SmallVector<Value> sources;
  for (unsigned k : copied) {
    Value source = ret->getOperand(k);
    sources.push_back(replaced.contains(getRoot(source)) ? copy(builder, source) : source);
  }
  for (auto [k, source] : llvm::zip_equal(copied, sources))
    ret->setOperand(k, copy(builder, source));
}

namespace {
struct KernelSettleResults : moe::impl::KernelSettleResultsBase<KernelSettleResults> {
  void runOnOperation() override {
    FailureOr<Bindings> bindings = readBindings(getOperation());
    if (failed(bindings))
      return signalPassFailure();
    settleResults(getOperation(), *bindings);
  }
};
} // namespace

std::unique_ptr<Pass> moe::createKernelSettleResultsPass() { return std::make_unique<KernelSettleResults>(); }
