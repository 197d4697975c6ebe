//===- Patterns.h - the groups of patterns of convert-moe-to-kernel --------===//
#pragma once

#include "dialects/kernel/IR/KernelDialect.h"
#include "dialects/moe/IR/MoeDialect.h"
#include "mlir/Transforms/DialectConversion.h"

namespace moe {

void populateElementwisePatterns(mlir::TypeConverter &types, mlir::RewritePatternSet &patterns);
void populateReductionPatterns(mlir::TypeConverter &types, mlir::RewritePatternSet &patterns);
void populateTensorPatterns(mlir::TypeConverter &types, mlir::RewritePatternSet &patterns);
void populateContractPatterns(mlir::TypeConverter &types, mlir::RewritePatternSet &patterns);
void populateRoutingPatterns(mlir::TypeConverter &types, mlir::RewritePatternSet &patterns);

inline llvm::ArrayRef<int64_t> shapeOf(mlir::Value tensor) {
  return mlir::cast<mlir::RankedTensorType>(tensor.getType()).getShape();
}
inline mlir::Type elementOf(mlir::Value tensor) {
  return mlir::cast<mlir::RankedTensorType>(tensor.getType()).getElementType();
}

/// The map from `rank` dimensions to the listed ones.
inline mlir::AffineMap selectDims(mlir::MLIRContext *context, unsigned rank, llvm::ArrayRef<int64_t> dims) {
  llvm::SmallVector<mlir::AffineExpr> exprs;
  for (int64_t dim : dims) {
    exprs.push_back(mlir::getAffineDimExpr(dim, context));
  }
  return mlir::AffineMap::get(rank, 0, exprs, context);
}

/// A constant of a region: a float or an integer of the given scalar type.
mlir::Value scalarConstant(mlir::OpBuilder &builder, mlir::Location loc, mlir::Type type, double value);

} // namespace moe
