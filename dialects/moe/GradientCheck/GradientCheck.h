//===- GradientCheck.h - gradients against finite differences --*- C++ -*-===//
//
// Compares what moe-differentiate builds with central differences of the objective, both in float64 on the reference evaluator.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "dialects/moe/Reference/Value.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

#include <memory>
#include <string>

namespace mlir {
class Pass;
} // namespace mlir

namespace moe {

struct GradientCheckOptions {
  /// An element moves by one and two steps to either side; along a direction of n elements each moves by n^-1/4 of that.
  double step = 1e-3;
  /// A comparison that is off by more is made again with a smaller step, as long as rounding would not hide such an error.
  double tolerance = 1e-6;
  /// A parameter with at most so many elements is compared element by element, a larger one along random directions.
  int64_t mostElements = 16;
  int64_t directions = 4;
  uint64_t seed = 1;
};

/// How far the gradient of one parameter is from its differences.
struct ParameterCheck {
  explicit ParameterCheck(mlir::BlockArgument parameter) : loc(parameter.getLoc()) {}

  mlir::Location loc; ///< of the parameter
  std::string name;
  int64_t compared = 0; ///< elements or directions
  int64_t narrowed = 0; ///< of these, with a smaller step, because a discrete value or the slope changed within the first one
  int64_t skipped = 0;  ///< not compared: on a kink or a jump at every step tried

  /// The largest difference beyond what rounding of the objective explains, relative to the root mean square of the derivatives of its kind.
  double error = 0;
  /// What that rounding amounts to on the same scale: no smaller error could have been seen. 0 for a gradient of zeros.
  double resolution = 0;
  /// Where that was: `element [1, 2]` or `direction 3`, the derivative by the gradient, and by differences.
  std::string place;
  double byGradient = 0, byDifference = 0;
};

/// Checks the gradient with respect to every `param` argument of a function with an objective and without gradients, at `arguments`. The
/// function is not changed. `moe.micro_batches` is ignored, and what `moe.detach` gives is held fixed while a parameter moves. Where a
/// comparison, a choice or a rounding changes within a step, the step is made smaller or another direction is tried.
mlir::FailureOr<llvm::SmallVector<ParameterCheck>> checkGradients(mlir::func::FuncOp function, llvm::ArrayRef<reference::Value> arguments,
                                                                  const GradientCheckOptions &options = {});

/// Values without ties for the arguments of a function: parameters spread like their `init` (a constant gets a tenth of noise), other floats in
/// [-1, 1), integers in [0, ids), i1 either.
llvm::SmallVector<reference::Value> randomArguments(mlir::func::FuncOp function, uint64_t seed, int64_t ids);

std::unique_ptr<mlir::Pass> createCheckGradientsPass();
void registerGradientCheckPasses();

} // namespace moe
