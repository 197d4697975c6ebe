include "mlir/Pass/PassBase.td"

def FormMomentum : Pass<"moe-form-momentum", "::mlir::func::FuncOp"> {
  let summary = "outlines the elementwise update of each momentum rule into moe.momentum";
  let description = [{
    Elementwise ops that come from a momentum rule carry `moe.rule = "NAME#INSTANCE"`. Those of one instance and of the rule's largest shape become
    the region of one `moe.momentum "NAME"`, with the constants they use. Reductions, calls of the layer and ops of other shapes stay outside.

    Where the rule evaluates the layer at a point that it has computed itself (Nesterov, Robust), what comes before the call and what needs its result
    become two ops: an op of the rule that depends on an earlier one through an op outside starts the next `moe.momentum`.

    The attribute is removed from every op.
  }];
  let dependentDialects = ["::moe::MoeDialect"];
}

def CheckUpdate : Pass<"moe-check-update", "::mlir::ModuleOp"> {
  let summary = "makes @check_update, which says before an update whether it makes anything that is not finite";
  let description = [{
    `@update` writes parameters, optimiser and model state in place: when it is through it is too late to find an infinity. `@check_update` computes the same values from the same buffers,
    writes none of them, and returns how many elements of these and of the gradients are infinite or nan that were not so before (a least value so far may begin with an infinity), with the
    assertions of `@update`. It reads what the update reads. The other way, to keep a copy of all that an update changes, writes as much again, in memory that nothing else can use.

    ```mlir
    func.func @update(%g: grad 'w', %w: param 'w') -> param 'w' { %v = moe.sub %w, %g ... return %v }
    ```
    gets, beside it,
    ```mlir
    func.func @check_update(%g: grad 'w', %w: param 'w') -> check 'update' { %v = moe.sub %w, %g ... return %count }
    ```
    A parameter, its gradient and what is written just before it, of its type, are looked at in one pass.
  }];
  let dependentDialects = ["::moe::MoeDialect"];
}

def Simplify : Pass<"moe-simplify", "::mlir::ModuleOp"> {
  let summary = "removes arithmetic and layout changes that change nothing";
  let description = [{
    Float constants of one value are carried through arithmetic and layout; adding 0, multiplying or dividing by 1, negating twice and subtracting a
    negation go; layout changes in a row become one; of a contraction only the part is computed that is used. Rounding stays as it is: nothing is reassociated, and `x * 0` remains.
  }];
  let dependentDialects = ["::moe::MoeDialect"];
}
