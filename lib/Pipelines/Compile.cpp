//===- Compile.cpp - to code that runs in this process, or to text ----------===//
#include "lib/Frontend/AST.h"
#include "lib/JIT/CodeGen.h"
#include "lib/JIT/LoadedCode.h"
#include "lib/Pipelines/Compilation.h"
#include "lib/Pipelines/CompileCache.h"
#include "lib/Pipelines/Tune.h"
#include "llvm/Support/raw_ostream.h"

#include <sstream>

using namespace moe;

namespace {

class LoadedModel : public CompiledModel {
public:
  /// Links the code of `file` and takes its schedule.
  static Status load(ExecutableFile file, bool fromCache, std::unique_ptr<CompiledModel> &model) {
    auto loaded = std::make_unique<LoadedModel>();
    if (Status status = LoadedCode::load(file.object, loaded->code); !status)
      return status;
    if (Status status = loaded->code->resolve(file.executable); !status)
      return status;
    loaded->program = std::move(file.executable);
    loaded->cached = fromCache;
    model = std::move(loaded);
    return Status::success();
  }

private:
  std::unique_ptr<LoadedCode> code;
};

void fail(Diagnostics &diagnostics, const std::string &text, bool isBug) {
  diagnostics.messages.push_back({Message::Severity::error, "", 0, 0, text, {}, ""});
  diagnostics.text += "error: " + text + "\n";
  diagnostics.failed = true;
  diagnostics.bug |= isBug;
}

bool checkTarget(const CompileOptions &options, Diagnostics &diagnostics) {
  if (options.target == "cpu")
    return true;
  fail(diagnostics, "unknown target '" + options.target + "': this build knows cpu", /*isBug=*/false);
  return false;
}

/// A compilation on its way to machine code.
class CodeCompilation {
public:
  CodeCompilation(const std::string &fileName, const std::string &source, const CompileOptions &options, const CPUTarget &target)
      : compilation(fileName, source, options), target(target) {}

  /// Plans the programs and writes their kernels into a module of their own.
  bool emitKernels() {
    mlir::OpBuilder builder(&compilation.getContext());
    code = mlir::ModuleOp::create(builder.getUnknownLoc());
    KernelCache kernels;
    return compilation.plan([&](mlir::Operation *op) -> mlir::FailureOr<plan::KernelUse> {
      mlir::FailureOr<CPUKernel> kernel = emitKernel(op, target, kernels, *code);
      if (mlir::failed(kernel))
        return mlir::failure();
      return plan::KernelUse{kernel->symbol, kernel->blocks, kernel->workspace};
    });
  }

  bool generate(Phase phase, CodeForm form, std::string &result) {
    return compilation.runPhase(phase, [&] {
      mlir::FailureOr<std::string> generated = generateCode(*code, target, form);
      if (mlir::succeeded(generated))
        result = std::move(*generated);
      return mlir::succeeded(generated);
    });
  }

  bool run(Phase phase, CodeForm form, std::string &result) {
    return compilation.parse() && compilation.elaborate() && compilation.runPasses(Phase::kernels) && emitKernels() &&
           generate(phase, form, result);
  }

  Compilation compilation;

private:
  const CPUTarget &target;
  mlir::OwningOpRef<mlir::ModuleOp> code;
};

/// The executable and its object code, compiled.
std::optional<ExecutableFile> build(const std::string &fileName, const std::string &source, const CompileOptions &options,
                                    const CPUTarget &target, Diagnostics &diagnostics) {
  CodeCompilation work(fileName, source, options, target);
  ExecutableFile file;
  bool done = work.run(Phase::object, CodeForm::object, file.object);
  work.compilation.report(diagnostics);
  if (!done)
    return std::nullopt;
  file.executable = work.compilation.takePlan().toExecutable();
  file.executable.code = target.describe();
  return file;
}

std::string printModule(mlir::ModuleOp module) {
  std::string text;
  llvm::raw_string_ostream os(text);
  module.print(os);
  return text + "\n";
}

/// The phases that have a text of their own before there is code.
std::optional<std::string> emitText(const std::string &fileName, const std::string &source, const CompileOptions &options, Phase phase,
                                    Diagnostics &diagnostics) {
  Compilation compilation(fileName, source, options);
  std::optional<std::string> text;
  if (compilation.parse()) {
    if (phase == Phase::ast) {
      std::ostringstream os;
      ast::print(compilation.getFile(), os);
      text = os.str();
    } else if (compilation.elaborate() && compilation.runPasses(std::min(phase, Phase::kernels))) {
      if (phase != Phase::planned) {
        text = printModule(compilation.getModule());
      } else if (compilation.planForHost()) {
        llvm::raw_string_ostream os(text.emplace());
        plan::print(compilation.getPlan(), os);
      }
    }
  }
  compilation.report(diagnostics);
  return diagnostics.failed ? std::nullopt : text;
}

} // namespace

std::unique_ptr<CompiledModel> moe::compile(const std::string &fileName, const std::string &source, const CompileOptions &options,
                                            Diagnostics &diagnostics) {
  if (!checkTarget(options, diagnostics))
    return nullptr;
  CPUTarget target = getTunedHost(options);
  CompileCache cache(fileName, source, options, target);
  std::unique_ptr<CompiledModel> model;
  if (std::optional<ExecutableFile> cached = cache.load())
    if (LoadedModel::load(std::move(*cached), /*fromCache=*/true, model).ok())
      return model;
  std::optional<ExecutableFile> file = build(fileName, source, options, target, diagnostics);
  if (!file)
    return nullptr;
  cache.store(*file);
  if (Status status = LoadedModel::load(std::move(*file), /*fromCache=*/false, model); !status)
    fail(diagnostics, "internal error: " + status.error, /*isBug=*/true);
  return model;
}

std::optional<std::string> moe::emit(const std::string &fileName, const std::string &source, const CompileOptions &options, Phase phase,
                                     Diagnostics &diagnostics) {
  if (!checkTarget(options, diagnostics))
    return std::nullopt;
  if (phase <= Phase::planned)
    return emitText(fileName, source, options, phase, diagnostics);
  CPUTarget target = getTunedHost(options);
  if (phase == Phase::binary) {
    std::optional<ExecutableFile> file = build(fileName, source, options, target, diagnostics);
    return file ? std::optional(serialize(*file)) : std::nullopt;
  }
  CodeForm form = phase == Phase::llvm ? CodeForm::llvm : phase == Phase::assembly ? CodeForm::assembly : CodeForm::object;
  CodeCompilation work(fileName, source, options, target);
  std::string text;
  bool done = work.run(phase, form, text);
  work.compilation.report(diagnostics);
  return done ? std::optional(text) : std::nullopt;
}
