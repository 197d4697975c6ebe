#ifndef KERNEL_IR_DIALECT
#define KERNEL_IR_DIALECT

include "mlir/IR/OpBase.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "mlir/Interfaces/InferTypeOpInterface.td"

def Kernel_Dialect : Dialect {
  let name = "kernel";
  let cppNamespace = "::moe::kernel";
  let summary = "the few loops that every target lowers";
  let description = [{
    A program after fusion: each op is one launch (or one view) over tensors that lie densely in row-major order. Ops say
    *what* is computed on which index, never how it is tiled: that is the target's. i1 tensors hold one byte an element.
    bf16 is a way to store factors of products: they are rounded when they are stored, products and sums of them are f32.
  }];
  let useDefaultAttributePrinterParser = 1;
}

class Kernel_IntEnum<string name, string summary, list<I32EnumAttrCase> cases> : I32EnumAttr<name, summary, cases> {
  let cppNamespace = "::moe::kernel";
  let genSpecializedAttr = 0;
}
def Kernel_ReduceKind : Kernel_IntEnum<"ReduceKind", "how a row is reduced", [
  I32EnumAttrCase<"sum", 0>, I32EnumAttrCase<"max", 1>, I32EnumAttrCase<"min", 2>]>;
def Kernel_ReduceKindAttr : EnumAttr<Kernel_Dialect, Kernel_ReduceKind, "reduce_kind">;

def Kernel_Tensor : StaticShapeTensorOf<[F32, BF16, I32, I1]>;
def Kernel_FloatTensor : StaticShapeTensorOf<[F32]>;
def Kernel_FactorTensor : StaticShapeTensorOf<[F32, BF16]>;
def Kernel_IntTensor : StaticShapeTensorOf<[I32]>;
def Kernel_BoolTensor : StaticShapeTensorOf<[I1]>;
def Kernel_Scalar : AnyTypeOf<[F32, BF16, I32, I1]>;

class Kernel_Op<string mnemonic, list<Trait> traits = []> : Op<Kernel_Dialect, mnemonic, !listconcat([Pure], traits)>;

#endif
