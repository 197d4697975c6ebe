//===- Bindings.cpp - from attributes to named buffers ----------------------===//
#include "lib/Conversion/Plan/Bindings.h"

#include "mlir/IR/BuiltinAttributes.h"
#include "llvm/ADT/SmallBitVector.h"

using namespace mlir;
using namespace moe;
using namespace moe::plan;

static FailureOr<Initializer> readInitializer(func::FuncOp func, DictionaryAttr init) {
  auto dist = init.getAs<StringAttr>("dist");
  auto value = init.getAs<FloatAttr>("value");
  if (!dist || !value)
    return func.emitError("an `init` needs `dist` and `value`");
  Initializer result;
  result.value = value.getValueAsDouble();
  if (dist == "constant")
    result.kind = Initializer::Kind::constant;
  else if (dist == "normal")
    result.kind = Initializer::Kind::normal;
  else if (dist == "uniform")
    result.kind = Initializer::Kind::uniform;
  else
    return func.emitError("unknown distribution ") << dist;
  return result;
}

static FailureOr<Binding> readBinding(func::FuncOp func, DictionaryAttr attr, Type type, StringRef what, unsigned index) {
  auto kind = attr ? attr.getAs<StringAttr>("kind") : nullptr;
  auto name = attr ? attr.getAs<StringAttr>("name") : nullptr;
  if (!kind || !name)
    return func.emitError() << what << " #" << index << " of a program needs a kind and a name";
  Binding binding;
  if (!fromString(kind.str(), binding.kind))
    return func.emitError("unknown kind ") << kind << " of " << what << " #" << index;
  binding.name = name.str();
  auto tensor = dyn_cast<RankedTensorType>(type);
  if (!tensor)
    return func.emitError() << what << " #" << index << " of a program must be a tensor, got " << type;
  Type element = tensor.getElementType();
  if (element.isF32())
    binding.type = DType::f32;
  else if (element.isInteger(32))
    binding.type = DType::i32;
  else if (element.isInteger(1))
    binding.type = DType::i1;
  else
    return func.emitError() << what << " #" << index << " has elements without a kernel: " << element;
  binding.shape.assign(tensor.getShape().begin(), tensor.getShape().end());
  if (auto init = attr.getAs<DictionaryAttr>("init")) {
    FailureOr<Initializer> initializer = readInitializer(func, init);
    if (failed(initializer))
      return failure();
    binding.init = *initializer;
  }
  if (auto message = attr.getAs<StringAttr>("message"))
    binding.message = message.str();
  if (auto place = attr.getAs<StringAttr>("place"))
    binding.location = place.str();
  return binding;
}

FailureOr<Bindings> plan::readBindings(func::FuncOp func) {
  Bindings bindings;
  auto find = [&](const Binding &wanted) -> std::optional<uint32_t> {
    for (auto [i, binding] : llvm::enumerate(bindings.all))
      if (binding.kind == wanted.kind && binding.name == wanted.name)
        return i;
    return std::nullopt;
  };
  auto describe = [](const Binding &binding) { return std::string(toString(binding.kind)) + " '" + binding.name + "'"; };

  for (auto [i, type] : llvm::enumerate(func.getArgumentTypes())) {
    auto binding = readBinding(func, func.getArgAttrOfType<DictionaryAttr>(i, "moe.arg"), type, "argument", i);
    if (failed(binding))
      return failure();
    if (find(*binding))
      return func.emitError("two arguments are ") << describe(*binding);
    bindings.ofArgument.push_back(bindings.all.size());
    bindings.all.push_back(std::move(*binding));
  }
  llvm::SmallDenseSet<uint32_t> given;
  for (auto [i, type] : llvm::enumerate(func.getResultTypes())) {
    auto binding = readBinding(func, func.getResultAttrOfType<DictionaryAttr>(i, "moe.res"), type, "result", i);
    if (failed(binding))
      return failure();
    std::optional<uint32_t> index = find(*binding);
    if (index && (bindings.all[*index].shape != binding->shape || bindings.all[*index].type != binding->type))
      return func.emitError("argument and result differ in type: ") << describe(*binding);
    if (!index) {
      index = bindings.all.size();
      bindings.all.push_back(*binding);
    }
    if (!given.insert(*index).second)
      return func.emitError("two results are ") << describe(*binding);
    bindings.ofResult.push_back(*index);
  }
  return bindings;
}

BlockArgument Bindings::getOldValue(func::FuncOp func, unsigned result) const {
  for (auto [i, binding] : llvm::enumerate(ofArgument))
    if (binding == ofResult[result])
      return func.getArgument(i);
  return {};
}
