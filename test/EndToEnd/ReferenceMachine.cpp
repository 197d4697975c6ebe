//===- ReferenceMachine.cpp - programs on the reference evaluator -----------===//
#include "Machine.h"

#include "dialects/moe/IR/MoeDialect.h"
#include "dialects/moe/Reference/Reference.h"
#include "lib/Frontend/Elaborate/Elaborate.h"
#include "lib/Frontend/Parse.h"
#include "lib/Pipelines/Pipelines.h"
#include "lib/Pipelines/Registration.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Pass/PassManager.h"

#include <iostream>
#include <map>

using namespace mlir;
using namespace moe;
using namespace moe::golden;

namespace {

DialectRegistry getRegistry() {
  DialectRegistry registry;
  registerAllDialects(registry);
  return registry;
}

std::string field(DictionaryAttr binding, StringRef name) { return binding.getAs<StringAttr>(name).str(); }

class ReferenceMachine : public Machine {
public:
  explicit ReferenceMachine(const ModelFile &model) : context(getRegistry(), MLIRContext::Threading::DISABLED) {
    context.loadAllAvailableDialects();
    elaborateModel(model);
    PassManager pm(&context);
    buildGradPipeline(pm);
    buildFusedPipeline(pm);
    if (failed(pm.run(*module)))
      fail("the passes failed");
    for (auto function : module->getOps<func::FuncOp>())
      addBuffers(function);
  }

  void restart() override {
    for (auto &[key, buffer] : buffers)
      if (key.first != "param")
        llvm::fill(buffer.value.data, buffer.first);
  }

  void write(BindingKind kind, const std::string &name, const std::vector<double> &values) override {
    reference::Value &value = find(kind, name).value;
    if (value.data.size() != values.size())
      fail(name + " has " + std::to_string(value.data.size()) + " elements, not " + std::to_string(values.size()));
    value.data = values;
  }

  std::vector<double> read(BindingKind kind, const std::string &name) override { return find(kind, name).value.data; }

  std::vector<std::string> list(BindingKind kind) override {
    std::vector<std::string> names;
    for (auto &[key, buffer] : buffers)
      if (key.first == toString(kind))
        names.push_back(key.second);
    return names;
  }

  void run(const std::string &program) override {
    auto function = module->lookupSymbol<func::FuncOp>(program);
    if (!function)
      fail("no program @" + program);
    SmallVector<reference::Value> arguments;
    for (unsigned i = 0; i < function.getNumArguments(); ++i)
      arguments.push_back(buffers.at(keyOf(function.getArgAttrOfType<DictionaryAttr>(i, argAttrName))).value);
    auto results = reference::evaluate(function, arguments);
    if (failed(results))
      fail("@" + program + " failed");
    for (auto [i, result] : llvm::enumerate(*results)) {
      Key key = keyOf(function.getResultAttrOfType<DictionaryAttr>(i, resAttrName));
      if (key.first == "check" && result.data[0] != 0)
        fail("the check " + key.second + " does not hold");
      buffers.at(key).value = std::move(result);
    }
  }

private:
  using Key = std::pair<std::string, std::string>;
  struct Buffer {
    reference::Value value;
    double first = 0;
  };

  static Key keyOf(DictionaryAttr binding) { return {field(binding, "kind"), field(binding, "name")}; }

  void elaborateModel(const ModelFile &model) {
    SourceManager sources;
    DiagnosticSink sink;
    auto parsed = parse(sources.add(model.path, model.text), sink);
    ElaborateOptions options;
    options.presets = model.presets;
    options.vocabulary = model.vocabulary;
    options.f64 = true;
    if (parsed.file && !sink.hasErrors())
      module = elaborate(*parsed.file, options, context, sink);
    render(sink, std::cerr);
    if (!module || failed(verify(*module)))
      fail("the model does not elaborate");
  }

  void addBuffers(func::FuncOp function) {
    auto add = [&](DictionaryAttr binding, Type type) {
      Buffer &buffer = buffers[keyOf(binding)];
      if (!buffer.value.data.empty())
        return;
      buffer.value = reference::Value::zeros(cast<RankedTensorType>(type).getShape().vec());
      if (auto init = binding.getAs<DictionaryAttr>("init"); init && field(init, "dist") == "constant")
        buffer.first = init.getAs<FloatAttr>("value").getValueAsDouble();
    };
    for (unsigned i = 0; i < function.getNumArguments(); ++i)
      add(function.getArgAttrOfType<DictionaryAttr>(i, argAttrName), function.getArgumentTypes()[i]);
    for (unsigned i = 0; i < function.getNumResults(); ++i)
      add(function.getResultAttrOfType<DictionaryAttr>(i, resAttrName), function.getResultTypes()[i]);
  }

  Buffer &find(BindingKind kind, const std::string &name) {
    auto found = buffers.find({toString(kind), name});
    if (found == buffers.end())
      fail(std::string("no ") + toString(kind) + " " + name);
    return found->second;
  }

  MLIRContext context;
  OwningOpRef<ModuleOp> module;
  std::map<Key, Buffer> buffers;
};

} // namespace

std::unique_ptr<Machine> moe::golden::makeReferenceMachine(const ModelFile &model) { return std::make_unique<ReferenceMachine>(model); }
