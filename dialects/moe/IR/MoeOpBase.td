#ifndef MOE_IR_OPBASE
#define MOE_IR_OPBASE

include "dialects/moe/IR/MoeDialect.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "mlir/Interfaces/InferTypeOpInterface.td"

/// Static ranked tensors of f32 (f64 in tests), i32 and i1.
def Moe_Element : AnyTypeOf<[F32, F64, I32, I1]>;
def Moe_Tensor : StaticShapeTensorOf<[F32, F64, I32, I1]>;
def Moe_FloatTensor : StaticShapeTensorOf<[F32, F64]>;
def Moe_IntTensor : StaticShapeTensorOf<[I32]>;
def Moe_BoolTensor : StaticShapeTensorOf<[I1]>;
def Moe_NumberTensor : StaticShapeTensorOf<[F32, F64, I32]>;

def Moe_Count : Type<CPred<"$_self == ::mlir::RankedTensorType::get({}, ::mlir::IntegerType::get($_self.getContext(), 32))">,
                     "tensor<i32>", "::mlir::RankedTensorType">,
                BuildableType<"::mlir::RankedTensorType::get({}, $_builder.getI32Type())">;

/// The key of counter-based random numbers: two words of the seed and the number of the micro-batch.
def Moe_RandomKey : Type<CPred<"$_self == ::mlir::RankedTensorType::get({3}, ::mlir::IntegerType::get($_self.getContext(), 32))">,
                         "tensor<3xi32>", "::mlir::RankedTensorType">,
                    BuildableType<"::mlir::RankedTensorType::get({3}, $_builder.getI32Type())">;

class Moe_Op<string mnemonic, list<Trait> traits = []>
    : Op<Moe_Dialect, mnemonic, !listconcat([Pure], traits)>;

#endif
