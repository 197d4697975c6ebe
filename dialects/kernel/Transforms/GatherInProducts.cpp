//===- GatherInProducts.cpp - the pass kernel-gather-in-products ------------===//
#include "dialects/kernel/IR/KernelDialect.h"
#include "dialects/kernel/Transforms/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/Pass.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace moe::kernel {
#define GEN_PASS_DEF_GATHERINPRODUCTS
#include "dialects/kernel/Transforms/KernelPasses.h.inc"

namespace {

bool hasRank(Value tensor, int64_t rank) { return cast<ShapedType>(tensor.getType()).getRank() == rank; }

/// Where a grouped op may have an index for the operand that a use is.
std::optional<MutableOperandRange> indexFor(OpOperand &use) {
  return llvm::TypeSwitch<Operation *, std::optional<MutableOperandRange>>(use.getOwner())
      .Case([&](GroupedContractOp op) {
        return &use == &op.getXMutable() && !op.getIndex() ? std::optional(op.getIndexMutable()) : std::nullopt;
      })
      .Case([&](GroupedOuterOp op) -> std::optional<MutableOperandRange> {
        if (&use == &op.getAMutable() && !op.getAIndex())
          return op.getAIndexMutable();
        return &use == &op.getBMutable() && !op.getBIndex() ? std::optional(op.getBIndexMutable()) : std::nullopt;
      })
      .Default([](Operation *) { return std::nullopt; });
}

Value offsetsOf(Operation *grouped) {
  if (auto contract = dyn_cast<GroupedContractOp>(grouped))
    return contract.getOffsets();
  return cast<GroupedOuterOp>(grouped).getOffsets();
}

struct GatherInProducts : impl::GatherInProductsBase<GatherInProducts> {
  /// Only of its own routing it is known that each row of an expert has an index.
  static bool canTake(OpOperand &use, GatherRowsOp gather) {
    auto route = gather.getIndex().getDefiningOp<RouteOp>();
    return route && indexFor(use) && offsetsOf(use.getOwner()) == route.getOffsets();
  }

  void runOnOperation() override {
    getOperation().walk([&](GatherRowsOp gather) {
      if (!hasRank(gather.getX(), 2) || !hasRank(gather.getIndex(), 1) || gather->use_empty() ||
          !llvm::all_of(gather->getUses(), [&](OpOperand &use) { return canTake(use, gather); }))
        return;
      while (!gather->use_empty()) { // an index more moves the operands of its op
        OpOperand &use = *gather->use_begin();
        MutableOperandRange index = *indexFor(use);
        use.set(gather.getX());
        index.assign(gather.getIndex());
      }
      gather.erase();
      ++gathersRemoved;
    });
  }
};

} // namespace

std::unique_ptr<Pass> createGatherInProductsPass() { return std::make_unique<GatherInProducts>(); }

} // namespace moe::kernel
