include "mlir/Pass/PassBase.td"

def FuseRows : Pass<"kernel-fuse-rows", "::mlir::func::FuncOp"> {
  let summary = "merges kernel.row ops that walk the same elements";
  let description = [{
    Looks at each row in program order and merges into it the rows that compute its operands, as long as

    - the producer's elements can be found from the consumer's index: a map can be computed anywhere; a row with a reduction only where the consumer walks the
      same row, or where the consumer computes one value a row;
    - no expensive work is done twice: a producer is evaluated at most as often as before, unless it is cheap (a few additions on one tensor);
    - values that others need are further results of the merged row, and no op lies on a path from the producer to the consumer;
    - the region stays within fixed bounds.

    A producer that cannot be merged, as ops lie between, is copied into the consumer where that takes less time than to read its results (and, if nothing else reads them, to write them):
    what the copy reads has to be in memory anyway. So `silu(g) * u` keeps `g` and `u` for its derivative, and none of its parts.

    A row that reads no tensor (a constant, a mask of random numbers) or spreads a smaller one is computed again by everyone who needs it, so that it is never stored. A `kernel.view` between
    two rows is no barrier when one of the two domains can be split or joined to match.
  }];
  let dependentDialects = ["::moe::kernel::KernelDialect", "::mlir::arith::ArithDialect"];
}

def ShrinkRows : Pass<"kernel-shrink-rows", "::mlir::func::FuncOp"> {
  let summary = "what a row makes is stored once where it is the same everywhere";
  let description = [{
    A result of a `kernel.row` that does not vary along the row (the deviation of a normalised row, spread over its elements by the derivative that reads it) loses the dimensions of the row, if rows alone read it: they find it by their own index. Of results that are the same value one is left, and none that nothing reads.

    ```mlir
    %y:2 = kernel.row(%x) { ... yield %n, %deviation }  -> (tensor<4x8xf32>, tensor<4x8xf32>)
    ```
    becomes `(tensor<4x8xf32>, tensor<4xf32>)`.
  }];
  let dependentDialects = ["::moe::kernel::KernelDialect"];
  let statistics = [Statistic<"shrunkResults", "shrunk", "results that lost dimensions">,
                    Statistic<"mergedResults", "merged", "results that were the same as others">];
}

def GatherInProducts : Pass<"kernel-gather-in-products", "::mlir::func::FuncOp"> {
  let summary = "grouped products read their rows through the index that gathers them";
  let description = [{
    An operand of a grouped product that is `kernel.gather_rows` by an index of the same `kernel.route` as the offsets becomes the table, with that index. A gather that something
    else reads too is made anyway and stays.

    ```mlir
    %g = kernel.gather_rows %x, %token ...                 // [R, d], k times as large as %x
    %h = kernel.grouped_contract %g, %w, %offsets ...
    %d = kernel.grouped_outer %g, %dh, %offsets ...
    ```
    becomes
    ```mlir
    %h = kernel.grouped_contract %x[%token ...], %w, %offsets ...
    %d = kernel.grouped_outer %x[%token ...], %dh, %offsets ...
    ```
  }];
  let dependentDialects = ["::moe::kernel::KernelDialect"];
  let statistics = [Statistic<"gathersRemoved", "gathers", "gathers that are made by products">];
}

def FormEpilogues : Pass<"kernel-form-epilogues", "::mlir::func::FuncOp"> {
  let summary = "a map of a grouped product becomes the region of the product";
  let description = [{
    A `kernel.row` without reductions over the elements [R, o] of a `kernel.grouped_contract` is computed by the product, from elements that have just been summed up: a bias, an
    activation and its derivative, a mask, the weight of a pair. What the row reads beside it becomes an element of `ins`; where that is a gather of something that each expert has, by
    the routing's expert of each row, the thing itself. Of several products that the row reads the last one takes it. The product moves to where the row is or, if something needs
    it before, the row to where the product is.

    ```mlir
    %p = kernel.grouped_contract %x, %w, %offsets ...     // [R, o]
    %b = kernel.gather_rows %bias, %expert ...            // [R, o]
    %y = kernel.row(%p, %b ...) ...                       // [R, o]
    ```
    becomes one `kernel.grouped_contract ... with(%bias ...)` with the region of the row. A row that adds up along o stays: the elements of a row of a product need not be in one place.
  }];
  let dependentDialects = ["::moe::kernel::KernelDialect"];
  let statistics = [Statistic<"formedEpilogues", "epilogues", "maps that became regions of products">];
}

