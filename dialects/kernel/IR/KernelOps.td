include "dialects/kernel/IR/KernelDialect.td"

//===-- Rows and maps -------------------------------------------------------===//

def Kernel_RowOp : Kernel_Op<"row", [IsolatedFromAbove, SingleBlock]> {
  let summary = "elementwise arithmetic and reductions over the rows of an iteration domain";
  let description = [{
    The domain is the box `extents`; its last `row_rank` dimensions form the row, the others are parallel. The region computes one
    element from one element of each operand: `maps[k]` gives the operand's index (each result a dimension, a constant, or a
    dimension plus a constant). `kernel.reduce` inside reduces a scalar over the row; what follows it sees the reduced value at every element.
    With `row_rank = 0` the op is a map. Result k is indexed by `maps[operands + k]`: a permutation of the whole domain, or of
    the parallel dimensions alone when its value is uniform along the row.

    Region ops: `arith`, `math`, `kernel.reduce`, `kernel.index`, `kernel.random`.

    C1: one map an operand and a result, each over `extents.size()` dimensions. C2: indices stay inside their tensors.
    C3: block arguments and yielded values have the element types. C4: extents are positive and 0 <= row_rank <= rank. C5: a result whose map
    omits the row yields a value that does not vary along it. C6: the region holds the ops named above on scalars of f32, i32 and i1 and ends in `kernel.yield`; the
    dimension of a `kernel.index` lies in the domain. C7: a bf16 is the operand of `arith.extf` or the result of `arith.truncf`, which rounds to nearest, ties to even.

    Example (softmax along the last dimension):
    ```mlir
    %y = kernel.row (%x : tensor<4x8xf32>) attributes {extents = array<i64: 4, 8>, row_rank = 1,
           maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>]} {
    ^bb0(%a: f32):
      %m = kernel.reduce max %a : f32
      %b = arith.subf %a, %m : f32
      %e = math.exp %b : f32
      %s = kernel.reduce sum %e : f32
      %p = arith.divf %e, %s : f32
      kernel.yield %p : f32
    } -> (tensor<4x8xf32>)
    ```
  }];
  let arguments = (ins Variadic<Kernel_Tensor>:$ins, DenseI64ArrayAttr:$extents, I64Attr:$row_rank, AffineMapArrayAttr:$maps);
  let results = (outs Variadic<Kernel_Tensor>:$outs);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "`(` ($ins^ `:` type($ins))? `)` attr-dict-with-keyword $body `->` `(` type($outs) `)`";
  let hasVerifier = 1;
  let hasRegionVerifier = 1;
  let hasCanonicalizeMethod = 1;
  let builders = [
    /// `body` gets one scalar an operand and gives one scalar a result; the yield is added. `maps` as in the op.
    OpBuilder<(ins "::mlir::TypeRange":$outs, "::mlir::ValueRange":$ins, "::llvm::ArrayRef<int64_t>":$extents,
                   "int64_t":$rowRank, "::llvm::ArrayRef<::mlir::AffineMap>":$maps,
                   "::llvm::function_ref<::llvm::SmallVector<::mlir::Value>(::mlir::OpBuilder &, ::mlir::Location, ::mlir::ValueRange)>":$body)>];
  let extraClassDeclaration = [{
    int64_t getRank() { return getExtents().size(); }
    int64_t getParallelRank() { return getRank() - static_cast<int64_t>(getRowRank()); }
    ::mlir::AffineMap getMap(unsigned k) { return ::mlir::cast<::mlir::AffineMapAttr>(getMaps()[k]).getValue(); }
    ::mlir::AffineMap getInMap(unsigned k) { return getMap(k); }
    ::mlir::AffineMap getOutMap(unsigned k) { return getMap(getIns().size() + k); }
    ::mlir::Operation *getYield() { return getBody().front().getTerminator(); }
  }];
}

