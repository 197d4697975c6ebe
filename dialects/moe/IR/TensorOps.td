#ifndef MOE_IR_TENSOR
#define MOE_IR_TENSOR
include "dialects/moe/IR/MoeOpBase.td"

def Moe_ConstantOp : Moe_Op<"constant", [ConstantLike, AllTypesMatch<["value", "y"]>]> {
  let summary = "a tensor known at compile time";
  let description = "Example: `%c = moe.constant dense<1.0> : tensor<4xf32>`";
  let arguments = (ins ElementsAttr:$value);
  let results = (outs Moe_Tensor:$y);
  let assemblyFormat = "attr-dict $value";
  let hasFolder = 1;
  let builders = [
    /// A tensor of `type` with every element `value` (rounded to its element type).
    OpBuilder<(ins "::mlir::RankedTensorType":$type, "double":$value)>];
}

def Moe_IotaOp : Moe_Op<"iota"> {
  let summary = "y[..., i, ...] = i along one dimension";
  let description = [{
    C1: `dim` is a dimension of the result.

    Example: `%i = moe.iota {dim = 1} : tensor<4x8xi32>`
  }];
  let arguments = (ins I64Attr:$dim);
  let results = (outs Moe_NumberTensor:$y);
  let assemblyFormat = "attr-dict `:` type($y)";
  let hasVerifier = 1;
}

def Moe_UniformOp : Moe_Op<"uniform"> {
  let summary = "counter-based random numbers in [0, 1)";
  let description = [{
    `y[e] = (w >> 8) * 2^-24`, where e is the row-major position of the element and w the first word of
    Philox2x32-10 with counter `(e, key[2])` and key word `key[0] ^ rotl(key[1], 16) ^ site`: the seed (two words), the
    number of the micro-batch since the start of training, and the place in the source. The value depends on nothing
    else, so backward computes the mask again instead of storing it.

    C1: fewer than 2^32 elements.

    Example: `%u = moe.uniform %key {site = 7} : tensor<4x8xf32>`
  }];
  let arguments = (ins Moe_RandomKey:$key, I32Attr:$site);
  let results = (outs Moe_FloatTensor:$y);
  let assemblyFormat = "$key attr-dict `:` type($y)";
  let hasVerifier = 1;
}

def Moe_BroadcastOp : Moe_Op<"broadcast"> {
  let summary = "repeats a tensor along new dimensions";
  let description = [{
    `y[i] = x[i[dims[0]], i[dims[1]], ...]`: dimension k of the operand becomes dimension `dims[k]` of the result.

    C1: one entry of `dims` for each dimension of the operand. C2: `dims` increases strictly and stays inside the result.
    C3: element types and extents agree.

    Example: `%y = moe.broadcast %b {dims = array<i64: 1>} : tensor<8xf32> -> tensor<4x8xf32>`
  }];
  let arguments = (ins Moe_Tensor:$x, DenseI64ArrayAttr:$dims);
  let results = (outs Moe_Tensor:$y);
  let assemblyFormat = "$x attr-dict `:` type($x) `->` type($y)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def Moe_ReshapeOp : Moe_Op<"reshape"> {
  let summary = "the same elements in row-major order with another shape";
  let description = [{
    C1: equal element types. C2: equal numbers of elements.

    Example: `%y = moe.reshape %x : tensor<4x8xf32> -> tensor<32xf32>`
  }];
  let arguments = (ins Moe_Tensor:$x);
  let results = (outs Moe_Tensor:$y);
  let assemblyFormat = "$x attr-dict `:` type($x) `->` type($y)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def Moe_TransposeOp : Moe_Op<"transpose"> {
  let summary = "permutes dimensions";
  let description = [{
    Dimension i of the result is dimension `perm[i]` of the operand.

    C1: `perm` is a permutation. C2: the result has the permuted shape and the operand's element type.

    Example: `%y = moe.transpose %x {perm = array<i64: 1, 0>} : tensor<4x8xf32> -> tensor<8x4xf32>`
  }];
  let arguments = (ins Moe_Tensor:$x, DenseI64ArrayAttr:$perm);
  let results = (outs Moe_Tensor:$y);
  let assemblyFormat = "$x attr-dict `:` type($x) `->` type($y)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def Moe_SliceOp : Moe_Op<"slice"> {
  let summary = "a box of consecutive elements";
  let description = [{
    `y[i] = x[i + offsets]`; the result's shape is the size of the box.

    C1: one offset a dimension; equal ranks and element types. C2: the box lies inside the operand.

    Example: `%y = moe.slice %x {offsets = array<i64: 0, 2>} : tensor<4x8xf32> -> tensor<4x3xf32>`
  }];
  let arguments = (ins Moe_Tensor:$x, DenseI64ArrayAttr:$offsets);
  let results = (outs Moe_Tensor:$y);
  let assemblyFormat = "$x attr-dict `:` type($x) `->` type($y)";
  let hasVerifier = 1;
}

