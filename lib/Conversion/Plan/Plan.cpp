//===- Plan.cpp - from kernel ops to launch schedules -----------------------===//
#include "lib/Conversion/Plan/Plan.h"

#include "dialects/kernel/IR/Aliasing.h"
#include "dialects/kernel/IR/ArenaResults.h"
#include "lib/Conversion/Plan/ConstantPool.h"
#include "lib/Conversion/Plan/Flop.h"
#include "lib/Conversion/Plan/LocationText.h"
#include "lib/Conversion/Plan/RoutedTensors.h"
#include "lib/Conversion/Plan/SettleResults.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace moe;
using namespace moe::kernel;
using namespace moe::plan;

namespace {

DType toDType(Type element) {
  return element.isF32() ? DType::f32 : element.isBF16() ? DType::bf16 : element.isInteger(1) ? DType::i1 : DType::i32;
}

/// The types of all arguments, each once.
class TypeTable {
public:
  explicit TypeTable(std::vector<moe::TensorType> &types) : types(types) {}

  uint32_t add(Type type) {
    auto [it, isNew] = index.try_emplace(type, types.size());
    if (isNew) {
      auto tensor = cast<RankedTensorType>(type);
      types.push_back({toDType(tensor.getElementType()), tensor.getShape().vec()});
    }
    return it->second;
  }

private:
  std::vector<moe::TensorType> &types;
  llvm::DenseMap<Type, uint32_t> index;
};

/// Plans one function.
class Planner {
public:
  Planner(func::FuncOp func, const Bindings &bindings, ConstantPool &constants, TypeTable &types)
      : func(func), bindings(bindings), constants(constants), types(types), routed(func.getBody().front()) {}

  LogicalResult run(KernelEmitter emitKernel, llvm::StringMap<uint32_t> &kernelIndex, std::vector<Kernel> &kernels);

  PlannedProgram planned;

private:
  void placeResults();
  void settleArenaResults();
  void placeInArena(OpResult result, int64_t index);
  size_t addBuffer(int64_t bytes, int64_t first, int64_t last, Location loc);
  std::optional<size_t> findDyingOperand(OpResult result, int64_t index) const;
  BufferRef getRef(Value value);
  ArgumentInfo getInfo(Value value);
  Launch describe(Operation *op);