def Kernel_YieldOp : Op<Kernel_Dialect, "yield", [Pure, Terminator, ReturnLike]> {
  let summary = "the values of the region's results: of a kernel.row at one element, of a kernel.slices whole tensors";
  let arguments = (ins Variadic<AnyTypeOf<[Kernel_Scalar, Kernel_Tensor]>>:$values);
  let assemblyFormat = "attr-dict ($values^ `:` type($values))?";
}

def Kernel_ReduceOp : Kernel_Op<"reduce", [SameOperandsAndResultType, HasParent<"RowOp">]> {
  let summary = "reduces a scalar over the row; an extreme of a row with a NaN is NaN";
  let arguments = (ins Kernel_ReduceKindAttr:$kind, Kernel_Scalar:$x);
  let results = (outs Kernel_Scalar:$y);
  let assemblyFormat = "$kind $x attr-dict `:` type($x)";
}

def Kernel_IndexOp : Kernel_Op<"index"> {
  let summary = "the index of the element along one dimension of the domain";
  let arguments = (ins I64Attr:$dim);
  let results = (outs I32:$y);
  let assemblyFormat = "$dim attr-dict";
}

def Kernel_RandomOp : Kernel_Op<"random"> {
  let summary = "a uniform number in [0, 1) from Philox2x32-10";
  let description = "`(w >> 8) * 2^-24` with w the first word of Philox2x32-10 at counter (position, k2) and key `k0 ^ rotl(k1, 16) ^ site`.";
  let arguments = (ins I32:$k0, I32:$k1, I32:$k2, I32:$site, I32:$position);
  let results = (outs F32:$y);
  let assemblyFormat = "$k0 `,` $k1 `,` $k2 `,` $site `,` $position attr-dict";
}

//===-- Products ------------------------------------------------------------===//

def Kernel_ContractOp : Kernel_Op<"contract"> {
  let summary = "sum of products over an iteration domain";
  let description = [{
    For every point i of the box `extents` that satisfies the guards: `y[maps[2](i)] += a[maps[0](i)] * b[maps[1](i)]`, from `init` or, without one, from 0. Maps are
    linear with integer coefficients. `maps[2]` is a projected permutation: every result index is one dimension, so the remaining
    dimensions are the reduction. A guard g of `guards` with size z of `guard_sizes` holds where `0 <= g(i) < z`; a point that fails one contributes
    nothing (and reads nothing).

    C1: maps over `extents.size()` dimensions. C2: `maps[2]` is a projected permutation. C3: inside the guards every index stays inside its
    tensor. C4: `init` has the type of the result. C5: extents are positive. C6: `guards` is linear, too, and goes from the domain to one index a guard size.
    C7: both factors are f32, or both bf16.
  }];
  let arguments = (ins Kernel_FactorTensor:$a, Kernel_FactorTensor:$b, Optional<Kernel_FloatTensor>:$init, DenseI64ArrayAttr:$extents,
                   AffineMapArrayAttr:$maps, OptionalAttr<AffineMapAttr>:$guards, OptionalAttr<DenseI64ArrayAttr>:$guard_sizes);
  let results = (outs Kernel_FloatTensor:$y);
  let assemblyFormat = "$a `,` $b (`from` $init^ `:` type($init))? attr-dict `:` type($a) `,` type($b) `->` type($y)";
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    ::mlir::AffineMap getMap(unsigned k) { return ::mlir::cast<::mlir::AffineMapAttr>(getMaps()[k]).getValue(); }
  }];
}