def RepeatInRegions : Pass<"kernel-repeat-in-regions", "::mlir::func::FuncOp"> {
  let summary = "what a grouped product's region reads of another one's is computed again";
  let description = [{
    A region of a `kernel.grouped_contract` that reads a result of the region of an earlier one, at its own element, and has the elements that this is made from among its operands
    as well, computes it itself, if that takes less time than to read it (and, if nothing else reads it, to write it). Derivatives of an activation are then made from what
    goes into it. Results that nothing reads any more are dropped.

    ```mlir
    %y:2 = kernel.grouped_contract ... with(%g) { ... yield %s * %p, %s }     // s = sigmoid(g)
    %z = kernel.grouped_contract ... with(%y#1, %g) { ... }
    ```
    becomes
    ```mlir
    %y = kernel.grouped_contract ... with(%g) { ... yield %s * %p }
    %z = kernel.grouped_contract ... with(%g) { ... }                         // with the ops of s
    ```
  }];
  let dependentDialects = ["::moe::kernel::KernelDialect", "::mlir::arith::ArithDialect"];
  let statistics = [Statistic<"repeatedOperands", "operands", "operands that regions make themselves">];
}

def ChunkTokens : Pass<"kernel-chunk-tokens", "::mlir::func::FuncOp"> {
  let summary = "runs ops on one run of tokens after the other where a tensor between them is too large";
  let description = [{
    Finds a tensor of more than `limit` bytes (the logits of a large vocabulary, say) and the row and contract ops around it that treat tokens alike: each of their tensors has
    the tokens as its leading dimensions or does not depend on them, and a result without tokens is a sum over them. If no op outside needs the large tensors whole,
    the group is repeated for one chunk of tokens after the other:

    - an operand with tokens becomes a view of the chunk's part;
    - a result with tokens is joined from its parts, if anything outside reads it;
    - a sum over tokens starts from the sum of the chunks before it (`init` of `kernel.contract`).

    So a linear output layer with cross-entropy keeps one chunk of logits, in cache, and makes their gradient there: three products, exact, whatever the loss computes from the logits.

    ```mlir
    %z = kernel.contract %x, %w ...  // [N, V]
    %l = kernel.row (%z, %t) ...     // [N]
    %d = kernel.row (%z, %t) ...     // [N, V]
    %dx = kernel.contract %d, %w ... // [N, d]
    %dw = kernel.contract %x, %d ... // [d, V]
    ```
    has `%z` and `%d` for some tokens at a time only. Groups in which something outside depends on one op and is needed by another (attention between forward and backward) stay.
  }];
  let dependentDialects = ["::moe::kernel::KernelDialect", "::mlir::arith::ArithDialect"];
  let options = [
    Option<"limitBytes", "limit", "int64_t", "int64_t(32) << 20", "bytes of the largest tensor that may exist whole">,
    Option<"chunkBytes", "chunk", "int64_t", "int64_t(10) << 20", "bytes of a chunk of such a tensor; up to four times as many where it would read more weights than tokens">,
    Option<"leastTokens", "least-tokens", "int64_t", "64", "no chunk has fewer tokens: products need rows to be fast">];
  let statistics = [Statistic<"chunkedGroups", "groups", "groups of ops run chunk by chunk">];
}

def FormSlices : Pass<"kernel-form-slices", "::mlir::func::FuncOp"> {
  let summary = "runs ops around a large tensor slice after slice, so that it never exists whole";
  let description = [{
    Looks for contractions with a result of more than `limit` bytes and gathers around it the rows and contractions that make and read it and other large tensors, as long as all share its
    first dimensions: attention, which is one problem for each row of the batch and each head, and its derivative. The group becomes a `kernel.slices` if no large tensor is left that
    somebody outside reads.

    - A large tensor that is read again much later (the weights of the attention, by its derivative) is computed again there, if what it is computed from is small beside it.
    - A sum over the shared dimensions (the gradient of positions that all heads share) becomes a partial sum a slice, if these are small, and a row that adds them up.
    - Slices of a product must be products of matrices: a linear layer is not cut into tokens.

    ```mlir
    %s = kernel.contract %q, %k ...  // [B, n, T, S], large
    %w = kernel.row (%s) ...         // [B, n, T, S]
    %o = kernel.contract %w, %v ...  // [B, T, n, c]
    ```
    becomes one `kernel.slices` over [B, n] with `%s` and `%w` inside.
  }];
  let dependentDialects = ["::moe::kernel::KernelDialect", "::mlir::arith::ArithDialect"];
  let options = [
    Option<"limitBytes", "limit", "int64_t", "int64_t(4) << 20", "bytes of the largest tensor that may exist whole">,
    Option<"mostSliceBytes", "slice", "int64_t", "int64_t(8) << 20", "bytes of the largest slice of a tensor">,
    Option<"leastSlices", "least-slices", "int64_t", "8", "no fewer slices: they are what runs in parallel">,
    Option<"mostRecomputations", "recompute", "unsigned", "2", "how often a tensor may be computed again">];
  let statistics = [Statistic<"formedSlices", "groups", "groups of ops run slice after slice">,
                    Statistic<"recomputed", "recomputed", "large tensors computed again where they are read again">];
}

