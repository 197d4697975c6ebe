//===- ScalarRegion.h - regions that compute elements -----------*- C++ -*-===//
#pragma once

#include "dialects/kernel/IR/KernelDialect.h"

namespace moe::kernel {

/// Whether an op may stand in a region that computes elements of tensors from elements: arithmetic on scalars that are computed with, `kernel.reduce`, `kernel.index`,
/// `kernel.random`.
bool isScalarOp(mlir::Operation &op);
/// Whether an op leads from what is stored to what is computed with, or back: bf16 and f32.
bool convertsStored(mlir::Operation &op);

} // namespace moe::kernel
