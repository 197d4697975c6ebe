//===- Kinks.h - where a program has no derivative -------------*- C++ -*-===//
#pragma once

#include "dialects/moe/Reference/Value.h"
#include "mlir/IR/Operation.h"

#include <string>

namespace moe {

/// An op that has a derivative at some values of its operands only.
struct Kink {
  mlir::Operation *op;
  llvm::SmallVector<mlir::Value, 2> watched; ///< the values that decide

  /// What is wrong at these values of `watched`, in words; empty when there is a derivative.
  std::string describe(llvm::ArrayRef<reference::Value> values) const;
};

/// The ops of `block` that depend on `inputs` and may have no derivative, in program order.
std::vector<Kink> findKinks(mlir::Block &block, mlir::ValueRange inputs);

} // namespace moe
