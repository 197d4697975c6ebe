//===- Machine.h - something that runs the programs of a model -*- C++ -*-===//
#pragma once

#include "moe/Executable.h"

#include <memory>
#include <string>
#include <vector>

namespace moe::golden {

struct ModelFile {
  std::string path, text;
  std::vector<std::string> presets, overrides;
  int64_t vocabulary = 0;
};

/// Presets, and overrides, which have a `=`.
ModelFile readModel(const std::string &path, const std::vector<std::string> &choices);

/// What the float64 evaluators are given: the programs of the moe dialect, or those of kernel ops.
enum class Form {
  program64, ///< the moe dialect, elaborated in float64
  program,   ///< the moe dialect, elaborated as for kernels: constants are float32
  unfused,   ///< a kernel op or more for each
  fused,     ///< as in production
  pieces     ///< fused, and with limits so low that what can be sliced or cut into chunks is
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
  virtual std::vector<int64_t> shapeOf(BindingKind kind, const std::string &name) = 0;
  virtual void run(const std::string &program) = 0;
};

/// In float64, by an evaluator.
std::unique_ptr<Machine> makeReferenceMachine(const ModelFile &model, Form form = Form::program64);
/// In float32, as in production or, without `fuse`, a launch for each op; one machine for each number of threads.
std::vector<std::unique_ptr<Machine>> makeCompiledMachines(const ModelFile &model, const std::vector<int> &threads, bool fuse = true);

[[noreturn]] void fail(const std::string &message);

} // namespace moe::golden