def Moe_PadOp : Moe_Op<"pad"> {
  let summary = "a tensor inside a larger one of zeros";
  let description = [{
    `y[i + offsets] = x[i]`, and 0 (false) elsewhere. The gradient of `moe.slice`.

    C1: one offset a dimension; equal ranks and element types. C2: the operand fits inside the result.

    Example: `%y = moe.pad %x {offsets = array<i64: 0, 2>} : tensor<4x3xf32> -> tensor<4x8xf32>`
  }];
  let arguments = (ins Moe_Tensor:$x, DenseI64ArrayAttr:$offsets);
  let results = (outs Moe_Tensor:$y);
  let assemblyFormat = "$x attr-dict `:` type($x) `->` type($y)";
  let hasVerifier = 1;
}

def Moe_ConcatOp : Moe_Op<"concat"> {
  let summary = "tensors one after another along a dimension";
  let description = [{
    C1: at least one operand. C2: equal element types and ranks. C3: equal extents except along `dim`, where the result's
    extent is the sum.

    Example: `%y = moe.concat %a, %b {dim = 0} : tensor<2x8xf32>, tensor<3x8xf32> -> tensor<5x8xf32>`
  }];
  let arguments = (ins Variadic<Moe_Tensor>:$xs, I64Attr:$dim);
  let results = (outs Moe_Tensor:$y);
  let assemblyFormat = "$xs attr-dict `:` type($xs) `->` type($y)";
  let hasVerifier = 1;
}

def Moe_ReduceOp : Moe_Op<"reduce"> {
  let summary = "sum, maximum or minimum over dimensions";
  let description = [{
    Removes the dimensions `dims`. The gradient of a maximum goes to every element that equals it, divided by their number.

    C1: `dims` increases strictly and stays inside the operand. C2: the result's shape is what is left. C3: equal element types.

    Example: `%y = moe.reduce sum %x {dims = array<i64: 1>} : tensor<4x8xf32> -> tensor<4xf32>`
  }];
  let arguments = (ins Moe_ReduceKindAttr:$kind, Moe_NumberTensor:$x, DenseI64ArrayAttr:$dims);
  let results = (outs Moe_NumberTensor:$y);
  let assemblyFormat = "$kind $x attr-dict `:` type($x) `->` type($y)";
  let hasVerifier = 1;
}

def Moe_CumsumOp : Moe_Op<"cumsum", [SameOperandsAndResultType]> {
  let summary = "sums of prefixes along a dimension";
  let description = [{
    `y[i] = sum of x[j] for j <= i` (for `j < i` when `exclusive`; for `j >= i`, `j > i` when `reverse`).

    C1: `dim` is a dimension of the operand.

    Example: `%y = moe.cumsum %x {dim = 0, exclusive} : tensor<4x8xi32>`
  }];
  let arguments = (ins Moe_NumberTensor:$x, I64Attr:$dim, UnitAttr:$exclusive, UnitAttr:$reverse);
  let results = (outs Moe_NumberTensor:$y);
  let assemblyFormat = "$x attr-dict `:` type($x)";
  let hasVerifier = 1;
}

def Moe_ContractOp : Moe_Op<"contract"> {
  let summary = "sum of products over an iteration domain (products, einsum, windows)";
  let description = [{
    For every point i of the box `extents`: `y[maps.last(i)] += product of xs[k][maps[k](i)]`; y starts at 0. Each map is linear
    with coefficients that are integers (`d0 + d3`), so matrix products, batched products, windows and their gradients are all
    this one op: the gradient with respect to one operand exchanges its map with the result's.

    C1: one or two operands. C2: one map an operand and one for the result, all over `extents.size()` dimensions and without symbols.
    C3: each map has as many results as its tensor dimensions. C4: every index stays inside its tensor.
    C5: element types are equal. C6: extents are positive.

    Example (windowed scores, `s[t,j] = sum(c) q[t,c] k[t+j,c]`):
    ```mlir
    %s = moe.contract %q, %k {extents = array<i64: 8, 4, 16>,
           maps = [affine_map<(t, j, c) -> (t, c)>, affine_map<(t, j, c) -> (t + j, c)>,
                   affine_map<(t, j, c) -> (t, j)>]}
         : tensor<8x16xf32>, tensor<11x16xf32> -> tensor<8x4xf32>
    ```
  }];
  let arguments = (ins Variadic<Moe_FloatTensor>:$xs, DenseI64ArrayAttr:$extents, AffineMapArrayAttr:$maps);
  let results = (outs Moe_FloatTensor:$y);
  let assemblyFormat = "$xs attr-dict `:` type($xs) `->` type($y)";
  let hasVerifier = 1;
}

