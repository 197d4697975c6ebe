//===- Reference.h - the meaning of programs in float64 --------*- C++ -*-===//
//
// The oracle: every op of the moe dialect in float64, one short naive function each. Gradients are checked against finite differences on it, and
// kernels and fusions against its values. It is never a way to run a program in production.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "dialects/moe/Reference/Value.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

#include <memory>

namespace mlir {
class DialectRegistry;
class Pass;
} // namespace mlir

namespace moe {

/// Attaches its meaning to every op of the moe dialect.
void registerReferenceModels(mlir::DialectRegistry &registry);

std::unique_ptr<mlir::Pass> createEvaluatePass();
void registerReferencePasses();

namespace reference {

/// Sees the results of each op of a function, in the order of the program.
using Observer = llvm::function_ref<void(mlir::Operation &op, llvm::ArrayRef<Value> results)>;

/// The values of a function's results, given one value of the right shape for each argument. Fails with a diagnostic where a run would fail: at the op
/// that is given an id outside its table or a target outside its classes. What `check` results hold is the caller's to look at.
mlir::FailureOr<llvm::SmallVector<Value>> evaluate(mlir::func::FuncOp function, llvm::ArrayRef<Value> arguments, Observer observe = nullptr);

} // namespace reference
} // namespace moe
