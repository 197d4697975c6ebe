//===- RowCopy.h - a row again, with less of its results -------*- C++ -*-===//
#pragma once

#include "dialects/kernel/Transforms/Row.h"

#include "mlir/IR/IRMapping.h"

namespace moe::kernel {

/// The row with some of its results and what they are made from. `mapping` says what its operands are and gets what its results are.
RowOp copyRow(mlir::OpBuilder &builder, RowOp row, llvm::ArrayRef<unsigned> wanted, mlir::IRMapping &mapping);

/// What `value` is in the copy: a view of a copy becomes a view of its own.
mlir::Value getCopy(mlir::OpBuilder &builder, mlir::Value value, mlir::IRMapping &mapping);

/// Whether a launch or the end of the block reads a value, through views or not; `beside` one.
bool isRead(mlir::Value value, mlir::Operation *beside = nullptr);

/// Erases an op that nobody reads any more, be it through views.
void eraseIfUnread(mlir::Operation *op);

/// Leaves of a row what is read.
void dropUnread(RowOp row);

/// A buffer that the function writes a new value into.
bool isReplaced(mlir::BlockArgument argument);

} // namespace moe::kernel
