//===- CompiledMachine.cpp - programs compiled as in production -------------===//
#include "Machine.h"

#include "moe/Compiler.h"
#include "moe/Runtime.h"

#include <iostream>

using namespace moe;
using namespace moe::golden;

namespace {

void check(const Status &status) {
  if (!status)
    fail(status.error);
}

std::unique_ptr<CompiledModel> compileModel(const ModelFile &model) {
  CompileOptions options;
  options.presets = model.presets;
  options.vocabulary = model.vocabulary;
  Diagnostics diagnostics;
  auto compiled = compile(model.path, model.text, options, diagnostics);
  std::cerr << diagnostics.text;
  if (!compiled)
    fail("the model does not compile");
  return compiled;
}

class CompiledMachine : public Machine {
public:
  CompiledMachine(const ModelFile &model, int threads) : compiled(compileModel(model)), pool(threads) {
    for (const char *name : {"train", "update"}) {
      const Program *program = compiled->executable().find(name);
      if (!program)
        fail(std::string("no program @") + name);
      check(store.addShared(*program));
      check(store.addLocal(*program));
      runners.emplace(name, Runner(compiled->executable(), *program, pool));
    }
    for (auto &[name, runner] : runners)
      check(runner.bind({&store}));
  }

  void restart() override {
    for (BindingKind kind : {BindingKind::state, BindingKind::stream, BindingKind::opt, BindingKind::tally, BindingKind::grad})
      for (Buffer *buffer : store.all(kind))
        initialize(*buffer, 0);
  }

  void write(BindingKind kind, const std::string &name, const std::vector<double> &values) override {
    Buffer &buffer = find(kind, name);
    if (buffer.elements() != static_cast<int64_t>(values.size()))
      fail(name + " has " + std::to_string(buffer.elements()) + " elements, not " + std::to_string(values.size()));
    if (buffer.binding.type == DType::f32)
      std::copy(values.begin(), values.end(), buffer.as<float>());
    else
      std::copy(values.begin(), values.end(), buffer.as<int32_t>());
  }

  std::vector<double> read(BindingKind kind, const std::string &name) override {
    Buffer &buffer = find(kind, name);
    return {buffer.as<float>(), buffer.as<float>() + buffer.elements()};
  }

  std::vector<std::string> list(BindingKind kind) override {
    std::vector<std::string> names;
    for (Buffer *buffer : store.all(kind))
      names.push_back(buffer->binding.name);
    return names;
  }

  void run(const std::string &program) override { check(runners.at(program).run()); }

private:
  Buffer &find(BindingKind kind, const std::string &name) {
    Buffer *buffer = store.find(kind, name);
    if (!buffer)
      fail(std::string("no ") + toString(kind) + " " + name);
    return *buffer;
  }

  std::unique_ptr<CompiledModel> compiled;
  ThreadPool pool;
  BufferStore store;
  std::map<std::string, Runner> runners;
};

} // namespace

std::unique_ptr<Machine> moe::golden::makeCompiledMachine(const ModelFile &model, int threads) {
  return std::make_unique<CompiledMachine>(model, threads);
}
