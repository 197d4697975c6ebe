//===- Origins.h - what an op stands for, kept in its location -*- C++ -*-===//
//
// Conversion and fusion replace ops, but keep their locations. So that a kernel can still be named in the words of the program, every op of the moe
// dialect is marked before it is converted: its location becomes
//
//   fused<number>[name(place)]
//
// with the op's position in its function, and what it is. An op that a gradient consists of has `gradient of exp` around its place from the start.
// lib/Conversion/Plan/LocationText.h reads these marks.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace moe {

/// What an op computes, in a word or two: `exp`, `sum`, `sum of products`.
std::string describeOp(mlir::Operation *op);

/// The place of what the gradient of `op` is computed with.
mlir::Location getGradientLocation(mlir::Operation *op);

/// Marks the ops of a function with their positions and names. Constants do not count: which of them are equal depends on the float type.
void markOrigins(mlir::func::FuncOp function);

} // namespace moe
