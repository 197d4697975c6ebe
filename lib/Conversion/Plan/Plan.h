//===- Plan.h - from kernel ops to launch schedules ------------*- C++ -*-===//
#pragma once

#include "lib/Conversion/Plan/Allocate.h"
#include "lib/Conversion/Plan/Bindings.h"
#include "moe/Executable.h"
#include "mlir/IR/BuiltinOps.h"

#include <memory>
#include <vector>

namespace llvm {
class raw_ostream;
} // namespace llvm
namespace mlir {
class Pass;
} // namespace mlir

namespace moe {

namespace plan {

/// The code an op is launched with.
struct KernelUse {
  std::string symbol;
  int64_t blocks = 1;
  int64_t workspace = 0; ///< bytes that the launch needs beside its operands and results, for as long as it runs
};
/// Gives (and, when it generates code, makes) the kernel of an op; equal kernels have equal symbols.
using KernelEmitter = llvm::function_ref<mlir::FailureOr<KernelUse>(mlir::Operation *)>;

/// A program and what the plan knew about it.
struct PlannedProgram {
  Program program;
  /// In the order of their first use.
  std::vector<ArenaBuffer> buffers;
  std::vector<std::string> locations; ///< of the buffers: file:line:column
  /// Bytes of each argument of each launch: first the operands, then the results, last the workspace if there is one.
  struct LaunchShape {
    std::vector<int64_t> bytes;
    size_t operands = 0, results = 0;
  };
  std::vector<LaunchShape> launches;

  /// The buffers alive at the launch where their sizes add up to most, largest first.
  std::vector<size_t> getLargestAtPeak() const;
};

struct ModulePlan {
  std::vector<Kernel> kernels; ///< in the order of their first launch
  std::vector<PlannedProgram> programs;
  std::vector<uint8_t> constants;
  std::vector<TensorType> types; ///< of the launches' arguments
  std::string settings;

  Executable toExecutable() &&;
};

/// Plans every function of a module of kernel ops. Inserts copies of results (kernel-settle-results).
mlir::FailureOr<ModulePlan> planModule(mlir::ModuleOp module, KernelEmitter emitKernel);

/// Names kernels after their ops, for plans that are only looked at.
mlir::FailureOr<KernelUse> nameKernel(mlir::Operation *op);

/// Replays the launches of a planned function over a map of memory: every operand must find its value whole, every result must
/// survive in its binding. Knows nothing of liveness; reports the first contradiction.
mlir::LogicalResult verifyPlan(mlir::func::FuncOp func, const Bindings &bindings, const PlannedProgram &planned);

void print(const ModulePlan &plan, llvm::raw_ostream &os);

} // namespace plan

std::unique_ptr<mlir::Pass> createKernelSettleResultsPass();
std::unique_ptr<mlir::Pass> createKernelPrintPlanPass();
void registerPlanPasses();

} // namespace moe
