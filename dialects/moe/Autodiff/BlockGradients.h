//===- BlockGradients.h - reverse mode over one block ----------*- C++ -*-===//
#pragma once

#include "mlir/IR/Builders.h"

#include <utility>

namespace moe {

/// Builds at `builder`, which must be behind every op of `block` that matters, the gradients with respect to `wrt` of the sum over `seeds` of
/// value times gradient. A value without gradient gives null. Only values that depend on `wrt` get gradients. Contributions to one value are
/// added in reverse order of their uses. Fails with a diagnostic at an op that lies between and has no VJP.
mlir::FailureOr<llvm::SmallVector<mlir::Value>> buildGradients(mlir::OpBuilder &builder, mlir::Block &block, mlir::ValueRange wrt,
                                                               llvm::ArrayRef<std::pair<mlir::Value, mlir::Value>> seeds);

} // namespace moe