def Kernel_GroupedContractOp : Kernel_Op<"grouped_contract", [IsolatedFromAbove, AttrSizedOperandSegments]> {
  let summary = "each group of rows times the matrix of its expert";
  let description = [{
    Rows `offsets[e] <= r < offsets[e+1]` belong to expert e: `p[r, o] = sum(i) x[r, i] * w[e, i, o]` (`w[e, o, i]` with `transpose_w`), where with `index` row r is
    `x[index[r], :]`. Without a region p is the result. With one, it computes an element of each result from `p[r, o]` and an element of each of `ins`, as that of a `kernel.row` without
    reductions over the domain (e, r, o): `maps` say which. Rows from `offsets[E]` on are not written, and their index is not read.

    C1: `x` is [R, i] (of any number of rows with `index`, which is [R]), `w` [E, i, o] ([E, o, i] with `transpose_w`) and each result [R, o]. C2: `offsets` is [E + 1].
    C3: both factors are f32, or both bf16. C4: with a region there is one map an element of `ins`, from (e, r, o) to distinct dimensions of the extents that the tensor has;
    without, no `ins` and one result of f32. C5: block arguments are p, an f32, and an element of each of `ins`, yielded values one of each result. C6: the region holds the ops of
    that of a `kernel.row` but `kernel.reduce`.

    Example (a bias for each expert and a relu):
    ```mlir
    %h = kernel.grouped_contract %x[%token : tensor<128xi32>], %w, %offsets with(%b : tensor<4x32xf32>) {maps = [affine_map<(e, r, o) -> (e, o)>]}
           : tensor<64x8xf32>, tensor<4x8x32xf32>, tensor<5xi32> -> tensor<128x32xf32> {
    ^bb0(%p: f32, %c: f32):
      %s = arith.addf %p, %c : f32
      %zero = arith.constant 0.0 : f32
      %y = arith.maximumf %s, %zero : f32
      kernel.yield %y : f32
    }
    ```
  }];
  let arguments = (ins Kernel_FactorTensor:$x, Optional<Kernel_IntTensor>:$index, Kernel_FactorTensor:$w, Kernel_IntTensor:$offsets, Variadic<Kernel_Tensor>:$ins,
                   UnitAttr:$transpose_w, OptionalAttr<AffineMapArrayAttr>:$maps);
  let results = (outs Variadic<Kernel_Tensor>:$outs);
  let regions = (region MaxSizedRegion<1>:$body);
  let assemblyFormat = [{
    $x (`[` $index^ `:` type($index) `]`)? `,` $w `,` $offsets (`with` `(` $ins^ `:` type($ins) `)`)? attr-dict `:` type($x) `,` type($w) `,` type($offsets)
    `->` type($outs) ($body^)?
  }];
  let hasVerifier = 1;
  let hasRegionVerifier = 1;
  let builders = [
    /// The product alone.
    OpBuilder<(ins "::mlir::Type":$y, "::mlir::Value":$x, "::mlir::Value":$w, "::mlir::Value":$offsets, "bool":$transposeW)>];
  let extraClassDeclaration = [{
    int64_t getRows() { return ::mlir::cast<::mlir::ShapedType>(getOuts().front().getType()).getDimSize(0); }
    int64_t getInputs() { return ::mlir::cast<::mlir::ShapedType>(getX().getType()).getDimSize(1); }
    int64_t getOutputs() { return ::mlir::cast<::mlir::ShapedType>(getOuts().front().getType()).getDimSize(1); }
    int64_t getExperts() { return ::mlir::cast<::mlir::ShapedType>(getW().getType()).getDimSize(0); }
    /// Of an element of `ins`, over (e, r, o).
    ::mlir::AffineMap getMap(unsigned k) { return ::mlir::cast<::mlir::AffineMapAttr>((*getMaps())[k]).getValue(); }
    bool hasRegion() { return !getBody().empty(); }
  }];
}

