#ifndef MOE_IR_LOSS
#define MOE_IR_LOSS
include "dialects/moe/IR/MoeOpBase.td"

def Moe_CrossEntropyOp : Moe_Op<"cross_entropy"> {
  let summary = "loss[i...] = logsumexp(logits[i..., :]) - logits[i..., targets[i...]]";
  let description = [{
    The negative log-likelihood in nats of each target. A target outside the classes is a failure of the run.

    C1: `targets` and the result have the shape of `logits` without its last dimension, and the result its element type.

    Example: `%l = moe.cross_entropy %z, %t : tensor<64x100xf32>, tensor<64xi32> -> tensor<64xf32>`
  }];
  let arguments = (ins Moe_FloatTensor:$logits, Moe_IntTensor:$targets);
  let results = (outs Moe_FloatTensor:$loss);
  let assemblyFormat = "$logits `,` $targets attr-dict `:` type($logits) `,` type($targets) `->` type($loss)";
  let hasVerifier = 1;
}

def Moe_CrossEntropyGradOp : Moe_Op<"cross_entropy_grad", [AllTypesMatch<["logits", "y"]>]> {
  let summary = "y[i..., v] = g[i...] * (softmax(logits[i..., :])[v] - (v == targets[i...]))";
  let description = [{
    The gradient of `moe.cross_entropy` with respect to the logits, given the gradient g of each loss.

    C1: `targets` and `g` have the shape of `logits` without its last dimension, and `g` its element type.

    Example: `%d = moe.cross_entropy_grad %z, %t, %g : tensor<64x100xf32>, tensor<64xi32>, tensor<64xf32>`
  }];
  let arguments = (ins Moe_FloatTensor:$logits, Moe_IntTensor:$targets, Moe_FloatTensor:$g);
  let results = (outs Moe_FloatTensor:$y);
  let assemblyFormat = "$logits `,` $targets `,` $g attr-dict `:` type($logits) `,` type($targets) `,` type($g)";
  let hasVerifier = 1;
}

#endif
