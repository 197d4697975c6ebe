//===- Compilation.cpp - one file on its way through the phases -------------===//
#include "lib/Pipelines/Compilation.h"

#include "lib/Frontend/Elaborate/Elaborate.h"
#include "lib/Frontend/Parse.h"
#include "lib/Pipelines/DiagnosticBridge.h"
#include "lib/Conversion/KernelToCPU/KernelToCPU.h"
#include "lib/Pipelines/Pipelines.h"
#include "lib/Pipelines/Registration.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"

#include <chrono>
#include <sstream>

using namespace moe;

static mlir::DialectRegistry getRegistry() {
  mlir::DialectRegistry registry;
  registerAllDialects(registry);
  return registry;
}

Compilation::Compilation(const std::string &fileName, const std::string &text, const CompileOptions &options)
    : options(options), source(sources.add(fileName, text)), context(getRegistry(), mlir::MLIRContext::Threading::DISABLED) {
  context.loadAllAvailableDialects();
  context.printOpOnDiagnostic(false); // the reproducer has all of them
}

Compilation::~Compilation() = default;

bool Compilation::runPhase(Phase phase, llvm::function_ref<bool()> work) {
  auto begin = std::chrono::steady_clock::now();
  DiagnosticBridge bridge(context, source, sink);
  bool done = work() && !sink.hasErrors();
  if (options.onPhase)
    options.onPhase(phase, std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  isBug |= bridge.sawError();
  if (done || sink.hasErrors())
    return done;
  isBug = true;
  sink.error({}, "internal error: the phase '" + std::string(info(phase).name) + "' failed without a message");
  return false;
}

bool Compilation::parse() {
  return runPhase(Phase::ast, [&] {
    file = moe::parse(source, sink).file;
    return file != nullptr;
  });
}

bool Compilation::elaborate(bool f64, std::vector<RuleProgram> *rules) {
  ElaborateOptions elaborateOptions;
  elaborateOptions.f64 = f64;
  elaborateOptions.overrides = options.overrides;
  elaborateOptions.presets = options.presets;
  elaborateOptions.vocabulary = options.vocabulary;
  elaborateOptions.decodeRows = options.decodeRows;
  elaborateOptions.record = options.record;
  return runPhase(Phase::moe, [&] {
    module = moe::elaborate(*file, elaborateOptions, context, sink, rules);
    return module && mlir::succeeded(mlir::verify(*module));
  });
}

static std::string print(mlir::ModuleOp module) {
  std::string text;
  llvm::raw_string_ostream os(text);
  module.print(os, mlir::OpPrintingFlags().enableDebugInfo());
  return text;
}

bool Compilation::runPipeline(Phase phase, llvm::function_ref<void(mlir::OpPassManager &)> build) {
  std::string before = print(*module);
  bool done = runPhase(phase, [&] {
    mlir::PassManager pm(&context);
    pm.enableVerifier(options.verifyEach);
    build(pm);
    return mlir::succeeded(pm.run(*module)) && mlir::succeeded(mlir::verify(*module));
  });
  if (!done)
    reportBug(phase, before);
  return done;
}

bool Compilation::runPasses(Phase last) {
  struct Stage {
    Phase phase;
    void (*build)(mlir::OpPassManager &);
  };
  const Stage stages[] = {{Phase::grad, buildGradPipeline},
                          {Phase::fused, buildFusedPipeline},
                          {Phase::kernels, options.fuse ? [](mlir::OpPassManager &pm) { buildKernelsPipeline(pm); } : buildUnfusedKernelsPipeline}};
  std::optional<int64_t> memory = options.fuse ? getSetting("memory") : std::nullopt;
  for (const Stage &stage : stages) {
    if (stage.phase > last)
      return true;
    if (stage.phase <= reached)
      continue;
    bool done = stage.phase == Phase::kernels && memory ? runKernelsWithin(*memory) : runPipeline(stage.phase, stage.build);
    if (!done)
      return false;
    reached = stage.phase;
  }
  return true;
}

bool Compilation::plan(plan::KernelEmitter emitKernel) {
  std::string before = print(*module);
  bool done = runPhase(Phase::planned, [&] {
    mlir::FailureOr<plan::ModulePlan> planned = plan::planModule(*module, emitKernel);
    if (mlir::failed(planned))
      return false;
    modulePlan = std::move(*planned);
    return true;
  });
  if (!done)
    reportBug(Phase::planned, before);
  return done;
}

/// What an op takes on this machine.
static mlir::FailureOr<plan::KernelUse> describeUse(mlir::Operation *op) {
  mlir::FailureOr<plan::KernelUse> use = plan::nameKernel(op);
  use->workspace = getWorkspace(op, CPUTarget::host());
  return use;
}

bool Compilation::planForHost() { return plan(describeUse); }

std::optional<plan::ModulePlan> Compilation::tryPlan() {
  std::optional<plan::ModulePlan> tried;
  runPhase(Phase::planned, [&] {
    mlir::OwningOpRef<mlir::ModuleOp> copy = module->clone(); // a plan adds copies of results
    mlir::FailureOr<plan::ModulePlan> planned = plan::planModule(*copy, describeUse);
    if (mlir::succeeded(planned))
      tried = std::move(*planned);
    return tried.has_value();
  });
  return tried;
}

std::optional<int64_t> Compilation::getSetting(llvm::StringRef key) {
  auto text = (*module)->getAttrOfType<mlir::StringAttr>("moe.settings");
  llvm::Expected<llvm::json::Value> parsed = llvm::json::parse(text ? text.getValue() : "{}");
  if (!parsed) {
    llvm::consumeError(parsed.takeError());
    return std::nullopt;
  }
  const llvm::json::Object *object = parsed->getAsObject();
  return object ? object->getInteger(key) : std::nullopt;
}

/// Keeps what the failing phase was given, so that the bug can be shown to us without the user's set-up.
void Compilation::reportBug(Phase phase, const std::string &before) {
  int descriptor;
  llvm::SmallString<128> path;
  if (llvm::sys::fs::createTemporaryFile("moec-bug", "mlir", descriptor, path))
    return;
  llvm::raw_fd_ostream os(descriptor, /*shouldClose=*/true);
  os << "// moec failed in the phase '" << info(phase).name << "' of " << llvm::StringRef(source.getName()) << '\n' << before;
  os.close();
  if (os.has_error())
    return os.clear_error();
  reproducer = path.str();
}

static Message toMessage(Message::Severity severity, const SourceRange &range, const std::string &text) {
  Message message;
  message.severity = severity;
  message.text = text;
  if (range.isValid()) {
    message.file = range.file->getName();
    message.line = range.begin.line;
    message.column = range.begin.column;
  }
  return message;
}

void Compilation::report(Diagnostics &diagnostics) {
  if (isBug)
    sink.error({}, "this is a bug in moec" + (reproducer.empty() ? "" : "; what shows it was written to " + reproducer));
  for (const Diagnostic &diagnostic : sink.getSorted()) {
    auto severity = diagnostic.severity == Severity::Error     ? Message::Severity::error
                    : diagnostic.severity == Severity::Warning ? Message::Severity::warning
                                                               : Message::Severity::note;
    Message message = toMessage(severity, diagnostic.range, diagnostic.message);
    for (const Diagnostic::Note &note : diagnostic.notes)
      message.notes.push_back(toMessage(Message::Severity::note, note.range, note.message));
    message.suggestion = diagnostic.suggestion;
    diagnostics.messages.push_back(std::move(message));
  }
  std::ostringstream text;
  RenderOptions renderOptions;
  renderOptions.color = options.color;
  render(sink, text, renderOptions);
  diagnostics.text += text.str();
  diagnostics.failed |= sink.hasErrors();
  diagnostics.bug |= isBug;
  if (!reproducer.empty())
    diagnostics.reproducer = reproducer;
}
