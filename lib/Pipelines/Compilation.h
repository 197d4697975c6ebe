//===- Compilation.h - one file on its way through the phases --*- C++ -*-===//
#pragma once

#include "dialects/kernel/Transforms/Passes.h"
#include "lib/Conversion/Plan/Plan.h"
#include "lib/Frontend/AST.h"
#include "lib/Support/Diagnostics.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/OwningOpRef.h"
#include "moe/Compiler.h"
#include "moe/MemoryPlan.h"

#include "llvm/ADT/STLFunctionalExtras.h"

namespace mlir {
class OpPassManager;
} // namespace mlir

namespace moe {

struct RuleProgram;

/// Owns everything that one run of the compiler needs. The phases are run in order; each gives false after an error, which is
/// then in the diagnostics.
class Compilation {
public:
  Compilation(const std::string &fileName, const std::string &source, const CompileOptions &options);
  ~Compilation();

  bool parse();     ///< to Phase::ast
  /// To Phase::moe; with `rules`, the momentum rules too. With `f64` floating tensors are f64: for the reference evaluator, not for the phases after it.
  bool elaborate(bool f64 = false, std::vector<RuleProgram> *rules = nullptr);
  /// Runs the pass phases up to and including `last` (grad, fused or kernels); needs the module.
  bool runPasses(Phase last);
  /// To Phase::planned, with kernels named and their code written by `emitKernel`.
  bool plan(plan::KernelEmitter emitKernel);
  /// The same without code, as this machine would run it.
  bool planForHost();
  /// What training takes by a plan of this program.
  MemoryPlan planMemory(const plan::ModulePlan &plan);
  /// A number of the settings; nothing when they do not have it.
  std::optional<int64_t> getSetting(llvm::StringRef key);

  /// Runs `work` as `phase`: timed, with MLIR's errors collected. An error without a message still fails with one.
  bool runPhase(Phase phase, llvm::function_ref<bool()> work);

  /// Hands over all messages.
  void report(Diagnostics &diagnostics);

  mlir::MLIRContext &getContext() { return context; }
  DiagnosticSink &getSink() { return sink; }
  const ast::File &getFile() const { return *file; }
  mlir::ModuleOp getModule() { return *module; }
  const plan::ModulePlan &getPlan() const { return modulePlan; }
  plan::ModulePlan takePlan() { return std::move(modulePlan); }

private:
  bool runPipeline(Phase phase, llvm::function_ref<void(mlir::OpPassManager &)> build);
  // FitMemory.cpp: the kernels phase under a limit of memory.
  bool runKernelsWithin(int64_t limit);
  bool recomputeWithin(int64_t limit, bool withProducts, std::optional<plan::ModulePlan> &smallest, bool &fits);
  std::optional<plan::ModulePlan> tryPlan();
  void reportTooLarge(int64_t limit, const plan::ModulePlan &smallest);
  void reportBug(Phase phase, const std::string &before);

  CompileOptions options;
  SourceManager sources;
  const SourceFile &source;
  DiagnosticSink sink;
  std::unique_ptr<ast::File> file;
  mlir::MLIRContext context;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  Phase reached = Phase::moe; ///< of `module`
  plan::ModulePlan modulePlan;
  bool isBug = false;
  std::string reproducer;
};

} // namespace moe
