//===- GradientBuilder.h - the vocabulary of the VJPs ----------*- C++ -*-===//
#pragma once

#include "dialects/moe/IR/MoeDialect.h"
#include "mlir/IR/Builders.h"

namespace moe {

inline mlir::RankedTensorType tensorType(mlir::Value tensor) { return mlir::cast<mlir::RankedTensorType>(tensor.getType()); }

/// Emits ops at one place with one location, in words short enough that a VJP reads like its equation.
struct GradientBuilder {
  mlir::OpBuilder &builder;
  mlir::Location loc;

  template <typename Op, typename... Args>
  mlir::Value make(Args &&...args) {
    return Op::create(builder, loc, std::forward<Args>(args)...)->getResult(0);
  }

  mlir::Value add(mlir::Value a, mlir::Value b) { return make<AddOp>(a, b); }
  mlir::Value sub(mlir::Value a, mlir::Value b) { return make<SubOp>(a, b); }
  mlir::Value mul(mlir::Value a, mlir::Value b) { return make<MulOp>(a, b); }
  mlir::Value div(mlir::Value a, mlir::Value b) { return make<DivOp>(a, b); }
  mlir::Value neg(mlir::Value x) { return make<NegOp>(x); }

  /// A tensor like `x` with every element `value`.
  mlir::Value constant(mlir::Value x, double value) { return make<ConstantOp>(tensorType(x), value); }
  mlir::Value scale(mlir::Value x, double factor) { return mul(x, constant(x, factor)); }

  mlir::Value compare(Predicate predicate, mlir::Value a, mlir::Value b);
  mlir::Value compare(Predicate predicate, mlir::Value a, double b) { return compare(predicate, a, constant(a, b)); }
  /// x where the mask holds, else 0.
  mlir::Value where(mlir::Value mask, mlir::Value x) { return make<SelectOp>(mask, x, constant(x, 0)); }
  /// x where the mask does not hold, else 0.
  mlir::Value unless(mlir::Value mask, mlir::Value x) { return make<SelectOp>(mask, constant(x, 0), x); }

  mlir::Value sum(mlir::Value x, llvm::ArrayRef<int64_t> dims);
  /// Repeats x, which lacks the dimensions `dims` of `like`, along them.
  mlir::Value repeat(mlir::Value x, mlir::Value like, llvm::ArrayRef<int64_t> dims);

  /// The sum over the last dimension, at every element of it.
  mlir::Value sumAlongLast(mlir::Value x);
};

} // namespace moe
