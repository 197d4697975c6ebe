#ifndef MOE_IR_MOMENTUM
#define MOE_IR_MOMENTUM
include "dialects/moe/IR/MoeOpBase.td"

def Moe_MomentumOp : Moe_Op<"momentum", [IsolatedFromAbove, SingleBlock]> {
  let summary = "the elementwise update of a momentum rule";
  let description = [{
    One evaluation of a momentum rule (`rule` names its definition): from the representation, the layer's output and the carried values
    to the next representation and the next carried values. The region holds elementwise `moe` ops and constants over its block
    arguments, and ends in `moe.yield`; calls of the layer and reductions stay outside, before the op.

    C1: block arguments have the types of the operands. C2: yielded types are the result types. C3: the region holds
    elementwise ops and constants only and ends in `moe.yield`. C4: all tensors have one shape.

    Example (heavy ball):
    ```mlir
    %x1, %m1 = moe.momentum "HeavyBall"(%x, %y, %m : tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>) {
    ^bb0(%a: tensor<4x8xf32>, %b: tensor<4x8xf32>, %c: tensor<4x8xf32>):
      %mu = moe.constant dense<0.7> : tensor<4x8xf32>
      %p = moe.mul %mu, %c : tensor<4x8xf32>
      %q = moe.add %p, %b : tensor<4x8xf32>
      %z = moe.sub %a, %q : tensor<4x8xf32>
      moe.yield %z, %q : tensor<4x8xf32>, tensor<4x8xf32>
    } -> (tensor<4x8xf32>, tensor<4x8xf32>)
    ```
  }];
  let arguments = (ins StrAttr:$rule, Variadic<Moe_Tensor>:$ins);
  let results = (outs Variadic<Moe_Tensor>:$outs);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "$rule `(` ($ins^ `:` type($ins))? `)` attr-dict-with-keyword $body `->` `(` type($outs) `)`";
  let hasRegionVerifier = 1;
}

def Moe_YieldOp : Op<Moe_Dialect, "yield", [Pure, Terminator, ReturnLike, HasParent<"MomentumOp">]> {
  let summary = "ends the region of a moe.momentum";
  let description = "Example: `moe.yield %x, %m : tensor<4xf32>, tensor<4xf32>`";
  let arguments = (ins Variadic<Moe_Tensor>:$values);
  let assemblyFormat = "attr-dict ($values^ `:` type($values))?";
}

#endif
