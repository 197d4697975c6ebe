//===- ObjectiveProbe.h - an objective at moved arguments ------*- C++ -*-===//
#pragma once

#include "dialects/moe/Reference/Value.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/OwningOpRef.h"

namespace moe {

/// The objective of a program near one point, and what it decides on the way there.
class ObjectiveProbe {
public:
  struct Sample {
    double objective = 0;
    /// Masks, choices, signs and roundings: between two points with equal decisions the objective is smooth.
    llvm::SmallVector<reference::Value> decisions;
  };

  /// Holds the operands of `moe.detach` at their values at `arguments`.
  static mlir::FailureOr<ObjectiveProbe> create(mlir::func::FuncOp function, llvm::ArrayRef<reference::Value> arguments);

  mlir::FailureOr<Sample> sample(llvm::ArrayRef<reference::Value> arguments) const;

private:
  mlir::OwningOpRef<mlir::ModuleOp> module;
  mlir::func::FuncOp function;
  llvm::SmallVector<reference::Value> detached;
};

/// A copy of a function in a module of its own.
mlir::OwningOpRef<mlir::ModuleOp> cloneIntoModule(mlir::func::FuncOp function, mlir::func::FuncOp &clone);

} // namespace moe
