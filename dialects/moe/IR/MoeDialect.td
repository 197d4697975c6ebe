#ifndef MOE_IR_DIALECT
#define MOE_IR_DIALECT

include "mlir/IR/OpBase.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"

def Moe_Dialect : Dialect {
  let name = "moe";
  let cppNamespace = "::moe";
  let summary = "Mixture-of-experts models as functional tensor programs";
  let description = [{
    The dialect in which a checked `.moe` program is written, differentiated and
    simplified. Values are tensors of static shape and !moe.routing values; every
    op is a pure function of its operands. State (parameters, optimiser state,
    expert averages, attention memory) enters as function arguments and leaves
    as function results.

    A *program* is a `func.func`. Its arguments carry the dictionary attribute
    `moe.arg` and its results the dictionary attribute `moe.res`; both hold
    `kind` (a string) and `name` (a string). See docs/dialect.md for the kinds.
  }];
  let useDefaultTypePrinterParser = 1;
  let useDefaultAttributePrinterParser = 1;
}

def Moe_RoutingType : TypeDef<Moe_Dialect, "Routing"> {
  let mnemonic = "routing";
  let summary = "which rows of tokens go to which expert";
  let description = [{
    The result of `moe.route`: the pairs (token, expert) that are switched on,
    listed expert by expert and, within an expert, by token. `rows` is a static
    bound on the number of pairs. When `exact` is true there are always exactly
    `rows` pairs; otherwise the rows past the last pair are unspecified, and no
    op that takes the routing reads them.

    Example: `!moe.routing<tokens = 2048, experts = 16, rows = 4096, exact>`
  }];
  let parameters = (ins "int64_t":$tokens, "int64_t":$experts, "int64_t":$rows, "bool":$exact);
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
}

class Moe_IntEnum<string name, string summary, list<I32EnumAttrCase> cases>
    : I32EnumAttr<name, summary, cases> {
  let cppNamespace = "::moe";
  let genSpecializedAttr = 0;
}

def Moe_ReduceKind : Moe_IntEnum<"ReduceKind", "how elements are reduced", [
  I32EnumAttrCase<"sum", 0>, I32EnumAttrCase<"max", 1>, I32EnumAttrCase<"min", 2>]>;
def Moe_ReduceKindAttr : EnumAttr<Moe_Dialect, Moe_ReduceKind, "reduce_kind">;

def Moe_Predicate : Moe_IntEnum<"Predicate", "comparison (IEEE ordered; `ne` is unordered)", [
  I32EnumAttrCase<"eq", 0>, I32EnumAttrCase<"ne", 1>, I32EnumAttrCase<"lt", 2>,
  I32EnumAttrCase<"le", 3>, I32EnumAttrCase<"gt", 4>, I32EnumAttrCase<"ge", 5>]>;
def Moe_PredicateAttr : EnumAttr<Moe_Dialect, Moe_Predicate, "predicate">;

def Moe_Over : Moe_IntEnum<"Over", "the axis (or pair of axes) that routed rows replace", [
  I32EnumAttrCase<"tokens", 0>, I32EnumAttrCase<"experts", 1>, I32EnumAttrCase<"pairs", 2>]>;
def Moe_OverAttr : EnumAttr<Moe_Dialect, Moe_Over, "over">;

#endif
