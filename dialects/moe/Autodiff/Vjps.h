//===- Vjps.h - attaching VJPs to ops --------------------------*- C++ -*-===//
//
// The VJP of an op with one result is an overload in namespace moe,
//
//   static SmallVector<Value> vjp(Op op, GradientBuilder b, Value g, const BitVector &needed)
//
// where g is the gradient of the result, or for an op of one operand simply
//
//   static Value vjp(Op op, GradientBuilder b, Value g)
//
// `attachVjps<Ops...>(context)` in the same file makes it the op's implementation of DifferentiableOpInterface.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "dialects/moe/Autodiff/GradientBuilder.h"
#include "dialects/moe/IR/Origins.h"
#include "dialects/moe/Interfaces/Interfaces.h"

namespace moe {

template <typename Op>
struct VjpModel : DifferentiableOpInterface::ExternalModel<VjpModel<Op>, Op> {
  llvm::SmallVector<mlir::Value> buildVJP(mlir::Operation *op, mlir::OpBuilder &builder, mlir::ValueRange resultGrads,
                                          const llvm::BitVector &needed) const {
    GradientBuilder b{builder, getGradientLocation(op)};
    auto typed = mlir::cast<Op>(op);
    mlir::Value g = resultGrads[0];
    if constexpr (requires { vjp(typed, b, g); })
      return {vjp(typed, b, g)};
    else
      return vjp(typed, b, g, needed);
  }
};

template <typename... Ops>
void attachVjps(mlir::MLIRContext &context) {
  (Ops::template attachInterface<VjpModel<Ops>>(context), ...);
}

/// One gradient an operand, in order; each built only where it is needed.
template <typename... Build>
llvm::SmallVector<mlir::Value> buildNeeded(const llvm::BitVector &needed, Build... build) {
  llvm::SmallVector<mlir::Value> gradients;
  auto next = [&](auto &buildOne) { gradients.push_back(needed[gradients.size()] ? buildOne() : mlir::Value()); };
  (next(build), ...);
  return gradients;
}

/// For operands that have no gradient: ids, masks, routings.
inline mlir::Value noGradient() { return {}; }

void attachElementwiseVjps(mlir::MLIRContext &context);
void attachTensorVjps(mlir::MLIRContext &context);
void attachReductionVjps(mlir::MLIRContext &context);
void attachContractVjp(mlir::MLIRContext &context);
void attachRoutingVjps(mlir::MLIRContext &context);
void attachLossVjps(mlir::MLIRContext &context);
void attachMomentumVjp(mlir::MLIRContext &context);

} // namespace moe