def Kernel_GroupedOuterOp : Kernel_Op<"grouped_outer", [AttrSizedOperandSegments]> {
  let summary = "the sum of outer products of each group of rows";
  let description = [{
    `w[e, i, o] = sum over offsets[e] <= r < offsets[e+1] of a[r, i] * b[r, o]`: the ragged dimension is the inner one. With `a_index` row r of a is `a[a_index[r], :]`, and so for b. The
    indices of rows from `offsets[E]` on are not read.

    C1: `a` is [R, i], `b` [R, o] and the result [E, i, o]; one with an index, which is [R], may have any number of rows. C2: `offsets` is [E + 1]. C3: both factors are f32, or both
    bf16.
  }];
  let arguments = (ins Kernel_FactorTensor:$a, Optional<Kernel_IntTensor>:$a_index, Kernel_FactorTensor:$b, Optional<Kernel_IntTensor>:$b_index, Kernel_IntTensor:$offsets);
  let results = (outs Kernel_FloatTensor:$w);
  let assemblyFormat = [{
    $a (`[` $a_index^ `:` type($a_index) `]`)? `,` $b (`[` $b_index^ `:` type($b_index) `]`)? `,` $offsets attr-dict
    `:` type($a) `,` type($b) `,` type($offsets) `->` type($w)
  }];
  let hasVerifier = 1;
  let builders = [OpBuilder<(ins "::mlir::Type":$w, "::mlir::Value":$a, "::mlir::Value":$b, "::mlir::Value":$offsets), [{
    build($_builder, $_state, w, a, /*a_index=*/::mlir::Value(), b, /*b_index=*/::mlir::Value(), offsets);
  }]>];
  let extraClassDeclaration = [{
    /// How many rows there are to add up.
    int64_t getRows() { return ::mlir::cast<::mlir::ShapedType>((getAIndex() ? ::mlir::Value(getAIndex()) : ::mlir::Value(getA())).getType()).getDimSize(0); }
  }];
}

//===-- Ops that run together -----------------------------------------------===//

def Kernel_SlicesOp : Kernel_Op<"slices", [IsolatedFromAbove, SingleBlock]> {
  let summary = "ops that may run one slice of their tensors after the other";
  let description = [{
    Means what its region says: `kernel.row` and `kernel.contract` on whole tensors. What it adds is a promise. `extents` are dimensions that all of these ops have, `dims[k]` says which
    ones of the domain of the k-th op, and no op adds up over them: so all ops can be run for one index of `extents` before any is run for the next, on as many processors
    as there are indices, and a tensor that is made and read inside needs room for a slice only. Attention, whose scores nobody outside reads, is the case in point.

    C1: block arguments have the types of the operands, yielded values those of the results, and each of these is made inside. C2: the region holds `kernel.row` and `kernel.contract`,
    each with as many distinct `dims` of its domain as there are `extents`, of these extents; those of a row are parallel. C3: a result is indexed by each of the `dims`, alone.
    C4: an operand that is made inside is indexed by `dims` where the result was. C5: no guard depends on `dims`. C6: `init` of a contraction and its
    result are both private (made inside and not yielded), or neither is.

    Example:
    ```mlir
    %o = kernel.slices(%q, %k, %v : tensor<8x4x5xf32>, tensor<8x6x5xf32>, tensor<8x6x5xf32>) attributes {extents = array<i64: 8>, dims = [array<i64: 0>, array<i64: 0>]} {
    ^bb0(%a: tensor<8x4x5xf32>, %b: tensor<8x6x5xf32>, %c: tensor<8x6x5xf32>):
      %s = kernel.contract %a, %b ... -> tensor<8x4x6xf32>  // [8, 4, 6] is never stored whole
      %y = kernel.contract %s, %c ... -> tensor<8x4x5xf32>
      kernel.yield %y : tensor<8x4x5xf32>
    } -> (tensor<8x4x5xf32>)
    ```
  }];
  let arguments = (ins Variadic<Kernel_Tensor>:$ins, DenseI64ArrayAttr:$extents, ArrayAttr:$dims);
  let results = (outs Variadic<Kernel_Tensor>:$outs);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "`(` ($ins^ `:` type($ins))? `)` attr-dict-with-keyword $body `->` `(` type($outs) `)`";
  let hasVerifier = 1;
  let hasRegionVerifier = 1;
  let extraClassDeclaration = [{
    ::llvm::ArrayRef<int64_t> getDimsOf(unsigned k) { return ::mlir::cast<::mlir::DenseI64ArrayAttr>(getDims()[k]).asArrayRef(); }
    ::mlir::Operation *getYield() { return getBody().front().getTerminator(); }
    /// Whether a value of the region is made there and seen by nobody outside.
    bool isPrivate(::mlir::Value value);
  }];
}

