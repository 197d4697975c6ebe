//===- Verify.h - what the verifiers of both dialects share ----*- C++ -*-===//
//
// Each check names the constraint of the op's description that it checks, as "C2".
//
//===----------------------------------------------------------------------===//
#pragma once

#include "mlir/IR/AffineMap.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Operation.h"

namespace moe {

inline mlir::RankedTensorType asTensor(mlir::Value tensor) { return mlir::cast<mlir::RankedTensorType>(tensor.getType()); }

/// `leading` followed by `rest`.
llvm::SmallVector<int64_t> joinShapes(llvm::ArrayRef<int64_t> leading, llvm::ArrayRef<int64_t> rest);

/// `value`, which messages call `what`, must have exactly this type.
mlir::LogicalResult expectTensor(mlir::Operation *op, llvm::StringRef constraint, llvm::StringRef what, mlir::Value value,
                                 llvm::ArrayRef<int64_t> shape, mlir::Type element);

mlir::LogicalResult expectRank(mlir::Operation *op, llvm::StringRef constraint, llvm::StringRef what, mlir::Value value, int64_t rank);
mlir::LogicalResult expectLeastRank(mlir::Operation *op, llvm::StringRef constraint, llvm::StringRef what, mlir::Value value, int64_t rank);

/// `dim` must be a dimension of `tensor`.
mlir::LogicalResult expectDim(mlir::Operation *op, llvm::StringRef constraint, int64_t dim, mlir::Value tensor);

/// `dims` must increase strictly and name dimensions of `tensor`.
mlir::LogicalResult expectDims(mlir::Operation *op, llvm::StringRef constraint, llvm::ArrayRef<int64_t> dims, mlir::Value tensor);

/// The least and greatest value over the box `extents` of an expression that is linear in its dimensions; nothing for another one, or where
/// 64 bits do not hold them.
std::optional<std::pair<int64_t, int64_t>> linearRange(mlir::AffineExpr expr, llvm::ArrayRef<int64_t> extents);

//===-- Ops that both dialects have, with the same constraints --------------===//

mlir::LogicalResult verifyConcat(mlir::Operation *op, mlir::ValueRange xs, int64_t dim, mlir::Value y);
/// The box of `inner` lies inside `outer` at `offsets`: moe.slice, moe.pad, kernel.pad.
mlir::LogicalResult verifyBox(mlir::Operation *op, mlir::Value inner, llvm::ArrayRef<int64_t> offsets, mlir::Value outer);
mlir::LogicalResult verifyTopMask(mlir::Operation *op, mlir::Value x, int64_t k, mlir::Value y);

} // namespace moe
