//===- Autodiff.h - gradients of programs ----------------------*- C++ -*-===//
#pragma once

#include "mlir/Dialect/Func/IR/FuncOps.h"

#include <memory>

namespace mlir {
class DialectRegistry;
class Pass;
} // namespace mlir

namespace moe {

/// Attaches a VJP to every differentiable op of the moe dialect.
void registerAutodiffModels(mlir::DialectRegistry &registry);

/// Whether a function has an `objective` result.
bool hasObjective(mlir::func::FuncOp function);

/// The position of a function's objective. Fails with a diagnostic when there is not exactly one, or it is no float scalar.
mlir::FailureOr<unsigned> findObjective(mlir::func::FuncOp function);

/// Appends to `function` the gradient of its objective with respect to each `param` argument, as docs/dialect.md says. Fails with a
/// diagnostic at the op that has no gradient, or at the function when it has no proper objective.
mlir::LogicalResult differentiate(mlir::func::FuncOp function);

std::unique_ptr<mlir::Pass> createDifferentiatePass();
void registerAutodiffPasses();

} // namespace moe
