//===- ShrinkRows.cpp - the pass kernel-shrink-rows -------------------------===//
#include "dialects/kernel/Transforms/Passes.h"
#include "dialects/kernel/Transforms/RowCopy.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/Pass.h"
#include "llvm/ADT/SmallBitVector.h"

using namespace mlir;

namespace moe::kernel {
#define GEN_PASS_DEF_SHRINKROWS
#include "dialects/kernel/Transforms/KernelPasses.h.inc"

namespace {

/// Along which dimensions of a row's domain the values of its region vary.
class Variation {
public:
  explicit Variation(RowOp row) : row(row) {
    for (BlockArgument argument : row.getBody().getArguments())
      dims[argument] = dimsOf(row.getInMap(argument.getArgNumber()));
    for (Operation &op : row.getBody().front().without_terminator()) {
      llvm::SmallBitVector found(row.getRank());
      for (Value operand : op.getOperands())
        found |= dims.lookup(operand);
      if (auto index = dyn_cast<IndexOp>(op))
        found.set(static_cast<unsigned>(index.getDim()));
      if (isa<ReduceOp>(op))
        found.reset(row.getRank() - row.getRowRank(), row.getRank());
      for (Value result : op.getResults())
        dims[result] = found;
    }
  }

  const llvm::SmallBitVector &of(Value value) const { return dims.find(value)->second; }

private:
  llvm::SmallBitVector dimsOf(AffineMap map) {
    llvm::SmallBitVector found(row.getRank());
    for (unsigned d = 0; d < map.getNumDims(); ++d)
      if (map.isFunctionOfDim(d))
        found.set(d);
    return found;
  }

  RowOp row;
  llvm::DenseMap<Value, llvm::SmallBitVector> dims;
};

AffineMap dropResults(AffineMap map, const llvm::SmallBitVector &dropped) {
  SmallVector<AffineExpr> kept;
  for (auto [k, expr] : llvm::enumerate(map.getResults()))
    if (!dropped.test(k))
      kept.push_back(expr);
  return AffineMap::get(map.getNumDims(), 0, kept, map.getContext());
}

RankedTensorType dropDims(Type type, const llvm::SmallBitVector &dropped) {
  auto tensor = cast<RankedTensorType>(type);
  SmallVector<int64_t> shape;
  for (auto [k, extent] : llvm::enumerate(tensor.getShape()))
    if (!dropped.test(k))
      shape.push_back(extent);
  return RankedTensorType::get(shape, tensor.getElementType());
}

void setMap(RowOp row, unsigned k, AffineMap map) {
  SmallVector<Attribute> maps(row.getMaps().begin(), row.getMaps().end());
  maps[k] = AffineMapAttr::get(map);
  row.setMapsAttr(ArrayAttr::get(row.getContext(), maps));
}

/// The dimensions of a result that go along the row, if it is one value a row and rows alone read it; else none.
llvm::SmallBitVector findUniform(RowOp row, unsigned k, const Variation &variation) {
  AffineMap map = row.getOutMap(k);
  llvm::SmallBitVector uniform(map.getNumResults());
  const llvm::SmallBitVector &varies = variation.of(row.getYield()->getOperand(k));
  unsigned parallel = row.getRank() - row.getRowRank();
  bool variesAlongRow = llvm::any_of(llvm::seq<unsigned>(parallel, row.getRank()), [&](unsigned d) { return varies.test(d); });
  if (variesAlongRow || !llvm::all_of(row->getResult(k).getUsers(), [](Operation *user) { return isa<RowOp>(user); }))
    return uniform;
  for (auto [position, expr] : llvm::enumerate(map.getResults()))
    if (auto dim = dyn_cast<AffineDimExpr>(expr); dim && dim.getPosition() >= parallel)
      uniform.set(position);
  return uniform;
}

struct ShrinkRows : impl::ShrinkRowsBase<ShrinkRows> {
  /// A result that is the same as one before it is read there.
  void mergeEqual(RowOp row) {
    for (unsigned k = 0; k < row.getNumResults(); ++k)
      for (unsigned earlier = 0; earlier < k; ++earlier)
        if (row.getYield()->getOperand(k) == row.getYield()->getOperand(earlier) && row.getOutMap(k) == row.getOutMap(earlier) &&
            row->getResult(k).getType() == row->getResult(earlier).getType()) {
          mergedResults += !row->getResult(k).use_empty();
          row->getResult(k).replaceAllUsesWith(row->getResult(earlier));
        }
  }

  void shrink(RowOp row) {
    Variation variation(row);
    for (unsigned k = 0; k < row.getNumResults(); ++k) {
      OpResult result = row->getResult(k);
      llvm::SmallBitVector uniform = findUniform(row, k, variation);
      if (uniform.none() || result.use_empty())
        continue;
      setMap(row, row.getIns().size() + k, dropResults(row.getOutMap(k), uniform));
      result.setType(dropDims(result.getType(), uniform));
      for (OpOperand &use : result.getUses()) {
        auto reader = cast<RowOp>(use.getOwner());
        setMap(reader, use.getOperandNumber(), dropResults(reader.getInMap(use.getOperandNumber()), uniform));
      }
      ++shrunkResults;
    }
  }

  void runOnOperation() override {
    for (RowOp row : SmallVector<RowOp>(getOperation().getOps<RowOp>())) {
      mergeEqual(row);
      shrink(row);
      dropUnread(row);
    }
  }
};

} // namespace

std::unique_ptr<Pass> createShrinkRowsPass() { return std::make_unique<ShrinkRows>(); }

} // namespace moe::kernel
