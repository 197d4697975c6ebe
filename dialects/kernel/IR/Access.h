//===- Access.h - how rows and contractions index their tensors -*- C++ -*-===//
#pragma once

#include "dialects/kernel/IR/KernelDialect.h"

namespace moe::kernel {

/// The map by which a row or contract indexes an operand or a result.
mlir::AffineMap getAccess(mlir::OpOperand &operand);
mlir::AffineMap getAccess(mlir::OpResult result);

/// The extents of the domain of a row or contract.
llvm::ArrayRef<int64_t> getExtents(mlir::Operation *op);

/// Where an access has each of `dims`, alone; nothing when one of them is not there.
std::optional<llvm::SmallVector<unsigned>> findDims(mlir::AffineMap access, llvm::ArrayRef<int64_t> dims);

} // namespace moe::kernel
