//===- BlockGradients.cpp - reverse mode over one block -------------------===//
#include "dialects/moe/Autodiff/BlockGradients.h"

#include "dialects/moe/Autodiff/GradientBuilder.h"
#include "dialects/moe/IR/Origins.h"
#include "dialects/moe/Interfaces/Interfaces.h"
#include "llvm/ADT/DenseSet.h"

using namespace mlir;

namespace moe {
namespace {

bool isDifferentiableType(Type type) { return isa<FloatType>(getElementTypeOrSelf(type)); }

/// Ops whose gradient is 0 by definition: nothing behind them depends on anything before them.
bool isBarrier(Operation &op) { return isa<DetachOp, SignOp, FloorOp>(op); }

class ReverseSweep {
public:
  ReverseSweep(OpBuilder &builder, ValueRange wrt) : builder(builder), active(wrt.begin(), wrt.end()) {}

  /// Marks the values that depend on an active one, and keeps the ops that give them in program order.
  void findActive(Block &block) {
    for (Operation &op : block) {
      if (isBarrier(op) || llvm::none_of(op.getOperands(), [&](Value operand) { return active.contains(operand); }))
        continue;
      for (Value result : op.getResults())
        if (isDifferentiableType(result.getType()))
          active.insert(result);
      activeOps.push_back(&op);
    }
  }

  void accumulate(Location loc, Value value, Value gradient) {
    if (!gradient || !active.contains(value))
      return;
    Value &sum = gradients[value];
    sum = sum ? AddOp::create(builder, loc, sum, gradient).getResult() : gradient;
  }

  LogicalResult propagate() {
    for (Operation *op : llvm::reverse(activeOps))
      if (failed(propagate(op)))
        return failure();
    return success();
  }

  Value get(Value value) const { return gradients.lookup(value); }

private:
  LogicalResult propagate(Operation *op) {
    SmallVector<Value> resultGrads = llvm::map_to_vector(op->getResults(), [&](Value result) { return get(result); });
    if (llvm::none_of(resultGrads, [](Value gradient) { return gradient != nullptr; }))
      return success();
    auto differentiable = dyn_cast<DifferentiableOpInterface>(op);
    if (!differentiable)
      return op->emitError("the objective depends on parameters through '") << op->getName() << "', which has no gradient";
    llvm::BitVector needed(op->getNumOperands());
    for (OpOperand &operand : op->getOpOperands())
      needed[operand.getOperandNumber()] = active.contains(operand.get());
    SmallVector<Value> operandGrads = differentiable.buildVJP(builder, resultGrads, needed);
    if (operandGrads.size() != op->getNumOperands())
      return op->emitError("the gradient of '") << op->getName() << "' could not be built";
    for (auto [operand, gradient] : llvm::zip_equal(op->getOperands(), operandGrads)) {
      if (gradient && gradient.getType() != operand.getType())
        return op->emitError("the gradient of an operand has type ") << gradient.getType() << ", expected " << operand.getType();
      accumulate(getGradientLocation(op), operand, gradient);
    }
    return success();
  }

  OpBuilder &builder;
  llvm::DenseSet<Value> active;
  SmallVector<Operation *> activeOps;
  llvm::DenseMap<Value, Value> gradients;
};

} // namespace

FailureOr<SmallVector<Value>> buildGradients(OpBuilder &builder, Block &block, ValueRange wrt, ArrayRef<std::pair<Value, Value>> seeds) {
  ReverseSweep sweep(builder, wrt);
  sweep.findActive(block);
  for (auto [value, gradient] : seeds)
    sweep.accumulate(gradient.getLoc(), value, gradient);
  if (failed(sweep.propagate()))
    return failure();
  return llvm::map_to_vector(wrt, [&](Value value) { return sweep.get(value); });
}

} // namespace moe
