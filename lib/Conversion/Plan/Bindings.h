//===- Bindings.h - the named buffers of a program -------------*- C++ -*-===//
#pragma once

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "moe/Executable.h"

namespace moe::plan {

/// The named buffers of a function and which of them each argument and result is.
struct Bindings {
  std::vector<Binding> all;
  llvm::SmallVector<uint32_t> ofArgument, ofResult;

  /// The argument that holds the old value of a result's buffer; null when it has none.
  mlir::BlockArgument getOldValue(mlir::func::FuncOp func, unsigned result) const;
};

/// Reads the `moe.arg` and `moe.res` attributes (docs/dialect.md). Reports what is missing or contradicts.
mlir::FailureOr<Bindings> readBindings(mlir::func::FuncOp func);

} // namespace moe::plan
