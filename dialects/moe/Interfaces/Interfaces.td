#ifndef MOE_INTERFACES
#define MOE_INTERFACES
include "mlir/IR/OpBase.td"

def Moe_ReferenceOpInterface : OpInterface<"ReferenceOpInterface"> {
  let cppNamespace = "::moe";
  let description = [{
    The meaning of an op, in float64 and as plainly as it can be written. Implemented outside the dialect
    (dialects/moe/Reference) by external models, so that the compiler does not carry the oracle.
  }];
  let methods = [
    InterfaceMethod<"Computes the results from the operands (not null).", "::mlir::FailureOr<::llvm::SmallVector<::moe::reference::Value>>",
                    "evaluate", (ins "::llvm::ArrayRef<const ::moe::reference::Value *>":$operands)>];
}

def Moe_DifferentiableOpInterface : OpInterface<"DifferentiableOpInterface"> {
  let cppNamespace = "::moe";
  let description = [{
    The vector-Jacobian product of an op. Implemented outside the dialect (dialects/moe/Autodiff) by external models.
  }];
  let methods = [
    InterfaceMethod<[{
      Builds the gradient with respect to each operand, given the gradient with respect to each result. `resultGrads` holds a null
      value for a result without gradient (at least one is not null). Returns one value an operand, of the operand's type, null where
      there is no gradient; operands for which `needed` is false may be left null.
    }], "::llvm::SmallVector<::mlir::Value>", "buildVJP",
    (ins "::mlir::OpBuilder &":$builder, "::mlir::ValueRange":$resultGrads, "const ::llvm::BitVector &":$needed)>];
}
#endif
