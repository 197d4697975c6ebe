//===- Differentiate.cpp - gradients of a program's objective ---------------===//
#include "dialects/moe/Autodiff/Autodiff.h"
#include "dialects/moe/Autodiff/BlockGradients.h"
#include "dialects/moe/Autodiff/GradientBuilder.h"

using namespace mlir;

namespace moe {
namespace {

constexpr StringLiteral microBatchesAttrName = "moe.micro_batches";

StringAttr getField(DictionaryAttr binding, StringRef field) { return binding ? binding.getAs<StringAttr>(field) : StringAttr(); }
bool isKind(DictionaryAttr binding, StringRef kind) {
  StringAttr attr = getField(binding, "kind");
  return attr && attr.getValue() == kind;
}
DictionaryAttr getArgBinding(func::FuncOp function, unsigned k) { return function.getArgAttrOfType<DictionaryAttr>(k, argAttrName); }
DictionaryAttr getResBinding(func::FuncOp function, unsigned k) { return function.getResultAttrOfType<DictionaryAttr>(k, resAttrName); }

/// `{attrName = {kind = "grad", name = NAME}}` with the name of the parameter.
DictionaryAttr gradientBinding(func::FuncOp function, BlockArgument parameter, StringRef attrName) {
  Builder b(function.getContext());
  StringAttr name = getField(getArgBinding(function, parameter.getArgNumber()), "name");
  auto binding = b.getDictionaryAttr({b.getNamedAttr("kind", b.getStringAttr("grad")), b.getNamedAttr("name", name)});
  return b.getDictionaryAttr(b.getNamedAttr(attrName, binding));
}

FailureOr<SmallVector<BlockArgument>> findParameters(func::FuncOp function) {
  SmallVector<BlockArgument> parameters;
  for (BlockArgument argument : function.getArguments()) {
    DictionaryAttr binding = getArgBinding(function, argument.getArgNumber());
    if (isKind(binding, "grad"))
      return function.emitError("already has gradients");
    if (!isKind(binding, "param") || binding.contains("frozen"))
      continue;
    auto type = dyn_cast<RankedTensorType>(argument.getType());
    if (!getField(binding, "name") || !type || !isa<FloatType>(type.getElementType()))
      return function.emitError("a parameter needs a name and a float tensor type, found ") << argument.getType();
    parameters.push_back(argument);
  }
  return parameters;
}

FailureOr<int64_t> getMicroBatches(func::FuncOp function) {
  Attribute attr = function->getAttr(microBatchesAttrName);
  if (!attr)
    return 1;
  auto count = dyn_cast<IntegerAttr>(attr);
  if (!count || count.getInt() < 1)
    return function.emitError("'") << microBatchesAttrName << "' must be a positive integer, found " << attr;
  return count.getInt();
}

/// The objective and the gradient to start from: 1/M, so that the gradients of M micro-batches add up to their mean.
FailureOr<std::pair<Value, Value>> seedObjective(func::FuncOp function, OpBuilder &builder, Operation *end, int64_t microBatches) {
  FailureOr<unsigned> position = findObjective(function);
  if (failed(position))
    return failure();
  Value objective = end->getOperand(*position);
  Value seed = GradientBuilder{builder, objective.getLoc()}.constant(objective, 1.0 / static_cast<double>(microBatches));
  return std::pair(objective, seed);
}

/// The gradients so far come in as an argument, and their sum with `gradient` is returned.
FailureOr<Value> addToArgument(func::FuncOp function, OpBuilder &builder, BlockArgument parameter, Value gradient) {
  unsigned position = function.getNumArguments();
  if (failed(function.insertArgument(position, parameter.getType(), gradientBinding(function, parameter, argAttrName), parameter.getLoc())))
    return failure();
  Value soFar = function.getArgument(position);
  return gradient ? AddOp::create(builder, parameter.getLoc(), soFar, gradient).getResult() : soFar;
}

} // namespace

bool hasObjective(func::FuncOp function) {
  return llvm::any_of(llvm::seq(function.getNumResults()), [&](unsigned k) { return isKind(getResBinding(function, k), "objective"); });
}

FailureOr<unsigned> findObjective(func::FuncOp function) {
  SmallVector<unsigned> found;
  for (unsigned k = 0; k < function.getNumResults(); ++k)
    if (isKind(getResBinding(function, k), "objective"))
      found.push_back(k);
  if (found.size() != 1)
    return function.emitError("expected one result of kind 'objective', found ") << found.size();
  auto type = dyn_cast<RankedTensorType>(function.getResultTypes()[found.front()]);
  if (!type || type.getRank() != 0 || !isa<FloatType>(type.getElementType()))
    return function.emitError("the objective must be a float scalar, found ") << function.getResultTypes()[found.front()];
  return found.front();
}

LogicalResult differentiate(func::FuncOp function) {
  if (!function.getBody().hasOneBlock())
    return function.emitError("expected a function of one block");
  Block &block = function.getBody().front();
  Operation *end = block.getTerminator();
  OpBuilder builder(end);
  FailureOr<SmallVector<BlockArgument>> parameters = findParameters(function);
  FailureOr<int64_t> microBatches = getMicroBatches(function);
  if (failed(parameters) || failed(microBatches))
    return failure();
  auto seed = seedObjective(function, builder, end, *microBatches);
  if (failed(seed))
    return failure();
  SmallVector<Value> wrt(parameters->begin(), parameters->end());
  FailureOr<SmallVector<Value>> gradients = buildGradients(builder, block, wrt, *seed);
  if (failed(gradients))
    return failure();
  for (auto [parameter, gradient] : llvm::zip_equal(*parameters, *gradients)) {
    FailureOr<Value> result = gradient;
    if (*microBatches > 1)
      result = addToArgument(function, builder, parameter, gradient);
    else if (!gradient)
      result = GradientBuilder{builder, parameter.getLoc()}.constant(parameter, 0);
    unsigned position = function.getNumResults();
    if (failed(result) || failed(function.insertResult(position, parameter.getType(), gradientBinding(function, parameter, resAttrName))))
      return failure();
    end->insertOperands(position, *result);
  }
  return success();
}

} // namespace moe
