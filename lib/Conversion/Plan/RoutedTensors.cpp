//===- RoutedTensors.cpp - tensors whose rows an `each` chose ------------------===//
#include "lib/Conversion/Plan/RoutedTensors.h"

#include "dialects/kernel/IR/Aliasing.h"

#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace moe;

/// The offsets of the routing whose rows `index` lists.
static Value getOffsetsOfIndex(Value index) {
  auto route = index.getDefiningOp<kernel::RouteOp>();
  return route && llvm::is_contained({route.getRowToken(), route.getRowExpert(), route.getRowPair()}, index) ? route.getOffsets() : Value();
}

/// The first dimension of the domain that `map` goes to, when it goes there straight.
static std::optional<unsigned> getLeadingDim(AffineMap map) {
  if (map.getNumResults() == 0)
    return std::nullopt;
  auto dim = dyn_cast<AffineDimExpr>(map.getResult(0));
  return dim ? std::optional(dim.getPosition()) : std::nullopt;
}

static int64_t getLeadingExtent(Value tensor) {
  auto type = cast<RankedTensorType>(tensor.getType());
  return type.getRank() ? type.getDimSize(0) : 1;
}

plan::RoutedTensors::RoutedTensors(Block &block) {
  auto set = [&](Value tensor, Value to) {
    if (to)
      offsets[tensor] = to;
  };
  /// Of the operands that walk the domain of `op` as its result does.
  auto follow = [&](auto op, auto operands, auto getOperandMap, unsigned first, AffineMap written) -> Value {
    std::optional<unsigned> dim = getLeadingDim(written);
    for (auto [k, operand] : llvm::enumerate(operands))
      if (Value found = getOffsets(operand); dim && found && getLeadingDim(getOperandMap(op, first + k)) == dim)
        return found;
    return {};
  };
  auto getMap = [](auto op, unsigned k) { return op.getMap(k); };
  for (Operation &op : block)
    llvm::TypeSwitch<Operation *>(&op)
        .Case<kernel::GatherRowsOp>([&](auto gather) { set(gather.getY(), getOffsetsOfIndex(gather.getIndex())); })
        .Case<kernel::GroupedContractOp>([&](auto product) {
          for (Value out : product.getOuts())
            set(out, product.getOffsets());
        })
        .Case<kernel::RowOp>([&](kernel::RowOp row) {
          for (auto [k, out] : llvm::enumerate(row.getOuts()))
            set(out, follow(row, row.getIns(), getMap, 0, row.getOutMap(k)));
        })
        .Case<kernel::ContractOp>([&](kernel::ContractOp contract) {
          SmallVector<Value> factors{contract.getA(), contract.getB()};
          set(contract.getY(), follow(contract, factors, getMap, 0, contract.getMap(2)));
        })
        .Case<kernel::ScanOp>([&](auto scan) { set(scan.getY(), scan.getDim() ? getOffsets(scan.getX()) : Value()); })
        .Case<kernel::PadOp>([&](auto pad) {
          set(pad.getY(), getLeadingExtent(pad.getX()) == getLeadingExtent(pad.getY()) ? getOffsets(pad.getX()) : Value());
        })
        .Case<kernel::ConcatOp>([&](auto concat) { set(concat.getY(), concat.getDim() ? getOffsets(concat.getXs().front()) : Value()); })
        .Case<kernel::ViewOp>([&](auto view) {
          set(view.getY(), view.isWhole() && getLeadingExtent(view.getX()) == getLeadingExtent(view.getY()) ? getOffsets(view.getX()) : Value());
        });
}
