//===- Models.h - attaching their meaning to ops ---------------*- C++ -*-===//
//
// The meaning of an op is an overload in namespace moe::reference,
//
//   static Value compute(Op op, Ins in)
//
// (FailureOr<Value> when a run can fail, SmallVector<Value> for several results).
// `attachModels<Ops...>(context)` in the same file makes it the op's implementation of ReferenceOpInterface.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "dialects/moe/IR/MoeDialect.h"
#include "dialects/moe/Interfaces/Interfaces.h"


namespace moe::reference {

using Ins = llvm::ArrayRef<const Value *>;
using Results = mlir::FailureOr<llvm::SmallVector<Value>>;

inline llvm::ArrayRef<int64_t> shapeOf(mlir::Value tensor) { return mlir::cast<mlir::RankedTensorType>(tensor.getType()).getShape(); }
inline Value zerosLike(mlir::Value tensor) { return Value::zeros(shapeOf(tensor).vec()); }

inline bool isInteger(mlir::Value tensor) { return mlir::isa<mlir::IntegerType>(mlir::getElementTypeOrSelf(tensor.getType())); }
inline int64_t asInt(double value) { return static_cast<int64_t>(value); }
/// i32 wraps around.
inline double wrap(int64_t value) { return static_cast<int32_t>(static_cast<uint64_t>(value)); }

/// NaN spreads, as in arith.maximumf.
inline double maximum(double a, double b) { return a != a || a > b ? a : b; }
inline double minimum(double a, double b) { return a != a || a < b ? a : b; }

/// The values that a block's terminator names, given the values of its arguments.
Results evaluateBlock(mlir::Block &block, Ins arguments,
                      llvm::function_ref<void(mlir::Operation &, llvm::ArrayRef<Value>)> observe = nullptr);

inline Results asResults(Value value) {
  llvm::SmallVector<Value> values;
  values.push_back(std::move(value));
  return values;
}
inline Results asResults(mlir::FailureOr<Value> value) {
  return mlir::failed(value) ? Results(mlir::failure()) : asResults(std::move(*value));
}
inline Results asResults(llvm::SmallVector<Value> values) { return values; }
inline Results asResults(Results results) { return results; }

template <typename Op>
struct ReferenceModel : ReferenceOpInterface::ExternalModel<ReferenceModel<Op>, Op> {
  Results evaluate(mlir::Operation *op, Ins operands) const { return asResults(compute(mlir::cast<Op>(op), operands)); }
};

template <typename... Ops>
void attachModels(mlir::MLIRContext &context) {
  (Ops::template attachInterface<ReferenceModel<Ops>>(context), ...);
}

void attachElementwiseModels(mlir::MLIRContext &context);
void attachTensorModels(mlir::MLIRContext &context);
void attachReductionModels(mlir::MLIRContext &context);
void attachContractModel(mlir::MLIRContext &context);
void attachRoutingModels(mlir::MLIRContext &context);
void attachLossModels(mlir::MLIRContext &context);
void attachMomentumModel(mlir::MLIRContext &context);

} // namespace moe::reference
