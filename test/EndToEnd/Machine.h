//===- Machine.h - something that runs the programs of a model -*- C++ -*-===//
#pragma once

#include "moe/Executable.h"

#include <memory>
#include <string>
#include <vector>

namespace moe::golden {

struct ModelFile {
  std::string path, text;
  std::vector<std::string> presets;
  int64_t vocabulary = 0;
};

/// Buffers by kind and name, and programs on them. A failure is said on standard error and ends the process: this is a test.
class Machine {
public:
  virtual ~Machine() = default;

  /// First values of everything that is not a parameter: streams, state, optimiser state.
  virtual void restart() = 0;
  virtual void write(BindingKind kind, const std::string &name, const std::vector<double> &values) = 0;
  virtual std::vector<double> read(BindingKind kind, const std::string &name) = 0;
  virtual std::vector<std::string> list(BindingKind kind) = 0;
  virtual void run(const std::string &program) = 0;
};

/// In float64, by the reference evaluator.
std::unique_ptr<Machine> makeReferenceMachine(const ModelFile &model);
/// In float32, as in production.
std::unique_ptr<Machine> makeCompiledMachine(const ModelFile &model, int threads);

[[noreturn]] void fail(const std::string &message);

} // namespace moe::golden
