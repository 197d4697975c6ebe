//===- Factors.h - what verifiers of products share ------------*- C++ -*-===//
#pragma once

#include "mlir/IR/Operation.h"

namespace moe::kernel {

/// Both factors of a product must be stored alike.
mlir::LogicalResult verifyFactors(mlir::Operation *op, llvm::StringRef constraint, mlir::Value a, mlir::Value b);

} // namespace moe::kernel
