//===- ObjectiveProbe.cpp - an objective at moved arguments ---------------===//
#include "dialects/moe/GradientCheck/ObjectiveProbe.h"

#include "dialects/moe/Autodiff/Autodiff.h"
#include "dialects/moe/Autodiff/GradientBuilder.h"
#include "dialects/moe/Reference/Reference.h"
#include "dialects/moe/Transforms/InlineMomentum.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace moe {
namespace {

/// Makes a function return `values` and nothing else, and erases what they do not need.
void setResults(func::FuncOp function, ArrayRef<Value> values) {
  Block &block = function.getBody().front();
  Operation *end = block.getTerminator();
  end->setOperands(values);
  function.setType(FunctionType::get(function.getContext(), block.getArgumentTypes(), ValueRange(values).getTypes()));
  function.removeResAttrsAttr();
  for (Operation *op = end->getPrevNode(); op;) {
    Operation *previous = op->getPrevNode();
    if (op->use_empty())
      op->erase();
    op = previous;
  }
}

bool isFloat(Value value) { return isa<FloatType>(getElementTypeOrSelf(value.getType())); }

/// What `op` decides from floats, as a value; null when it is smooth.
Value buildDecision(Operation *op) {
  OpBuilder builder(op->getContext());
  builder.setInsertionPointAfter(op);
  GradientBuilder b{builder, op->getLoc()};
  if (op->getNumResults() == 1 && !isFloat(op->getResult(0)) && isa<RankedTensorType>(op->getResult(0).getType()))
    return llvm::any_of(op->getOperands(), isFloat) ? op->getResult(0) : Value();
  return llvm::TypeSwitch<Operation *, Value>(op)
      .Case<ReluOp, AbsOp, SignOp>([&](auto unary) { return b.compare(Predicate::gt, unary.getX(), 0); })
      .Case<MaxOp, MinOp>([&](auto binary) { return b.compare(Predicate::ge, binary.getA(), binary.getB()); })
      .Case<FloorOp>([](FloorOp floor) { return floor.getY(); })
      .Case<ReduceOp>([&](ReduceOp reduce) -> Value {
        if (reduce.getKind() == ReduceKind::sum)
          return {};
        return b.compare(Predicate::eq, reduce.getX(), b.repeat(reduce.getY(), reduce.getX(), reduce.getDims()));
      })
      .Default(Value());
}

SmallVector<Operation *> listOps(func::FuncOp function) {
  return llvm::map_to_vector(function.getBody().front().without_terminator(), [](Operation &op) { return &op; });
}

} // namespace

OwningOpRef<ModuleOp> cloneIntoModule(func::FuncOp function, func::FuncOp &clone) {
  OwningOpRef<ModuleOp> module = ModuleOp::create(function.getLoc());
  clone = cast<func::FuncOp>(OpBuilder::atBlockEnd(module->getBody()).clone(*function));
  return module;
}

/// The operands of the function's `moe.detach` ops, in program order.
static FailureOr<SmallVector<reference::Value>> evaluateDetached(func::FuncOp original, ArrayRef<reference::Value> arguments) {
  func::FuncOp function;
  OwningOpRef<ModuleOp> module = cloneIntoModule(original, function);
  SmallVector<Value> operands;
  for (auto op : function.getOps<DetachOp>())
    operands.push_back(op.getX());
  if (operands.empty())
    return SmallVector<reference::Value>();
  setResults(function, operands);
  return reference::evaluate(function, arguments);
}

FailureOr<ObjectiveProbe> ObjectiveProbe::create(func::FuncOp original, ArrayRef<reference::Value> arguments) {
  FailureOr<unsigned> objective = findObjective(original);
  if (failed(objective))
    return failure();
  auto detached = evaluateDetached(original, arguments);
  if (failed(detached))
    return failure();
  ObjectiveProbe probe;
  probe.detached = std::move(*detached);
  probe.module = cloneIntoModule(original, probe.function);
  Block &block = probe.function.getBody().front();
  for (auto op : llvm::make_early_inc_range(probe.function.getOps<DetachOp>())) {
    op.replaceAllUsesWith(block.addArgument(op.getType(), op.getLoc()));
    op.erase();
  }
  for (auto op : llvm::make_early_inc_range(probe.function.getOps<MomentumOp>()))
    inlineMomentum(op);
  SmallVector<Value> results{block.getTerminator()->getOperand(*objective)};
  for (Operation *op : listOps(probe.function))
    if (Value decision = buildDecision(op))
      results.push_back(decision);
  setResults(probe.function, results);
  return probe;
}

FailureOr<ObjectiveProbe::Sample> ObjectiveProbe::sample(ArrayRef<reference::Value> arguments) const {
  SmallVector<reference::Value> all(arguments);
  llvm::append_range(all, detached);
  auto results = reference::evaluate(function, all);
  if (failed(results))
    return failure();
  Sample sample;
  sample.objective = results->front().data.front();
  sample.decisions.assign(std::make_move_iterator(results->begin() + 1), std::make_move_iterator(results->end()));
  return sample;
}

} // namespace moe