  func::FuncOp func;
  const Bindings &bindings;
  ConstantPool &constants;
  TypeTable &types;
  RoutedTensors routed;
  llvm::DenseMap<Value, int32_t> routings;  ///< by their offsets
  SmallVector<Operation *> launches;
  DenseMap<Value, int64_t> lastUse;      ///< of roots: the last launch that reads them
  DenseMap<Value, uint32_t> bindingOf;   ///< roots that lie in a binding
  DenseMap<Value, size_t> bufferOf;      ///< roots that lie in the arena
  DenseMap<Operation *, size_t> workspaceOf; ///< of launches that need one
};

/// Arguments lie in their bindings from the start; settled results are written there by the op that computes them. What lies in the arena lives to the end.
void Planner::placeResults() {
  for (auto [argument, binding] : llvm::zip_equal(func.getArguments(), bindings.ofArgument))
    bindingOf[argument] = binding;
  Operation *ret = func.getBody().front().getTerminator();
  for (auto [number, value] : llvm::enumerate(ret->getOperands()))
    if (liesInArena(func, number))
      lastUse[getRoot(value)] = launches.size() - 1;
    else
      bindingOf.try_emplace(getRoot(value), bindings.ofResult[number]);
}

/// Says where the results are that lie in the arena, once it is laid out.
void Planner::settleArenaResults() {
  Operation *ret = func.getBody().front().getTerminator();
  for (auto [number, value] : llvm::enumerate(ret->getOperands()))
    if (liesInArena(func, number))
      planned.program.bindings[bindings.ofResult[number]].arenaOffset = planned.buffers[bufferOf.at(getRoot(value))].offset;
}

/// An operand in the arena that `result` may lie on: this launch is the last to read it.
std::optional<size_t> Planner::findDyingOperand(OpResult result, int64_t index) const {
  for (Value operand : result.getOwner()->getOperands()) {
    Value root = getRoot(operand);
    auto it = bufferOf.find(root);
    if (it != bufferOf.end() && lastUse.lookup(root) == index && planned.buffers[it->second].last == index &&
        planned.buffers[it->second].bytes == getByteSize(result.getType()) && mayOverwrite(result, root))
      return it->second;
  }
  return std::nullopt;
}

void Planner::placeInArena(OpResult result, int64_t index) {
  // A result that nobody reads still needs room while it is written.
  int64_t last = std::max(index, lastUse.lookup(result));
  std::optional<size_t> reused = last > index ? findDyingOperand(result, index) : std::nullopt;
  if (reused) {
    planned.buffers[*reused].last = last;
    bufferOf[result] = *reused;
    return;
  }
  bufferOf[result] = addBuffer(getByteSize(result.getType()), index, last, result.getLoc());
}

size_t Planner::addBuffer(int64_t bytes, int64_t first, int64_t last, Location loc) {
  planned.buffers.push_back({bytes, first, last, 0});
  planned.locations.push_back(getLocationText(loc));
  return planned.buffers.size() - 1;
}

BufferRef Planner::getRef(Value value) {
  Value root = getRoot(value);
  int64_t offset = getOffsetInRoot(value);
  if (auto constant = root.getDefiningOp<kernel::ConstantOp>())
    return {BufferRef::Space::constant, 0, constants.add(constant.getValue()) + offset};
  if (auto it = bindingOf.find(root); it != bindingOf.end())
    return {BufferRef::Space::binding, it->second, offset};
  return {BufferRef::Space::arena, 0, planned.buffers[bufferOf.at(root)].offset + offset};
}

ArgumentInfo Planner::getInfo(Value value) {
  ArgumentInfo info{types.add(value.getType())};
  if (Value offsets = routed.getOffsets(value)) {
    info.routing = routings.try_emplace(offsets, static_cast<int32_t>(routings.size())).first->second;
    if (planned.program.routings.size() < routings.size())
      planned.program.routings.push_back({getRef(offsets), cast<RankedTensorType>(offsets.getType()).getDimSize(0) - 1});
  }
  return info;
}

/// Whether an infinity that stands in the program may be a result's value: as a constant, or as one side of a choice.
static bool writesInfinity(Operation *op) {
  auto isInfinite = [](Value value) {
    FloatAttr number;
    return matchPattern(value, m_Constant(&number)) && number.getValue().isInfinity();
  };
  return op->walk([&](Operation *inner) {
             bool found = isa<kernel::YieldOp, arith::SelectOp>(inner) && llvm::any_of(inner->getOperands(), isInfinite);
             return found ? WalkResult::interrupt() : WalkResult::advance();
           })
      .wasInterrupted();
}

/// All of a launch but its kernel.
Launch Planner::describe(Operation *op) {
  Launch launch;
  launch.location = getLocationText(op->getLoc());
  launch.name = getOriginText(op->getLoc());
  launch.op = getOriginNumber(op->getLoc());
  launch.operands = op->getNumOperands();
  launch.writesInfinity = writesInfinity(op);
  launch.flop = countFlop(op);
  for (Value value : llvm::concat<Value>(op->getOperands(), op->getResults())) {
    launch.args.push_back(getRef(value));
    launch.info.push_back(getInfo(value));
  }
  return launch;
}

LogicalResult Planner::run(KernelEmitter emitKernel, llvm::StringMap<uint32_t> &kernelIndex, std::vector<Kernel> &kernels) {
  for (Operation &op : func.getBody().front())
    if (isLaunch(op)) {
      if (!isa<kernel::KernelDialect>(op.getDialect()))
        return op.emitError("is not a kernel: it cannot be launched");
      for (Value operand : op.getOperands())
        lastUse[getRoot(operand)] = launches.size();
      // Whoever looks at routed rows asks how many there are.
      for (Value value : llvm::concat<Value>(op.getOperands(), op.getResults()))
        if (Value offsets = routed.getOffsets(value))
          lastUse[getRoot(offsets)] = launches.size();
      launches.push_back(&op);
    }

  placeResults();
  SmallVector<KernelUse> uses;
  for (auto [index, op] : llvm::enumerate(launches)) {
    FailureOr<KernelUse> use = emitKernel(op);
    if (failed(use))
      return failure();
    for (OpResult result : op->getResults())
      if (!bindingOf.contains(result))
        placeInArena(result, index);
    if (use->workspace > 0)
      workspaceOf[op] = addBuffer(use->workspace, index, index, op->getLoc());
    uses.push_back(std::move(*use));
  }

  Program &program = planned.program;
  program.name = func.getName().str();
  program.bindings = bindings.all;
  program.arenaBytes = allocate(planned.buffers);
  settleArenaResults();
  for (auto [op, use] : llvm::zip_equal(launches, uses)) {
    auto [it, isNew] = kernelIndex.try_emplace(use.symbol, kernels.size());
    if (isNew)
      kernels.push_back({use.symbol, nullptr});
    Launch launch = describe(op);
    launch.kernel = it->second;
    launch.blocks = use.blocks;
    PlannedProgram::LaunchShape shape;
    shape.operands = op->getNumOperands();
    shape.results = op->getNumResults();
    for (Value value : llvm::concat<Value>(op->getOperands(), op->getResults()))
      shape.bytes.push_back(getByteSize(value.getType()));
    if (auto it = workspaceOf.find(op); it != workspaceOf.end()) {
      const ArenaBuffer &buffer = planned.buffers[it->second];
      launch.args.push_back({BufferRef::Space::arena, 0, buffer.offset});
      launch.workspace = buffer.bytes;
      shape.bytes.push_back(buffer.bytes);
    }
    program.launches.push_back(std::move(launch));
    planned.launches.push_back(std::move(shape));
  }
  return verifyPlan(func, bindings, planned);
}

} // namespace

