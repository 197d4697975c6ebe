//===- Evaluate.h - the meaning of kernel ops in float64 -------*- C++ -*-===//
#pragma once

#include "dialects/kernel/IR/KernelDialect.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

#include <memory>

namespace mlir {
class Pass;
} // namespace mlir

namespace moe::kernel {

/// A tensor in row-major order; integers and i1 are held exactly.
struct Array {
  llvm::SmallVector<int64_t> shape;
  std::vector<double> data;

  explicit Array(llvm::ArrayRef<int64_t> shape = {});
  explicit Array(mlir::Value like) : Array(mlir::cast<mlir::RankedTensorType>(like.getType()).getShape()) {}
  int64_t size() const { return data.size(); }
  /// The elements under one index of the first dimension.
  int64_t rowSize() const { return shape.empty() || shape[0] == 0 ? 1 : size() / shape[0]; }
  double &at(llvm::ArrayRef<int64_t> index);
  double at(llvm::ArrayRef<int64_t> index) const { return const_cast<Array *>(this)->at(index); }
};

/// A linear map to the indices of a tensor, as positions in its data.
class Positions {
public:
  Positions(mlir::AffineMap map, const Array &array);
  int64_t at(llvm::ArrayRef<int64_t> point) const;

private:
  int64_t first = 0; ///< of the point 0
  llvm::SmallVector<int64_t> strides;
};

/// Calls `visit` with every index of a box, the last dimension fastest.
void forEachIndex(llvm::ArrayRef<int64_t> extents, llvm::function_ref<void(llvm::ArrayRef<int64_t>)> visit);

/// What tests give a function as its argument number `number`: floats in [-1, 1), integers in {0, 1, 2}, i1 in {0, 1}.
Array makeArgument(mlir::Value argument, uint64_t number);

/// The values of a function's results. Fails with a diagnostic at an op that has no meaning here.
mlir::FailureOr<llvm::SmallVector<Array>> evaluate(mlir::func::FuncOp function, llvm::ArrayRef<Array> arguments);

mlir::FailureOr<llvm::SmallVector<Array>> evaluateRow(RowOp op, llvm::ArrayRef<const Array *> ins);
/// The region of a grouped product for row r of expert e.
mlir::LogicalResult evaluateEpilogue(GroupedContractOp op, int64_t e, int64_t r, const Array &product, llvm::ArrayRef<const Array *> ins,
                                     llvm::MutableArrayRef<Array> outs);
/// A sum as its type holds it: i32 wraps around.
double wrapSum(mlir::Type element, double sum);
/// One arith or math op on numbers; i32 wraps.
mlir::FailureOr<double> evaluateScalar(mlir::Operation *op, llvm::ArrayRef<double> operands);

std::unique_ptr<mlir::Pass> createEvaluateKernelsPass();
void registerKernelReferencePasses();

} // namespace moe::kernel
