#ifndef MOE_IR_ROUTING
#define MOE_IR_ROUTING
include "dialects/moe/IR/MoeOpBase.td"

def Moe_TopMaskOp : Moe_Op<"top_mask"> {
  let summary = "marks the k largest elements of the last dimension";
  let description = [{
    Equal elements: the lowest index first. NaN counts as minus infinity. No gradient.

    C1: the result is i1 of the operand's shape. C2: 1 <= k <= the last extent.

    Example: `%on = moe.top_mask %s {k = 2} : tensor<64x16xf32> -> tensor<64x16xi1>`
  }];
  let arguments = (ins Moe_FloatTensor:$x, I64Attr:$k);
  let results = (outs Moe_BoolTensor:$y);
  let assemblyFormat = "$x attr-dict `:` type($x) `->` type($y)";
  let hasVerifier = 1;
}

def Moe_RouteOp : Moe_Op<"route"> {
  let summary = "lists the pairs (token, expert) that are on, expert by expert";
  let description = [{
    Rows are ordered by expert, then by token. `excess` is the number of pairs beyond the routing's `rows` (or, when the routing is
    exact, the difference in absolute value): it must be 0, and the run fails if it is not.

    C1: `on` is [tokens, experts] of the routing. C2: rows <= tokens * experts.

    Example:
    ```mlir
    %r, %excess = moe.route %on : tensor<64x16xi1> -> !moe.routing<tokens = 64, experts = 16, rows = 128, exact>
    ```
  }];
  let arguments = (ins Moe_BoolTensor:$on);
  let results = (outs Moe_RoutingType:$routing, Moe_Count:$excess);
  let assemblyFormat = "$on attr-dict `:` type($on) `->` type($routing)";
  let hasVerifier = 1;
  let builders = [OpBuilder<(ins "::mlir::Value":$on, "int64_t":$rows, "bool":$exact)>];
}

def Moe_DispatchOp : Moe_Op<"dispatch"> {
  let summary = "one row for each pair that is on";
  let description = [{
    With row r standing for (token n, expert e): over tokens `y[r] = x[n]`; over experts `y[r] = x[e]`; over pairs `y[r] = x[n, e]`.

    C1: the leading extents of `x` are those of the routing (tokens; experts; tokens and experts). C2: the result is [rows] followed by
    the rest, of the same element type.

    Example: `%y = moe.dispatch tokens %x, %r : tensor<64x8xf32>, !moe.routing<tokens = 64, experts = 4, rows = 128, exact> -> tensor<128x8xf32>`
  }];
  let arguments = (ins Moe_OverAttr:$over, Moe_FloatTensor:$x, Moe_RoutingType:$routing);
  let results = (outs Moe_FloatTensor:$y);
  let assemblyFormat = "$over $x `,` $routing attr-dict `:` type($x) `,` type($routing) `->` type($y)";
  let hasVerifier = 1;
}

def Moe_CombineOp : Moe_Op<"combine"> {
  let summary = "adds routed rows back where they came from";
  let description = [{
    With row r standing for (token n, expert e): over tokens `y[n] = sum of x[r]` in increasing order of e; over experts `y[e] = sum of
    x[r]` in increasing order of n; over pairs `y[n, e] = x[r]`. What no row reaches is 0. The transpose of `moe.dispatch`.

    C1: `x` is [rows, rest]. C2: the result is the leading extents of the routing (tokens; experts; tokens and experts) followed by the rest,
    of the same element type.

    Example: `%y = moe.combine tokens %x, %r : tensor<128x8xf32>, !moe.routing<tokens = 64, experts = 4, rows = 128, exact> -> tensor<64x8xf32>`
  }];
  let arguments = (ins Moe_OverAttr:$over, Moe_FloatTensor:$x, Moe_RoutingType:$routing);
  let results = (outs Moe_FloatTensor:$y);
  let assemblyFormat = "$over $x `,` $routing attr-dict `:` type($x) `,` type($routing) `->` type($y)";
  let hasVerifier = 1;
}

def Moe_GroupedMatmulOp : Moe_Op<"grouped_matmul"> {
  let summary = "each row times the matrix of its expert";
  let description = [{
    `y[r, o] = sum(i) x[r, i] * w[e(r), i, o]`; with `transpose_w`, `w[e(r), o, i]`.

    C1: `x` is [rows, i]. C2: `w` is [experts, i, o] ([experts, o, i] with `transpose_w`). C3: the result is [rows, o]. Element types
    are equal.

    Example: `%y = moe.grouped_matmul %x, %w, %r : tensor<128x8xf32>, tensor<4x8x32xf32>, !moe.routing<tokens = 64, experts = 4, rows = 128, exact> -> tensor<128x32xf32>`
  }];
  let arguments = (ins Moe_FloatTensor:$x, Moe_FloatTensor:$w, Moe_RoutingType:$routing, UnitAttr:$transpose_w);
  let results = (outs Moe_FloatTensor:$y);
  let assemblyFormat = "$x `,` $w `,` $routing attr-dict `:` type($x) `,` type($w) `,` type($routing) `->` type($y)";
  let hasVerifier = 1;
}

def Moe_GroupedOuterOp : Moe_Op<"grouped_outer"> {
  let summary = "the sum of outer products of the rows of each expert";
  let description = [{
    `w[e, i, o] = sum over the rows r of e of a[r, i] * b[r, o]`, 0 for an expert without rows. The weight gradient of
    `moe.grouped_matmul`.

    C1: `a` is [rows, i] and `b` is [rows, o]. C2: the result is [experts, i, o]. Element types are equal.

    Example: `%w = moe.grouped_outer %a, %b, %r : tensor<128x8xf32>, tensor<128x32xf32>, !moe.routing<tokens = 64, experts = 4, rows = 128, exact> -> tensor<4x8x32xf32>`
  }];
  let arguments = (ins Moe_FloatTensor:$a, Moe_FloatTensor:$b, Moe_RoutingType:$routing);
  let results = (outs Moe_FloatTensor:$w);
  let assemblyFormat = "$a `,` $b `,` $routing attr-dict `:` type($a) `,` type($b) `,` type($routing) `->` type($w)";
  let hasVerifier = 1;
}

#endif
