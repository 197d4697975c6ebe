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

    A row that reads no tensor (a constant, a mask of random numbers) is computed again by everyone who needs it, so that it is never stored. A `kernel.view` between
    two rows is no barrier when one of the two domains can be split or joined to match.
  }];
  let dependentDialects = ["::moe::kernel::KernelDialect", "::mlir::arith::ArithDialect"];
}
