//===- Inspect.cpp - what a model costs -------------------------------------===//
#include "dialects/moe/IR/MoeDialect.h"
#include "lib/Pipelines/Compilation.h"
#include "lib/Pipelines/LiveTensors.h"

#include <set>

using namespace moe;

/// Multiplications and additions of one op; everything but products is left out, as in the papers' counts.
static double countFlop(mlir::Operation *op) {
  if (auto contract = mlir::dyn_cast<ContractOp>(op)) {
    double points = 2;
    for (int64_t extent : contract.getExtents())
      points *= extent;
    return contract.getXs().size() == 2 ? points : 0;
  }
  auto matrixFlop = [](mlir::Value rows, mlir::Value matrices) {
    auto matrix = mlir::cast<mlir::RankedTensorType>(matrices.getType());
    double rowCount = mlir::cast<mlir::RankedTensorType>(rows.getType()).getDimSize(0);
    return 2 * rowCount * matrix.getDimSize(1) * matrix.getDimSize(2);
  };
  if (auto matmul = mlir::dyn_cast<GroupedMatmulOp>(op))
    return matrixFlop(matmul.getX(), matmul.getW());
  if (auto outer = mlir::dyn_cast<GroupedOuterOp>(op))
    return matrixFlop(outer.getA(), outer.getW());
  return 0;
}

/// Tokens that one run of a program reads: the elements of its `tokens`.
static int64_t countTokens(const Program &program) {
  for (const Binding &binding : program.bindings)
    if (binding.kind == BindingKind::input && binding.name == "tokens")
      return binding.elements();
  return 1;
}

static double countFlop(mlir::ModuleOp module, llvm::StringRef function) {
  double flop = 0;
  if (auto func = module.lookupSymbol<mlir::func::FuncOp>(function))
    func.walk([&](mlir::Operation *op) { flop += countFlop(op); });
  return flop;
}

/// A parameter without a gradient is frozen.
static void findFrozen(const plan::ModulePlan &plan, ModelInfo &info) {
  std::set<std::string> trained;
  for (const plan::PlannedProgram &planned : plan.programs)
    for (const Binding &binding : planned.program.bindings)
      if (binding.kind == BindingKind::grad)
        trained.insert(binding.name);
  for (ModelInfo::Parameter &parameter : info.parameters)
    parameter.isFrozen = !trained.count(parameter.name);
}

static void addParameters(const plan::ModulePlan &plan, ModelInfo &info) {
  std::set<std::string> seen; // programs share buffers
  for (const plan::PlannedProgram &planned : plan.programs)
    for (const Binding &binding : planned.program.bindings)
      if (binding.kind == BindingKind::param && seen.insert(binding.name).second) {
        info.parameters.push_back({binding.name, binding.shape, binding.elements()});
        info.totalParameters += binding.elements();
      }
}

static void addMemory(const MemoryPlan &memory, ModelInfo &info) {
  info.parameterBytes = memory.parameters;
  info.optimizerBytes = memory.optimizer;
  info.gradientBytes = memory.gradients;
  info.stateBytes = memory.state;
  info.snapshotBytes = memory.snapshot;
  info.otherArenaBytes = memory.arena - info.arenaBytes;
  info.trainingBytes = memory.total();
}

std::optional<ModelInfo> moe::inspect(const std::string &fileName, const std::string &source, const CompileOptions &options,
                                      Diagnostics &diagnostics) {
  Compilation compilation(fileName, source, options);
  ModelInfo info;
  double trainFlop = 0, forwardFlop = 0;
  bool done = compilation.parse() && compilation.elaborate() && compilation.runPasses(Phase::fused);
  if (done) {
    trainFlop = countFlop(compilation.getModule(), "train");
    forwardFlop = countFlop(compilation.getModule(), "eval");
    done = compilation.runPasses(Phase::kernels) && compilation.planForHost();
  }
  compilation.report(diagnostics);
  if (!done)
    return std::nullopt;

  const plan::ModulePlan &plan = compilation.getPlan();
  info.settings = plan.settings;
  addParameters(plan, info);
  findFrozen(plan, info);
  for (const plan::PlannedProgram &planned : plan.programs) {
    if (planned.program.name == "eval")
      info.forwardFlopPerToken = forwardFlop / countTokens(planned.program);
    if (planned.program.name != "train")
      continue;
    info.trainFlopPerToken = trainFlop / countTokens(planned.program);
    info.arenaBytes = planned.program.temporaryBytes();
    info.alive = getLiveAtPeak(planned);
  }
  addMemory(compilation.planMemory(plan), info);
  return info;
}
