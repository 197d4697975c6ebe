//===- MergeRows.h - one row from a producer and its consumer --*- C++ -*-===//
#pragma once

#include "dialects/kernel/Transforms/Row.h"

namespace moe::kernel {

/// How a consumer's region can compute its producer's values itself, over one domain for both.
struct Merge {
  Row producer, consumer;
  llvm::SmallVector<int64_t> extents;
  int64_t rowRank;
  /// Where a consumer's operand gets its value: a copy of the producer's region and one of its results.
  struct Source {
    unsigned operand, copy, result;
  };
  llvm::SmallVector<Source> sources;
  /// For each copy, the producer's index in the merged domain.
  llvm::SmallVector<llvm::SmallVector<mlir::AffineExpr>> producerIndex;
  /// The consumer's index in the merged domain.
  llvm::SmallVector<mlir::AffineExpr> consumerIndex;

  /// How often elements of the producer are computed. What does not vary along the row counts once a row.
  int64_t evaluations() const;
  /// Whether the merged row can write the producer's result k.
  bool canStore(unsigned k) const;
};

/// A merged region is bounded so that its live values fit a target's registers and its code stays quick to compile.
bool withinBounds(RowOp producer, RowOp consumer);

/// Fails when the consumer's elements need elements of the producer that one domain does not hold together.
mlir::FailureOr<Merge> planMerge(RowOp producer, RowOp consumer);

/// Builds the merged row in place of the consumer. The results `kept` of the producer become results of the merged row; the producer stays where others
/// use the rest of it.
RowOp applyMerge(mlir::OpBuilder &builder, Merge &merge, llvm::ArrayRef<unsigned> kept);

} // namespace moe::kernel
