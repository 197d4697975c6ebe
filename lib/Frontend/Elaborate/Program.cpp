//===- Program.cpp - a program of the moe dialect being written -----------===//
#include "lib/Frontend/Elaborate/Program.h"

#include "dialects/moe/IR/MoeDialect.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;

namespace moe::frontend {

static const char *kindName(BindingKind kind) {
  switch (kind) {
  case BindingKind::param: return "param";
  case BindingKind::state: return "state";
  case BindingKind::stream: return "stream";
  case BindingKind::tally: return "tally";
  case BindingKind::opt: return "opt";
  case BindingKind::grad: return "grad";
  case BindingKind::input: return "input";
  case BindingKind::key: return "key";
  case BindingKind::step: return "step";
  case BindingKind::objective: return "objective";
  case BindingKind::loss: return "loss";
  case BindingKind::aux: return "aux";
  case BindingKind::probe: return "probe";
  case BindingKind::logits: return "logits";
  case BindingKind::metric: return "metric";
  case BindingKind::check: return "check";
  }
  return "";
}

DictionaryAttr bindingAttr(MLIRContext *context, BindingKind kind, const std::string &name, const Initializer *init) {
  Builder b(context);
  SmallVector<NamedAttribute> fields{b.getNamedAttr("kind", b.getStringAttr(kindName(kind))),
                                     b.getNamedAttr("name", b.getStringAttr(name))};
  if (init) {
    const char *dist = init->kind == Initializer::Kind::constant ? "constant"
                       : init->kind == Initializer::Kind::normal ? "normal"
                                                                 : "uniform";
    fields.push_back(b.getNamedAttr("init", b.getDictionaryAttr({b.getNamedAttr("dist", b.getStringAttr(dist)),
                                                                 b.getNamedAttr("value", b.getF64FloatAttr(init->value))})));
  }
  return b.getDictionaryAttr(fields);
}

Program::Program(ModuleOp module, Mode mode, const char *name, const Location &place) : mode(mode), place(place) {
  OpBuilder builder = OpBuilder::atBlockEnd(module.getBody());
  function = func::FuncOp::create(builder, module.getLoc(), name, builder.getFunctionType({}, {}));
  function.addEntryBlock();
}

mlir::Value Program::read(BindingKind kind, const std::string &name, Type type, const Initializer *init) {
  Key key{kind, name};
  if (auto it = current.find(key); it != current.end())
    return it->second;
  mlir::Value argument = block().addArgument(type, place);
  argumentAttrs.push_back(bindingAttr(function.getContext(), kind, name, init));
  return current[key] = argument;
}

void Program::freeze(const std::string &name) {
  Builder b(function.getContext());
  auto argument = cast<BlockArgument>(current.at({BindingKind::param, name}));
  mlir::Attribute &attr = argumentAttrs[argument.getArgNumber()];
  SmallVector<NamedAttribute> fields(cast<DictionaryAttr>(attr).getValue());
  fields.push_back(b.getNamedAttr("frozen", b.getUnitAttr()));
  attr = b.getDictionaryAttr(fields);
}

void Program::write(BindingKind kind, const std::string &name, mlir::Value value) {
  Key key{kind, name};
  if (!llvm::is_contained(results, key))
    results.push_back(key);
  current[key] = value;
}

void Program::check(const std::string &name, mlir::Value count, const std::string &message) {
  if (!isChecked)
    return;
  std::string where;
  if (auto file = dyn_cast<FileLineColLoc>(place))
    where = file.getFilename().str() + ":" + std::to_string(file.getLine()) + ":" + std::to_string(file.getColumn());
  checks[name] = {message, where};
  write(BindingKind::check, name, count);
}

/// The binding of a result; a check says what is wrong and where.
DictionaryAttr Program::resultAttr(const Key &key) {
  DictionaryAttr attr = bindingAttr(function.getContext(), key.first, key.second, nullptr);
  auto check = checks.find(key.second);
  if (key.first != BindingKind::check || check == checks.end())
    return attr;
  Builder b(function.getContext());
  SmallVector<NamedAttribute> fields(attr.getValue());
  for (auto [field, text] : {std::pair("message", check->second.first), {"place", check->second.second}})
    if (!text.empty())
      fields.push_back(b.getNamedAttr(field, b.getStringAttr(text)));
  return b.getDictionaryAttr(fields);
}

void Program::finish() {
  OpBuilder builder = OpBuilder::atBlockEnd(&block());
  SmallVector<mlir::Value> values;
  SmallVector<Type> types;
  for (const Key &key : results) {
    values.push_back(current[key]);
    types.push_back(values.back().getType());
  }
  func::ReturnOp::create(builder, function.getLoc(), values);
  function.setFunctionType(builder.getFunctionType(block().getArgumentTypes(), types));
  for (auto [i, attr] : llvm::enumerate(argumentAttrs))
    function.setArgAttr(i, argAttrName, attr);
  for (auto [i, key] : llvm::enumerate(results))
    function.setResultAttr(i, resAttrName, resultAttr(key));
  for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block())))
    if (isOpTriviallyDead(&op))
      op.erase();
}

} // namespace moe::frontend
