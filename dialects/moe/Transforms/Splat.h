//===- Splat.h - constants of one value ------------------------*- C++ -*-===//
#pragma once

#include "mlir/IR/Value.h"

#include <optional>

namespace moe {

/// The value of every element of a float constant, when they are all the same.
std::optional<double> getSplat(mlir::Value tensor);

} // namespace moe
