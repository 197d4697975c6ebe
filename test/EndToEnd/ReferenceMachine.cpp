//===- ReferenceMachine.cpp - programs on the reference evaluator -----------===//
#include "Machine.h"

#include "dialects/kernel/Reference/Evaluate.h"
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

void buildPipeline(OpPassManager &pm, Form form) {
  buildGradPipeline(pm);
  buildFusedPipeline(pm);
  if (form == Form::unfused)
    buildUnfusedKernelsPipeline(pm);
  else if (form == Form::fused)
    buildKernelsPipeline(pm);
  else if (form == Form::pieces)
    buildKernelsPipeline(pm, {/*sliced=*/256, /*whole=*/1024, /*chunk=*/512});
}

/// A tensor of a program in row-major order.
struct Tensor {
  std::vector<int64_t> shape;
  std::vector<double> data;
};

/// One function of kernel ops or of the moe dialect.
std::vector<std::vector<double>> evaluateFunction(func::FuncOp function, ArrayRef<const Tensor *> arguments, bool isKernels) {
  std::vector<std::vector<double>> results;
  auto evaluateBy = [&](auto make, auto evaluate) {
    auto values = evaluate(function, llvm::map_to_vector(arguments, make));
    if (failed(values))
      fail("@" + function.getName().str() + " failed");
    for (auto &value : *values)
      results.push_back(std::move(value.data));
  };
  if (isKernels)
    evaluateBy(
        [](const Tensor *tensor) {
          kernel::Array array(tensor->shape);
          array.data = tensor->data;
          return array;
        },
        [](auto... given) { return kernel::evaluate(given...); });
  else
    evaluateBy(
        [](const Tensor *tensor) {
          return reference::Value{tensor->shape, tensor->data, {}};
        },
        [](auto... given) { return reference::evaluate(given...); });
  return results;
}

class ReferenceMachine : public Machine {
public:
  ReferenceMachine(const ModelFile &model, Form form) : context(getRegistry(), MLIRContext::Threading::DISABLED), form(form) {
    context.loadAllAvailableDialects();
    elaborateModel(model);
    PassManager pm(&context);
    buildPipeline(pm, form);
    if (failed(pm.run(*module)))
      fail("the passes failed");
    for (auto function : module->getOps<func::FuncOp>())
      addBuffers(function);
  }

  void restart() override {
    for (auto &[key, buffer] : buffers)
      if (key.first != "param")
        llvm::fill(buffer.tensor.data, buffer.first);
  }

  void write(BindingKind kind, const std::string &name, const std::vector<double> &values) override {
    std::vector<double> &data = find(kind, name).tensor.data;
    if (data.size() != values.size())
      fail(name + " has " + std::to_string(data.size()) + " elements, not " + std::to_string(values.size()));
    data = values;
  }

  std::vector<double> read(BindingKind kind, const std::string &name) override { return find(kind, name).tensor.data; }
  std::vector<int64_t> shapeOf(BindingKind kind, const std::string &name) override { return find(kind, name).tensor.shape; }

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
    SmallVector<const Tensor *> arguments;
    for (unsigned i = 0; i < function.getNumArguments(); ++i)
      arguments.push_back(&buffers.at(keyOf(function.getArgAttrOfType<DictionaryAttr>(i, argAttrName))).tensor);
    std::vector<std::vector<double>> results = evaluateFunction(function, arguments, form >= Form::unfused);
    for (auto [i, result] : llvm::enumerate(results)) {
      Key key = keyOf(function.getResultAttrOfType<DictionaryAttr>(i, resAttrName));
      if (key.first == "check" && result[0] != 0)
        fail("the check " + key.second + " does not hold");
      buffers.at(key).tensor.data = std::move(result);
    }
  }

private:
  using Key = std::pair<std::string, std::string>;
  struct Buffer {
    Tensor tensor;
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
    options.overrides = model.overrides;
    options.f64 = form == Form::program64;
    if (parsed.file && !sink.hasErrors())
      module = elaborate(*parsed.file, options, context, sink);
    render(sink, std::cerr);
    if (!module || failed(verify(*module)))
      fail("the model does not elaborate");
  }

  void addBuffers(func::FuncOp function) {
    auto add = [&](DictionaryAttr binding, Type type) {
      Buffer &buffer = buffers[keyOf(binding)];
      if (!buffer.tensor.data.empty())
        return;
      buffer.tensor = {cast<RankedTensorType>(type).getShape().vec(), std::vector<double>(cast<RankedTensorType>(type).getNumElements())};
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
  Form form;
  OwningOpRef<ModuleOp> module;
  std::map<Key, Buffer> buffers;
};

} // namespace

std::unique_ptr<Machine> moe::golden::makeReferenceMachine(const ModelFile &model, Form form) { return std::make_unique<ReferenceMachine>(model, form); }
