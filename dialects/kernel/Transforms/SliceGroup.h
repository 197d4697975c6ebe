//===- SliceGroup.h - ops that can run slice after slice --------*- C++ -*-===//
#pragma once

#include "dialects/kernel/IR/Access.h"

#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SetVector.h"

namespace moe::kernel {

/// Row and contract ops of one block that share some dimensions and can be run for one index of these after the other.
class SliceGroup {
public:
  /// The group around a tensor whose first `prefix` dimensions are shared: its producer and, as far as they fit, all ops that read or make a large tensor of the
  /// group, one of more than `limit` bytes and a quarter of the seed's elements. Fails when the producer does not fit.
  static mlir::FailureOr<SliceGroup> grow(mlir::OpResult seed, unsigned prefix, int64_t limit);

  llvm::ArrayRef<int64_t> getExtents() const { return extents; }
  int64_t countSlices() const;
  /// In program order.
  llvm::SmallVector<mlir::Operation *> getOps() const;
  llvm::ArrayRef<int64_t> getDims(mlir::Operation *op) const { return dims.find(op)->second; }
  bool contains(mlir::Operation *op) const { return dims.contains(op); }
  /// Ops between those of the group that need its results, in program order.
  llvm::SmallVector<mlir::Operation *> getDependents() const;

  /// A contraction that adds up over some of the shared dimensions leaves a partial sum a slice. These are the dimensions, of its domain.
  llvm::SmallVector<int64_t> getSummedDims(mlir::Operation *op) const;

  /// Large results that an op outside reads.
  llvm::SmallVector<mlir::OpResult> getEscaping() const;
  bool isReadOutside(mlir::OpResult result) const;
  /// Bytes of the largest slice of a large tensor that nobody outside reads; 0 without one.
  int64_t getLargestSlice() const;

private:
  bool join(mlir::Operation *op, llvm::SmallVector<int64_t> opDims);
  bool fits(mlir::Operation *op, llvm::ArrayRef<int64_t> opDims) const;
  bool fitsReaders(mlir::Operation *op, llvm::ArrayRef<int64_t> opDims) const;
  bool isConvex() const;
  void joinReaders(mlir::OpResult value);
  void joinProducers(mlir::Operation *op);
  std::optional<llvm::SmallVector<int64_t>> dimsAt(mlir::AffineMap access, llvm::ArrayRef<unsigned> positions) const;
  bool isLarge(mlir::Value value) const;

  int64_t limit = 0, elements = 0; ///< bytes; of the seed
  llvm::SmallVector<int64_t> extents;
  llvm::MapVector<mlir::Operation *, llvm::SmallVector<int64_t>> dims;
  llvm::SetVector<mlir::Operation *> unvisited;
};

} // namespace moe::kernel
