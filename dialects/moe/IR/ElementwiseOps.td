#ifndef MOE_IR_ELEMENTWISE
#define MOE_IR_ELEMENTWISE
include "dialects/moe/IR/MoeOpBase.td"

/// Marks ops whose result element i is a function of the operands' elements i.
def Moe_ElementwiseTrait : NativeOpTrait<"MoeElementwise"> { let cppNamespace = "::moe"; }

class Moe_Unary<string mnemonic, string equation, Type type = Moe_FloatTensor>
    : Moe_Op<mnemonic, [SameOperandsAndResultType, Moe_ElementwiseTrait]> {
  let summary = equation # ", elementwise";
  let description = "`" # equation # "` for every element.\n\n"
    # "C1: operand and result have the same type.\n\nExample:\n```mlir\n%y = moe."
    # mnemonic # " %x : tensor<4x8x" # !if(!eq(mnemonic, "not"), "i1", "f32") # ">\n```";
  let arguments = (ins type:$x);
  let results = (outs type:$y);
  let assemblyFormat = "$x attr-dict `:` type($x)";
}

def Moe_NegOp     : Moe_Unary<"neg", "y = -x", Moe_NumberTensor>;
def Moe_AbsOp     : Moe_Unary<"abs", "y = |x|", Moe_NumberTensor>;
def Moe_SignOp    : Moe_Unary<"sign", "y = -1, 0 or 1 with the sign of x">;
def Moe_ExpOp     : Moe_Unary<"exp", "y = e^x">;
def Moe_LogOp     : Moe_Unary<"log", "y = ln x">;
def Moe_SqrtOp    : Moe_Unary<"sqrt", "y = sqrt(x)">;
def Moe_RsqrtOp   : Moe_Unary<"rsqrt", "y = 1/sqrt(x)">;
def Moe_TanhOp    : Moe_Unary<"tanh", "y = tanh(x)">;
def Moe_SigmoidOp : Moe_Unary<"sigmoid", "y = 1/(1 + e^-x)">;
def Moe_ErfOp     : Moe_Unary<"erf", "y = erf(x)">;
def Moe_SinOp     : Moe_Unary<"sin", "y = sin(x)">;
def Moe_CosOp     : Moe_Unary<"cos", "y = cos(x)">;
def Moe_FloorOp   : Moe_Unary<"floor", "y = the largest integer not above x">;
def Moe_ReluOp    : Moe_Unary<"relu", "y = max(x, 0); the derivative at 0 is 0">;
def Moe_NotOp     : Moe_Unary<"not", "y = not x", Moe_BoolTensor>;

class Moe_Binary<string mnemonic, string equation, Type type = Moe_NumberTensor, list<Trait> traits = []>
    : Moe_Op<mnemonic, !listconcat([SameOperandsAndResultType, Moe_ElementwiseTrait], traits)> {
  let summary = equation # ", elementwise";
  let description = "`" # equation # "` for every element. Broadcasting is explicit: see `moe.broadcast`.\n\n"
    # "C1: operands and result have the same type.\n\nExample:\n```mlir\n%y = moe."
    # mnemonic # " %a, %b : tensor<4x8xf32>\n```";
  let arguments = (ins type:$a, type:$b);
  let results = (outs type:$y);
  let assemblyFormat = "$a `,` $b attr-dict `:` type($a)";
}

def Moe_AddOp : Moe_Binary<"add", "y = a + b", Moe_NumberTensor, [Commutative]>;
def Moe_SubOp : Moe_Binary<"sub", "y = a - b">;
def Moe_MulOp : Moe_Binary<"mul", "y = a * b", Moe_NumberTensor, [Commutative]>;
def Moe_DivOp : Moe_Binary<"div", "y = a / b (integers: rounded towards zero)">;
def Moe_MaxOp : Moe_Binary<"max", "y = max(a, b); a tie sends the gradient to a">;
def Moe_MinOp : Moe_Binary<"min", "y = min(a, b); a tie sends the gradient to a">;
def Moe_PowOp : Moe_Binary<"pow", "y = a^b", Moe_FloatTensor>;
def Moe_AndOp : Moe_Binary<"and", "y = a and b", Moe_BoolTensor, [Commutative]>;
def Moe_OrOp  : Moe_Binary<"or", "y = a or b", Moe_BoolTensor, [Commutative]>;

def Moe_CompareOp : Moe_Op<"compare", [SameTypeOperands, SameOperandsAndResultShape, Moe_ElementwiseTrait]> {
  let summary = "y = (a predicate b), elementwise";
  let description = [{
    C1: `a` and `b` have the same type. C2: the result is i1 of the same shape.

    Example: `%m = moe.compare lt %a, %b : tensor<4x8xf32> -> tensor<4x8xi1>`
  }];
  let arguments = (ins Moe_PredicateAttr:$predicate, Moe_NumberTensor:$a, Moe_NumberTensor:$b);
  let results = (outs Moe_BoolTensor:$y);
  let assemblyFormat = "$predicate $a `,` $b attr-dict `:` type($a) `->` type($y)";
}

def Moe_SelectOp : Moe_Op<"select", [SameOperandsAndResultShape, AllTypesMatch<["a", "b", "y"]>, Moe_ElementwiseTrait]> {
  let summary = "y = where m then a else b, elementwise";
  let description = [{
    An element that is not taken is not observed: a NaN in it does not spread, and its gradient is 0.

    C1: `a`, `b` and the result have the same type. C2: `m` has the same shape.

    Example: `%y = moe.select %m, %a, %b : tensor<4xi1>, tensor<4xf32>`
  }];
  let arguments = (ins Moe_BoolTensor:$m, Moe_Tensor:$a, Moe_Tensor:$b);
  let results = (outs Moe_Tensor:$y);
  let assemblyFormat = "$m `,` $a `,` $b attr-dict `:` type($m) `,` type($a)";
}

def Moe_ConvertOp : Moe_Op<"convert", [SameOperandsAndResultShape, Moe_ElementwiseTrait]> {
  let summary = "changes the element type";
  let description = [{
    i1 becomes 0 or 1; a float becomes i32 by truncation, the nearest i32 where it is out of range, 0 where it is NaN; a float or i32 becomes i1 by `x != 0`.

    C1: operand and result have the same shape.

    Example: `%y = moe.convert %m : tensor<4xi1> -> tensor<4xf32>`
  }];
  let arguments = (ins Moe_Tensor:$x);
  let results = (outs Moe_Tensor:$y);
  let assemblyFormat = "$x attr-dict `:` type($x) `->` type($y)";
}

#endif
