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

std::shared_ptr<CompiledModel> compileModel(const ModelFile &model, bool fuse) {
  CompileOptions options;
  options.presets = model.presets;
  options.overrides = model.overrides;
  options.fuse = fuse;
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
  CompiledMachine(std::shared_ptr<CompiledModel> model, int threads) : compiled(std::move(model)), pool(threads) {
    for (const char *name : {"train", "update", "eval"}) {
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
    if (buffer.binding.type == DType::f32)
      return {buffer.as<float>(), buffer.as<float>() + buffer.elements()};
    return {buffer.as<int32_t>(), buffer.as<int32_t>() + buffer.elements()};
  }

  std::vector<int64_t> shapeOf(BindingKind kind, const std::string &name) override { return find(kind, name).binding.shape; }

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

  std::shared_ptr<CompiledModel> compiled;
  ThreadPool pool;
  BufferStore store;
  std::map<std::string, Runner> runners;
};

} // namespace

std::vector<std::unique_ptr<Machine>> moe::golden::makeCompiledMachines(const ModelFile &model, const std::vector<int> &threads, bool fuse) {
  std::shared_ptr<CompiledModel> compiled = compileModel(model, fuse);
  std::vector<std::unique_ptr<Machine>> machines;
  for (int count : threads)
    machines.push_back(std::make_unique<CompiledMachine>(compiled, count));
  return machines;
}
