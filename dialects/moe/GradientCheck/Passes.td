include "mlir/Pass/PassBase.td"

def CheckGradients : Pass<"moe-check-gradients", "::mlir::ModuleOp"> {
  let summary = "compares the gradients of every objective with finite differences";
  let description = [{
    For tests. Every function with an objective is differentiated and evaluated in float64 at random arguments, and the gradient of each parameter
    compared with central differences: element by element, or along random directions when the parameter is large. Prints `NAME ok BOUND` for each:
    the two differ by no more than that, relative to the gradient's root mean square. It also says how often a step had to be made smaller or a place left
    out at a kink. A gradient that is off by more than the tolerance, that could be compared nowhere, or not as sharply as the tolerance asks, is an error
    at the parameter. The module is not changed.
  }];
  let options = [
    Option<"tolerance", "tolerance", "double", "1e-6", "the largest relative error that passes">,
    Option<"step", "step", "double", "1e-3", "an element moves by one and two of it to either side">,
    Option<"elements", "elements", "int64_t", "64", "a parameter with at most so many is compared element by element">,
    Option<"directions", "directions", "int64_t", "6", "along which a larger one is compared">,
    Option<"seed", "seed", "uint64_t", "1", "of the arguments and the directions">,
    Option<"ids", "ids", "int64_t", "3", "integer arguments lie in [0, ids)">,
  ];
}
