//===- Evaluate.cpp - a block of ops, one after another ---------------------===//
#include "dialects/moe/Reference/Models.h"
#include "dialects/moe/Reference/Reference.h"

#include "llvm/ADT/DenseMap.h"

using namespace mlir;

namespace moe::reference {
namespace {

/// The values of a block that somebody still reads.
class LiveValues {
public:
  LiveValues(Ins arguments) : arguments(arguments) {}

  const Value *find(mlir::Value value) const {
    if (auto argument = dyn_cast<BlockArgument>(value))
      return arguments[argument.getArgNumber()];
    return &computed.find(value)->second;
  }

  void add(Operation &op, SmallVector<Value> values) {
    for (auto [result, value] : llvm::zip_equal(op.getResults(), values))
      if (!result.use_empty())
        computed[result] = std::move(value);
  }

  /// Drops what `reader` was the last to read.
  void release(Operation &reader) {
    for (mlir::Value value : reader.getOperands()) {
      auto found = computed.find(value);
      if (found == computed.end())
        continue;
      bool readLater = llvm::any_of(value.getUsers(), [&](Operation *user) { return reader.isBeforeInBlock(user); });
      if (!readLater)
        computed.erase(found);
    }
  }

private:
  Ins arguments;
  llvm::DenseMap<mlir::Value, Value> computed;
};

} // namespace

Results evaluateBlock(Block &block, Ins arguments, Observer observe) {
  LiveValues values(arguments);
  auto find = [&](mlir::Value value) { return values.find(value); };
  for (Operation &op : block.without_terminator()) {
    auto meaning = dyn_cast<ReferenceOpInterface>(op);
    if (!meaning)
      return op.emitError("has no reference");
    Results results = meaning.evaluate(llvm::map_to_vector(op.getOperands(), find));
    if (failed(results))
      return failure();
    if (observe)
      observe(op, *results);
    values.add(op, std::move(*results));
    values.release(op);
  }
  return llvm::map_to_vector(block.getTerminator()->getOperands(), [&](mlir::Value value) { return *values.find(value); });
}

FailureOr<SmallVector<Value>> evaluate(func::FuncOp function, ArrayRef<Value> arguments, Observer observe) {
  if (!llvm::hasSingleElement(function.getBody()))
    return function.emitError("only a function of one block can be evaluated");
  if (arguments.size() != function.getNumArguments())
    return function.emitError() << "has " << function.getNumArguments() << " arguments, not " << arguments.size();
  SmallVector<const Value *> pointers;
  for (auto [argument, value] : llvm::zip_equal(function.getArguments(), arguments)) {
    if (shapeOf(argument) != ArrayRef(value.shape) || static_cast<int64_t>(value.data.size()) != value.size())
      return function.emitError() << "argument #" << argument.getArgNumber() << " of type " << argument.getType() << " is given another shape";
    pointers.push_back(&value);
  }
  return evaluateBlock(function.getBody().front(), pointers, observe);
}

} // namespace moe::reference
