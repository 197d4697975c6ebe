//===- RowCopy.cpp - a row again, with less of its results ------------------===//
#include "dialects/kernel/Transforms/RowCopy.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;
using namespace moe::kernel;

/// The ops of a row's region that the wanted results need, in order.
static SmallVector<Operation *> getNeeded(RowOp row, ArrayRef<unsigned> wanted) {
  llvm::SmallPtrSet<Value, 16> needed;
  for (unsigned k : wanted)
    needed.insert(row.getYield()->getOperand(k));
  SmallVector<Operation *> ops;
  for (Operation &op : llvm::reverse(row.getBody().front().without_terminator()))
    if (llvm::any_of(op.getResults(), [&](Value value) { return needed.contains(value); })) {
      ops.push_back(&op);
      needed.insert(op.operand_begin(), op.operand_end());
    }
  std::reverse(ops.begin(), ops.end());
  return ops;
}

RowOp moe::kernel::copyRow(OpBuilder &builder, RowOp row, ArrayRef<unsigned> wanted, IRMapping &mapping) {
  SmallVector<Operation *> needed = getNeeded(row, wanted);
  Block &body = row.getBody().front();
  SmallVector<unsigned> read;
  for (BlockArgument argument : body.getArguments())
    if (llvm::any_of(argument.getUsers(), [&](Operation *user) { return llvm::is_contained(needed, user); }) ||
        llvm::any_of(wanted, [&](unsigned k) { return row.getYield()->getOperand(k) == argument; }))
      read.push_back(argument.getArgNumber());
  SmallVector<Value> ins;
  SmallVector<Type> types;
  SmallVector<AffineMap> maps;
  for (unsigned k : read) {
    ins.push_back(mapping.lookupOrDefault(row.getIns()[k]));
    maps.push_back(row.getInMap(k));
  }
  for (unsigned k : wanted) {
    types.push_back(row->getResult(k).getType());
    maps.push_back(row.getOutMap(k));
  }
  auto copy = RowOp::create(builder, row.getLoc(), types, ins, row.getExtents(), static_cast<int64_t>(row.getRowRank()), maps,
                            [&](OpBuilder &b, Location, ValueRange args) {
                              IRMapping inner;
                              for (auto [arg, k] : llvm::zip_equal(args, read))
                                inner.map(body.getArgument(k), arg);
                              for (Operation *op : needed)
                                b.clone(*op, inner);
                              return llvm::map_to_vector(wanted, [&](unsigned k) { return inner.lookup(row.getYield()->getOperand(k)); });
                            });
  for (auto [k, result] : llvm::zip_equal(wanted, copy.getOuts()))
    mapping.map(row->getResult(k), result);
  return copy;
}

bool moe::kernel::isRead(Value value, Operation *beside) {
  return llvm::any_of(value.getUsers(), [&](Operation *user) {
    auto view = dyn_cast<ViewOp>(user);
    return view ? isRead(view.getY(), beside) : user != beside;
  });
}

Value moe::kernel::getCopy(OpBuilder &builder, Value value, IRMapping &mapping) {
  auto view = value.getDefiningOp<ViewOp>();
  if (!mapping.contains(value) && view) {
    Value source = getCopy(builder, view.getX(), mapping);
    if (source != view.getX())
      mapping.map(value, ViewOp::create(builder, view.getLoc(), view.getType(), source, view.getOffset()).getResult());
  }
  return mapping.lookupOrDefault(value);
}

void moe::kernel::eraseIfUnread(Operation *op) {
  for (Operation *user : llvm::make_early_inc_range(op->getUsers()))
    if (isa<ViewOp>(user))
      eraseIfUnread(user);
  if (op->use_empty())
    op->erase();
}

void moe::kernel::dropUnread(RowOp row) {
  SmallVector<unsigned> read;
  for (OpResult result : row->getResults())
    if (isRead(result))
      read.push_back(result.getResultNumber());
  if (!read.empty() && read.size() < row->getNumResults()) {
    OpBuilder builder(row);
    IRMapping mapping;
    copyRow(builder, row, read, mapping);
    for (unsigned k : read)
      row->getResult(k).replaceAllUsesWith(mapping.lookup(row->getResult(k)));
  }
  eraseIfUnread(row);
}

bool moe::kernel::isReplaced(BlockArgument argument) {
  auto function = dyn_cast<func::FuncOp>(argument.getOwner()->getParentOp());
  auto key = [](DictionaryAttr binding) { return std::pair(binding.get("kind"), binding.get("name")); };
  auto mine = function ? function.getArgAttrOfType<DictionaryAttr>(argument.getArgNumber(), "moe.arg") : DictionaryAttr();
  if (!mine)
    return false;
  for (unsigned k = 0; k < function.getNumResults(); ++k)
    if (auto other = function.getResultAttrOfType<DictionaryAttr>(k, "moe.res"); other && key(other) == key(mine))
      return true;
  return false;
}
