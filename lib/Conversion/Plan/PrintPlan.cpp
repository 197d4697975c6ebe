//===- PrintPlan.cpp - launch schedules as text -----------------------------===//
#include "lib/Conversion/Plan/Plan.h"

#include "dialects/kernel/IR/KernelDialect.h"
#include "mlir/Pass/Pass.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace moe;
using namespace moe::plan;

namespace moe {
#define GEN_PASS_DEF_KERNELPRINTPLAN
#include "lib/Conversion/Plan/PlanPasses.h.inc"
} // namespace moe

static StringRef getName(DType type) {
  switch (type) {
  case DType::f32:
    return "f32";
  case DType::i32:
    return "i32";
  case DType::i1:
    return "i1";
  case DType::bf16:
    return "bf16";
  }
  llvm_unreachable("all types are named");
}

static StringRef getName(Initializer::Kind kind) {
  switch (kind) {
  case Initializer::Kind::constant:
    return "constant";
  case Initializer::Kind::normal:
    return "normal";
  case Initializer::Kind::uniform:
    return "uniform";
  }
  llvm_unreachable("all distributions are named");
}

static void printBinding(const Binding &binding, llvm::raw_ostream &os) {
  os << "  " << toString(binding.kind) << " '" << binding.name << "' " << getName(binding.type) << '[';
  llvm::interleaveComma(binding.shape, os);
  os << ']';
  if (binding.init.kind != Initializer::Kind::constant || binding.init.value != 0)
    os << " = " << getName(binding.init.kind) << '(' << llvm::format("%g", binding.init.value) << ')';
  if (binding.arenaOffset >= 0)
    os << llvm::formatv(" in arena[{0}, {1})", binding.arenaOffset, binding.arenaOffset + binding.bytes());
  os << '\n';
}

/// `param 'w'` for a binding, else `arena[offset, end)`.
static std::string getText(const Program &program, const BufferRef &ref, int64_t bytes) {
  if (ref.space == BufferRef::Space::binding)
    return llvm::formatv("{0} '{1}'", toString(program.bindings[ref.binding].kind), program.bindings[ref.binding].name);
  StringRef space = ref.space == BufferRef::Space::arena ? "arena" : "constant";
  return llvm::formatv("{0}[{1}, {2})", space, ref.offset, ref.offset + bytes);
}

static void printLaunch(const PlannedProgram &planned, const std::vector<Kernel> &kernels, size_t index, llvm::raw_ostream &os) {
  const Launch &launch = planned.program.launches[index];
  const PlannedProgram::LaunchShape &shape = planned.launches[index];
  std::vector<std::string> texts;
  for (auto [ref, bytes] : llvm::zip_equal(launch.args, shape.bytes))
    texts.push_back(getText(planned.program, ref, bytes));
  os << llvm::formatv("  {0}: {1} x{2} (", index, kernels[launch.kernel].symbol, launch.blocks);
  llvm::interleaveComma(ArrayRef(texts).take_front(shape.operands), os);
  os << ") -> (";
  llvm::interleaveComma(ArrayRef(texts).slice(shape.operands, shape.results), os);
  os << ')';
  if (texts.size() > shape.operands + shape.results)
    os << " with " << texts.back();
  if (!launch.location.empty())
    os << "  " << launch.location;
  os << '\n';
}

void plan::print(const ModulePlan &plan, llvm::raw_ostream &os) {
  os << llvm::formatv("kernels: {0}, bytes of constants: {1}\n", plan.kernels.size(), plan.constants.size());
  for (const PlannedProgram &planned : plan.programs) {
    const Program &program = planned.program;
    os << llvm::formatv("\n@{0}: launches: {1}, bytes of arena: {2}\n", program.name, program.launches.size(), program.arenaBytes);
    for (const Binding &binding : program.bindings)
      printBinding(binding, os);
    for (size_t i = 0; i < program.launches.size(); ++i)
      printLaunch(planned, plan.kernels, i, os);
    std::vector<size_t> largest = planned.getLargestAtPeak();
    if (largest.empty())
      continue;
    os << "  largest at the peak:\n";
    for (size_t i : ArrayRef(largest).take_front(10))
      os << llvm::formatv("    {0} bytes  {1}\n", planned.buffers[i].bytes, planned.locations[i]);
  }
}

namespace {
struct KernelPrintPlan : moe::impl::KernelPrintPlanBase<KernelPrintPlan> {
  void runOnOperation() override {
    FailureOr<ModulePlan> plan = planModule(getOperation(), nameKernel);
    if (failed(plan))
      return signalPassFailure();
    print(*plan, llvm::outs());
  }
};
} // namespace

std::unique_ptr<Pass> moe::createKernelPrintPlanPass() { return std::make_unique<KernelPrintPlan>(); }

void moe::registerPlanPasses() {
  registerPass(createKernelSettleResultsPass);
  registerPass(createKernelPrintPlanPass);
}
