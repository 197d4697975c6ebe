//===- Cost.h - what an op takes, in bytes that could be moved meanwhile --*- C++ -*-===//
#pragma once

#include "mlir/IR/Operation.h"

namespace moe::kernel {

/// Of ops of a region that is evaluated so many times.
double getRegionCost(llvm::ArrayRef<mlir::Operation *> ops, double points);
/// Arithmetic, without what is read and written.
double getArithmeticCost(mlir::Operation *op);
/// Arithmetic, operands and results.
double getCost(mlir::Operation *op);

} // namespace moe::kernel