//===-- Routing -------------------------------------------------------------===//

def Kernel_TopMaskOp : Kernel_Op<"top_mask"> {
  let summary = "marks the k largest elements of the last dimension; ties to the lowest index; NaN counts as minus infinity";
  let description = "C1: the result is i1 of the operand's shape. C2: 1 <= k <= the last extent.";
  let arguments = (ins Kernel_FloatTensor:$x, I64Attr:$k);
  let results = (outs Kernel_BoolTensor:$y);
  let assemblyFormat = "$x attr-dict `:` type($x) `->` type($y)";
  let hasVerifier = 1;
}

def Kernel_RouteOp : Kernel_Op<"route"> {
  let summary = "counts, scans and lists the pairs that are on";
  let description = [{
    From `on` [N, E]: `offsets` [E+1]; for each row, by expert and then by token, its `row_token` [R], `row_expert` [R] and `row_pair` [R] (token * E + expert);
    `pair_row` [N, E] is the row of a pair or -1; `excess` [] is the number of pairs beyond R (for an exact routing the distance from R), which are dropped.
    Rows past the last pair have token, expert and pair -1.

    C1: `on` is [N, E]. C2: the results have the shapes above. C3: R <= N * E.
  }];
  let arguments = (ins Kernel_BoolTensor:$on, UnitAttr:$exact);
  let results = (outs Kernel_IntTensor:$offsets, Kernel_IntTensor:$row_token, Kernel_IntTensor:$row_expert,
                  Kernel_IntTensor:$row_pair, Kernel_IntTensor:$pair_row, Kernel_IntTensor:$excess);
  let assemblyFormat = "$on attr-dict `:` type($on) `->` type($offsets) `,` type($row_token) `,` type($row_expert) `,` type($row_pair) `,` type($pair_row) `,` type($excess)";
  let hasVerifier = 1;
}

//===-- Moving rows ---------------------------------------------------------===//

def Kernel_GatherRowsOp : Kernel_Op<"gather_rows"> {
  let summary = "y[r, :] = x[index[r], :]; a negative index gives zeros";
  let description = "C1: `x` is [V, D...]. C2: the result is [R..., D...] for `index` [R...], of the same element type.";
  let arguments = (ins Kernel_Tensor:$x, Kernel_IntTensor:$index);
  let results = (outs Kernel_Tensor:$y);
  let assemblyFormat = "$x `,` $index attr-dict `:` type($x) `,` type($index) `->` type($y)";
  let hasVerifier = 1;
}

def Kernel_ScatterAddRowsOp : Kernel_Op<"scatter_add_rows"> {
  let summary = "y[index[r], :] += x[r, :] in increasing order of r, from 0; a negative index is skipped";
  let description = "C1: the result is [V, D...]. C2: `x` is [R..., D...] for `index` [R...].";
  let arguments = (ins Kernel_IntTensor:$index, Kernel_FloatTensor:$x);
  let results = (outs Kernel_FloatTensor:$y);
  let assemblyFormat = "$index `,` $x attr-dict `:` type($index) `,` type($x) `->` type($y)";
  let hasVerifier = 1;
}

def Kernel_CombineRowsOp : Kernel_Op<"combine_rows"> {
  let summary = "y[n, :] = sum over e with pair_row[n, e] >= 0 of x[pair_row[n, e], :], in increasing order of e";
  let description = "C1: `pair_row` is [N, E] and `x` [R, D...]. C2: the result is [N, D...].";
  let arguments = (ins Kernel_FloatTensor:$x, Kernel_IntTensor:$pair_row);
  let results = (outs Kernel_FloatTensor:$y);
  let assemblyFormat = "$x `,` $pair_row attr-dict `:` type($x) `,` type($pair_row) `->` type($y)";
  let hasVerifier = 1;
}

