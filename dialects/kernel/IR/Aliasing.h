//===- Aliasing.h - which values share bytes -------------------*- C++ -*-===//
#pragma once

#include "dialects/kernel/IR/KernelDialect.h"
#include "mlir/IR/Value.h"

namespace moe::kernel {

/// The value whose bytes these are: views looked through.
mlir::Value getRoot(mlir::Value value);

/// Where a value begins among the bytes of its root.
int64_t getOffsetInRoot(mlir::Value value);

int64_t getByteSize(mlir::Type tensor);

/// True for ops that become launches: not constants, views or terminators.
bool isLaunch(mlir::Operation &op);

/// Whether `result` may lie where `operand` lay (both roots; `operand` is read by the result's op): a `kernel.row` that reads it only at the index it
/// writes, for a row is read whole before anything of it is written; a `kernel.contract` that starts from it.
bool mayOverwrite(mlir::OpResult result, mlir::Value operand);

} // namespace moe::kernel
