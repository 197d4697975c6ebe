//===- RoutedTensors.h - tensors whose rows an `each` chose -------*- C++ -*-===//
#pragma once

#include "dialects/kernel/IR/KernelDialect.h"
#include "llvm/ADT/DenseMap.h"

namespace moe::plan {

/// Which tensors have the rows of a routing as their leading axis, and which. A routing has room for its bound; its offsets say how many rows there
/// are. What stands in the others is nobody's value.
class RoutedTensors {
public:
  explicit RoutedTensors(mlir::Block &block);

  /// The offsets of the routing that the rows of `tensor` belong to; null when it has no such rows.
  mlir::Value getOffsets(mlir::Value tensor) const { return offsets.lookup(tensor); }

private:
  llvm::DenseMap<mlir::Value, mlir::Value> offsets;
};

} // namespace moe::plan
