//===- Flop.h - what a launch computes -------------------------*- C++ -*-===//
#pragma once

#include "mlir/IR/Operation.h"

#include <cstdint>

namespace moe::plan {

/// Multiplications and additions of the products in a kernel op, as if routed rows were as many as there is room for; 0 for an op without products.
int64_t countFlop(mlir::Operation *op);

} // namespace moe::plan