std::vector<size_t> PlannedProgram::getLargestAtPeak() const {
  std::vector<int64_t> change(launches.size() + 1);
  for (const ArenaBuffer &buffer : buffers) {
    change[buffer.first] += buffer.bytes;
    change[buffer.last + 1] -= buffer.bytes;
  }
  int64_t live = 0, most = 0, peak = 0;
  for (auto [i, delta] : llvm::enumerate(change)) {
    live += delta;
    if (live > most) {
      most = live;
      peak = i;
    }
  }
  std::vector<size_t> alive;
  for (auto [i, buffer] : llvm::enumerate(buffers))
    if (buffer.first <= peak && peak <= buffer.last)
      alive.push_back(i);
  llvm::stable_sort(alive, [&](size_t a, size_t b) { return buffers[a].bytes > buffers[b].bytes; });
  return alive;
}

Executable ModulePlan::toExecutable() && {
  Executable executable;
  executable.kernels = std::move(kernels);
  executable.constants = std::move(constants);
  executable.types = std::move(types);
  executable.settings = std::move(settings);
  for (PlannedProgram &planned : programs)
    executable.programs.push_back(std::move(planned.program));
  return executable;
}

FailureOr<KernelUse> plan::nameKernel(Operation *op) { return KernelUse{op->getName().stripDialect().str()}; }

FailureOr<ModulePlan> plan::planModule(ModuleOp module, KernelEmitter emitKernel) {
  ModulePlan plan;
  ConstantPool constants;
  TypeTable types(plan.types);
  llvm::StringMap<uint32_t> kernelIndex;
  for (auto func : module.getOps<func::FuncOp>()) {
    FailureOr<Bindings> bindings = readBindings(func);
    if (failed(bindings))
      return failure();
    settleResults(func, *bindings);
    Planner planner(func, *bindings, constants, types);
    if (failed(planner.run(emitKernel, kernelIndex, plan.kernels)))
      return failure();
    plan.programs.push_back(std::move(planner.planned));
  }
  plan.constants = constants.take();
  if (auto settings = module->getAttrOfType<StringAttr>("moe.settings"))
    plan.settings = settings.str();
  return plan;
}