def NarrowProducts : Pass<"kernel-narrow-products", "::mlir::func::FuncOp"> {
  let summary = "rounds the factors of products to bf16";
  let description = [{
    In a function with the attribute `moe.precision = "bf16"` the factors of `contract`, `grouped_contract` and `grouped_outer` become bf16; products and sums stay f32, and so do parameters, of
    which a bf16 copy is made in each run. A value is rounded once, where it is made, and what then only moves (views, gathered rows) moves in bf16. A product by which routing
    is decided keeps its f32 factors: which expert a token goes to shall not hinge on rounding.

    ```mlir
    %y = kernel.contract %x, %w ... : tensor<8x4xf32>, tensor<4x6xf32> -> tensor<8x6xf32>
    ```
    becomes
    ```mlir
    %a = kernel.row(%x : tensor<8x4xf32>) ... { arith.truncf } -> (tensor<8x4xbf16>)
    %b = kernel.row(%w : tensor<4x6xf32>) ... { arith.truncf } -> (tensor<4x6xbf16>)
    %y = kernel.contract %a, %b ... : tensor<8x4xbf16>, tensor<4x6xbf16> -> tensor<8x6xf32>
    ```
  }];
  let dependentDialects = ["::moe::kernel::KernelDialect", "::mlir::arith::ArithDialect"];
  let options = [Option<"always", "always", "bool", "false", "also in functions without the attribute">];
  let statistics = [Statistic<"narrowed", "products", "products with bf16 factors">, Statistic<"kept", "deciding", "products that decide routing">];
}

def Recompute : Pass<"kernel-recompute", "::mlir::func::FuncOp"> {
  let summary = "makes tensors again where they are read again, instead of keeping them";
  let description = [{
    Between its forward and its backward part a step keeps what its derivatives need. While more than `limit` bytes are alive somewhere, the pass looks at the launch with most, chooses
    an op whose results are alive there but not read, and copies it to the next launch that reads one of them:

    - what the copy reads is there anyway, or is kept longer, or made again as well, by up to `depth` ops behind each other;
    - the bytes of what is kept longer, and of what is made on the way, are no more than those that are freed, and the place of the copy does not become the next peak;
    - the op that frees most bytes for most launches at the least cost comes first. Cost is bytes moved and, with `products`, multiplications.

    A row is copied into the row that reads it next, where the two have one domain.

    A copy makes the results alone that are read later, in the same order of operations: every bit of the program's results stays as it was. The pass ends when nothing lowers the peak.

    ```mlir
    %h = kernel.row (%x, %b) ...      // relu(x + b), alive up to the last line
    %y = kernel.contract %h, %w ...
    ...                               // the peak
    %dw = kernel.contract %h, %dy ...
    ```
    becomes, where `%x` is needed later anyway, `%h1 = kernel.row (%x, %b)` before the last line.

    Whoever runs the pass must not eliminate common subexpressions after it.
  }];
  let dependentDialects = ["::moe::kernel::KernelDialect", "::mlir::arith::ArithDialect"];
  let options = [
    Option<"limitBytes", "limit", "int64_t", "0", "bytes of tensors that may be alive at once">,
    Option<"withProducts", "products", "bool", "false", "compute products again, too">,
    Option<"mostDepth", "depth", "unsigned", "3", "how many ops behind each other are computed again for one">];
  let statistics = [Statistic<"copies", "copies", "ops that are run again">,
                    Statistic<"savedBytes", "saved", "bytes by which peaks were lowered, added up">];
}