def Moe_SoftmaxOp : Moe_Op<"softmax", [SameOperandsAndResultType]> {
  let summary = "y = exp(x - max x) / sum exp(x - max x) along the last dimension";
  let description = [{
    An element of minus infinity gives 0; a row of nothing else gives 0 everywhere.

    C1: rank at least 1.

    Example: `%p = moe.softmax %s : tensor<4x8xf32>`
  }];
  let arguments = (ins Moe_FloatTensor:$x);
  let results = (outs Moe_FloatTensor:$y);
  let assemblyFormat = "$x attr-dict `:` type($x)";
  let hasVerifier = 1;
}

def Moe_LogSumExpOp : Moe_Op<"logsumexp"> {
  let summary = "y = log sum exp x along the last dimension";
  let description = [{
    C1: the operand has rank at least 1, and the result its type without the last dimension.

    Example: `%y = moe.logsumexp %s : tensor<4x8xf32> -> tensor<4xf32>`
  }];
  let arguments = (ins Moe_FloatTensor:$x);
  let results = (outs Moe_FloatTensor:$y);
  let assemblyFormat = "$x attr-dict `:` type($x) `->` type($y)";
  let hasVerifier = 1;
}

def Moe_NormalizeOp : Moe_Op<"normalize", [SameOperandsAndResultType]> {
  let summary = "y = (x - mean x) / sqrt(var x + eps) along the last dimension";
  let description = [{
    `var` divides by the number of elements. Layer norm without its scale and shift.

    C1: rank at least 1. C2: eps is not negative.

    Example: `%y = moe.normalize %x {eps = 1.0e-5 : f64} : tensor<4x8xf32>`
  }];
  let arguments = (ins Moe_FloatTensor:$x, F64Attr:$eps);
  let results = (outs Moe_FloatTensor:$y);
  let assemblyFormat = "$x attr-dict `:` type($x)";
  let hasVerifier = 1;
}

def Moe_GatherOp : Moe_Op<"gather"> {
  let summary = "rows of a table: y[i..., :] = table[ids[i...], :]";
  let description = [{
    C1: the table has rank at least 1. C2: the result's shape is the shape of `ids` followed by the table's without its
    first dimension; element types are equal. An id outside the table is a failure of the run.

    Example: `%y = moe.gather %table, %ids : tensor<100x8xf32>, tensor<2x4xi32> -> tensor<2x4x8xf32>`
  }];
  let arguments = (ins Moe_Tensor:$table, Moe_IntTensor:$ids);
  let results = (outs Moe_Tensor:$y);
  let assemblyFormat = "$table `,` $ids attr-dict `:` type($table) `,` type($ids) `->` type($y)";
  let hasVerifier = 1;
}

def Moe_ScatterAddOp : Moe_Op<"scatter_add"> {
  let summary = "table[ids[i...], :] += x[i..., :], from 0";
  let description = [{
    Rows with the same id are added in row-major order of `ids`. The gradient of `moe.gather`.

    C1: the result has rank at least 1. C2: the shape of `x` is the shape of `ids` followed by the result's without its first dimension;
    element types are equal.

    Example: `%t = moe.scatter_add %ids, %x : tensor<2x4xi32>, tensor<2x4x8xf32> -> tensor<100x8xf32>`
  }];
  let arguments = (ins Moe_IntTensor:$ids, Moe_FloatTensor:$x);
  let results = (outs Moe_FloatTensor:$table);
  let assemblyFormat = "$ids `,` $x attr-dict `:` type($ids) `,` type($x) `->` type($table)";
  let hasVerifier = 1;
}

def Moe_DetachOp : Moe_Op<"detach", [SameOperandsAndResultType]> {
  let summary = "y = x, with gradient 0";
  let description = "C1: operand and result have the same type.\n\nExample: `%y = moe.detach %x : tensor<4xf32>`";
  let arguments = (ins Moe_FloatTensor:$x);
  let results = (outs Moe_FloatTensor:$y);
  let assemblyFormat = "$x attr-dict `:` type($x)";
}

#endif
