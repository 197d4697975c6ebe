//===- FitMemory.cpp - the kernels phase under a limit of memory ------------===//
#include "dialects/kernel/Transforms/Passes.h"
#include "lib/Pipelines/Compilation.h"
#include "lib/Pipelines/DiagnosticBridge.h"
#include "lib/Pipelines/LiveTensors.h"
#include "lib/Pipelines/Pipelines.h"
#include "lib/Support/Bytes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/Pass.h"
#include "mlir/Pass/PassManager.h"

using namespace moe;

namespace {

/// How a program is made smaller.
struct Effort {
  PieceLimits limits;
  bool withProducts = false; ///< are computed again, too
};

constexpr int64_t mebi = int64_t(1) << 20;
/// The first that fits is taken: each costs more time than the one before.
constexpr Effort efforts[] = {{},
                              {{4 * mebi, 16 * mebi, 16 * mebi}},
                              {{4 * mebi, 8 * mebi, 8 * mebi}},
                              {{1 * mebi, 4 * mebi, 4 * mebi}},
                              {{1 * mebi, 4 * mebi, 4 * mebi}, true},
                              {{1 * mebi, 1 * mebi, 1 * mebi}, true}};

/// The pass counts tensors, a plan places them and adds what launches need while they run: the pass is told to save the difference, too, so many times.
constexpr int mostRounds = 6;

} // namespace

MemoryPlan Compilation::planMemory(const plan::ModulePlan &plan) {
  std::vector<const Program *> programs;
  for (const plan::PlannedProgram &planned : plan.programs)
    programs.push_back(&planned.program);
  return moe::planMemory(programs, getSetting("micro_batches").value_or(1), getSetting("eval_every").value_or(0) > 0);
}

static const plan::PlannedProgram *findTrain(const plan::ModulePlan &plan) {
  auto found = llvm::find_if(plan.programs, [](const plan::PlannedProgram &planned) { return planned.program.name == "train"; });
  return found == plan.programs.end() ? nullptr : &*found;
}

/// Computes more and more again until the plan fits. False after an error; else `fits` says whether it came to that.
bool Compilation::recomputeWithin(int64_t limit, bool withProducts, std::optional<plan::ModulePlan> &smallest, bool &fits) {
  std::optional<int64_t> alive; // what the pass was told that may be
  for (int round = 0; round < mostRounds; ++round) {
    std::optional<plan::ModulePlan> plan = tryPlan();
    const plan::PlannedProgram *train = plan ? findTrain(*plan) : nullptr;
    if (!train)
      return false;
    int64_t total = planMemory(*plan).total(), tooMuch = total - limit;
    alive = std::max<int64_t>(0, alive.value_or(train->program.arenaBytes) - tooMuch);
    if (!smallest || total < planMemory(*smallest).total())
      smallest = std::move(plan);
    fits = tooMuch <= 0;
    if (fits)
      return true;
    if (!runPipeline(Phase::kernels, [&](mlir::OpPassManager &pm) {
          pm.addNestedPass<mlir::func::FuncOp>(kernel::createRecomputePass(*alive, withProducts));
        }))
      return false;
  }
  return true;
}

bool Compilation::runKernelsWithin(int64_t limit) {
  mlir::OwningOpRef<mlir::ModuleOp> fused = module->clone();
  std::optional<plan::ModulePlan> smallest;
  for (const Effort &effort : efforts) {
    bool fits = false;
    module = fused->clone();
    if (!runPipeline(Phase::kernels, [&](mlir::OpPassManager &pm) { buildKernelsPipeline(pm, effort.limits); }) ||
        !recomputeWithin(limit, effort.withProducts, smallest, fits))
      return false;
    if (fits)
      return true;
  }
  reportTooLarge(limit, *smallest);
  return false;
}

/// Where the file says the limit; unknown when the command line does.
static SourceRange findLimit(const ast::File &file, const CompileOptions &options) {
  if (!options.presets.empty() || llvm::any_of(options.overrides, [](const std::string &text) { return llvm::StringRef(text).contains("memory"); }))
    return {};
  for (const ast::Settings &block : file.trainBlocks)
    for (const ast::Setting &setting : block.settings)
      if (setting.path.size() == 1 && setting.path[0].text == "memory")
        return setting.value->range;
  return {};
}

void Compilation::reportTooLarge(int64_t limit, const plan::ModulePlan &smallest) {
  constexpr size_t mostLines = 5;
  MemoryPlan memory = planMemory(smallest);
  std::string uses;
  for (auto [name, bytes] : {std::pair("activations", memory.arena), {"parameters", memory.parameters}, {"gradients", memory.gradients},
                             {"optimizer", memory.optimizer}, {"state", memory.state}, {"the copy of the step before", memory.snapshot}})
    uses += (uses.empty() ? "" : ", ") + std::string(name) + " " + formatBytes(bytes);
  Diagnostic &error = sink.error(findLimit(*file, options), "train.memory is " + formatBytes(limit) + ", but training takes " + formatBytes(memory.total()) +
                                                                " when everything that can be is computed again (" + uses + ")");
  std::vector<ModelInfo::LiveTensors> alive = getLiveAtPeak(*findTrain(smallest));
  for (const ModelInfo::LiveTensors &tensors : llvm::ArrayRef(alive).take_front(mostLines)) {
    std::string what = formatBytes(tensors.bytes) + " in " + std::to_string(tensors.count) + (tensors.count == 1 ? " tensor" : " tensors") +
                       " where activations are most";
    if (tensors.file == source.getName())
      error.note(getRange(tensors.line, 1, source), what);
    else
      error.note({}, (tensors.file.empty() ? "elsewhere" : tensors.file + ":" + std::to_string(tensors.line)) + ": " + what);
  }
  error.suggest("a smaller train.batch or train.context or more train.micro_batches need less");
}
