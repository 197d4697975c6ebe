//===- Row.h - a row op whose domain can be rewritten ----------*- C++ -*-===//
#pragma once

#include "dialects/kernel/IR/KernelDialect.h"

namespace moe::kernel {

/// The value under all views of the whole of it.
mlir::Value skipViews(mlir::Value value);

int64_t product(llvm::ArrayRef<int64_t> values);

/// What a tensor takes in memory: a byte for an i1, two for a bf16, four for all else.
int64_t getBytes(mlir::Value tensor);

/// A tensor as a row sees it: under some shape, at some element.
struct Access {
  mlir::Value tensor; ///< without views
  llvm::SmallVector<int64_t> shape;
  mlir::AffineMap map;

  bool operator==(const Access &other) const {
    return tensor == other.tensor && shape == other.shape && map == other.map;
  }
};

/// A row op over another, equivalent domain. The op itself is not changed.
struct Row {
  RowOp op;
  llvm::SmallVector<int64_t> extents;
  int64_t rowRank;
  llvm::SmallVector<Access> ins, outs;
  llvm::SmallVector<mlir::AffineExpr> index; ///< of each dimension of the op's own domain, in this domain

  explicit Row(RowOp op);
  int64_t rank() const { return extents.size(); }
  int64_t parallelRank() const { return rank() - rowRank; }
  int64_t size() const { return product(extents); }
  bool usesIndexOf(unsigned dim);
};

/// The same row over a domain in which an access has another shape with the same elements. Fails where the split or joined dimensions are not
/// split or joined alike in all other accesses.
mlir::FailureOr<Row> withAccessShape(Row row, bool isResult, unsigned k, llvm::ArrayRef<int64_t> shape);

} // namespace moe::kernel