def Kernel_SegmentSumOp : Kernel_Op<"segment_sum"> {
  let summary = "y[e, :] = sum over offsets[e] <= r < offsets[e+1] of x[r, :]";
  let description = "C1: `offsets` is [E + 1] and `x` [R, D...]. C2: the result is [E, D...].";
  let arguments = (ins Kernel_FloatTensor:$x, Kernel_IntTensor:$offsets);
  let results = (outs Kernel_FloatTensor:$y);
  let assemblyFormat = "$x `,` $offsets attr-dict `:` type($x) `,` type($offsets) `->` type($y)";
  let hasVerifier = 1;
}

def Kernel_ScanOp : Kernel_Op<"scan", [SameOperandsAndResultType]> {
  let summary = "sums of prefixes along a dimension, as moe.cumsum";
  let description = "C1: `dim` is a dimension of the operand.";
  let arguments = (ins Kernel_Tensor:$x, I64Attr:$dim, UnitAttr:$exclusive, UnitAttr:$reverse);
  let results = (outs Kernel_Tensor:$y);
  let assemblyFormat = "$x attr-dict `:` type($x)";
  let hasVerifier = 1;
}

def Kernel_ConcatOp : Kernel_Op<"concat"> {
  let summary = "tensors one after another along a dimension";
  let description = [{
    C1: at least one operand. C2: equal element types and ranks. C3: equal extents except along `dim`, where the result's extent is the sum.
  }];
  let arguments = (ins Variadic<Kernel_Tensor>:$xs, I64Attr:$dim);
  let results = (outs Kernel_Tensor:$y);
  let assemblyFormat = "$xs attr-dict `:` type($xs) `->` type($y)";
  let hasVerifier = 1;
}

def Kernel_PadOp : Kernel_Op<"pad"> {
  let summary = "y[i + offsets] = x[i], zero elsewhere";
  let description = "C1: one offset a dimension; equal ranks and element types. C2: the operand fits inside the result.";
  let arguments = (ins Kernel_Tensor:$x, DenseI64ArrayAttr:$offsets);
  let results = (outs Kernel_Tensor:$y);
  let assemblyFormat = "$x attr-dict `:` type($x) `->` type($y)";
  let hasVerifier = 1;
}

//===-- No launch -----------------------------------------------------------===//

def Kernel_ConstantOp : Kernel_Op<"constant", [ConstantLike, AllTypesMatch<["value", "y"]>]> {
  let summary = "data of the executable";
  let arguments = (ins ElementsAttr:$value);
  let results = (outs Kernel_Tensor:$y);
  let assemblyFormat = "attr-dict $value";
  let hasFolder = 1;
}

def Kernel_ViewOp : Kernel_Op<"view"> {
  let summary = "bytes of a tensor under another shape";
  let description = [{
    The elements `offset`, `offset` + 1, ... of `x` in row-major order, as a tensor of the result's shape: all of them, or a run.

    C1: equal element types. C2: the run lies inside `x`.
  }];
  let arguments = (ins Kernel_Tensor:$x, DefaultValuedAttr<I64Attr, "0">:$offset);
  let results = (outs Kernel_Tensor:$y);
  let assemblyFormat = "$x attr-dict `:` type($x) `->` type($y)";
  let hasVerifier = 1;
  let builders = [
    /// All elements of `x` under another shape.
    OpBuilder<(ins "::mlir::Type":$type, "::mlir::Value":$x), [{ build($_builder, $_state, type, x, 0); }]>];
  let extraClassDeclaration = [{
    /// Whether every element of the operand is an element of the result.
    bool isWhole() {
      auto count = [](::mlir::Value tensor) { return ::mlir::cast<::mlir::ShapedType>(tensor.getType()).getNumElements(); };
      return count(getX()) == count(getY());
    }
  }];
}
