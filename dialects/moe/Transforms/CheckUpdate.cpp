//===- CheckUpdate.cpp - the pass moe-check-update --------------------------===//
#include "dialects/moe/IR/MoeDialect.h"
#include "dialects/moe/Transforms/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Pass/Pass.h"

#include <limits>

using namespace mlir;

namespace moe {
#define GEN_PASS_DEF_CHECKUPDATE
#include "dialects/moe/Transforms/MoeTransformsPasses.h.inc"

namespace {

StringRef getField(DictionaryAttr binding, StringRef field) {
  auto text = binding ? binding.getAs<StringAttr>(field) : StringAttr();
  return text ? text.getValue() : "";
}

/// The argument for a buffer; null where nothing reads it.
Value findArgument(func::FuncOp function, StringRef kind, StringRef name) {
  for (BlockArgument argument : function.getArguments()) {
    auto binding = function.getArgAttrOfType<DictionaryAttr>(argument.getArgNumber(), argAttrName);
    if (getField(binding, "kind") == kind && getField(binding, "name") == name)
      return argument;
  }
  return {};
}

/// Counts elements of tensors as they come.
class Counter {
public:
  Counter(OpBuilder &builder, Location loc) : builder(builder), loc(loc) {}

  /// The elements of `value` that are not finite and were so in `earlier`, if there is one.
  void add(Value value, Value earlier) {
    auto type = cast<RankedTensorType>(value.getType());
    Value flaws = toFloat(isNotFinite(value), type);
    if (earlier)
      flaws = SelectOp::create(builder, loc, isNotFinite(earlier), ConstantOp::create(builder, loc, type, 0.0), flaws);
    if (group && group.getType() != type)
      close();
    group = group ? Value(AddOp::create(builder, loc, group, flaws)) : flaws;
  }

  /// What was added so far is added up: a parameter, its moments and its gradient are looked at in one pass.
  void close() {
    if (!group)
      return;
    auto type = cast<RankedTensorType>(group.getType());
    auto scalar = RankedTensorType::get({}, builder.getF32Type());
    Value sum = group;
    if (type.getRank())
      sum = ReduceOp::create(builder, loc, RankedTensorType::get({}, type.getElementType()), ReduceKind::sum, group,
                             llvm::to_vector(llvm::seq<int64_t>(type.getRank())));
    if (sum.getType() != scalar)
      sum = ConvertOp::create(builder, loc, scalar, sum);
    total = total ? Value(AddOp::create(builder, loc, total, sum)) : sum;
    group = {};
  }

  /// i32 [].
  Value finish() {
    close();
    auto type = RankedTensorType::get({}, builder.getI32Type());
    return total ? Value(ConvertOp::create(builder, loc, type, total)) : Value(ConstantOp::create(builder, loc, type, 0.0));
  }

private:
  Value isNotFinite(Value value) {
    auto type = cast<RankedTensorType>(value.getType());
    Value size = AbsOp::create(builder, loc, value);
    Value infinity = ConstantOp::create(builder, loc, type, std::numeric_limits<double>::infinity());
    Value isFinite = CompareOp::create(builder, loc, type.clone(builder.getI1Type()), Predicate::lt, size, infinity);
    return NotOp::create(builder, loc, isFinite);
  }
  Value toFloat(Value mask, RankedTensorType type) { return ConvertOp::create(builder, loc, type, mask); }

  OpBuilder &builder;
  Location loc;
  Value group, total;
};

/// Leaves of a function the arguments that something reads.
void dropUnread(func::FuncOp function) {
  for (Operation &op : llvm::make_early_inc_range(llvm::reverse(function.front())))
    if (isOpTriviallyDead(&op))
      op.erase();
  BitVector unread(function.getNumArguments());
  for (BlockArgument argument : function.getArguments())
    unread[argument.getArgNumber()] = argument.use_empty();
  (void)function.eraseArguments(unread);
}

struct CheckUpdate : impl::CheckUpdateBase<CheckUpdate> {
  void runOnOperation() override {
    auto update = getOperation().lookupSymbol<func::FuncOp>("update");
    if (!update || getOperation().lookupSymbol("check_update"))
      return;
    func::FuncOp check = update.clone();
    check.setName("check_update");
    getOperation().insert(std::next(Block::iterator(update)), check);
    auto leave = cast<func::ReturnOp>(check.front().getTerminator());
    OpBuilder builder(leave);
    Counter counter(builder, update.getLoc());
    SmallVector<Value> results;
    SmallVector<Attribute> bindings;
    for (auto [k, value] : llvm::enumerate(leave.getOperands())) {
      auto binding = check.getResultAttrOfType<DictionaryAttr>(k, resAttrName);
      StringRef kind = getField(binding, "kind");
      if (kind == "check") {
        results.push_back(value);
        bindings.push_back(binding);
      } else if (kind != "tally" && isa<FloatType>(getElementTypeOrSelf(value.getType()))) { // an update sets tallies to 0
        counter.add(value, findArgument(check, kind, getField(binding, "name")));
        if (kind == "param") {
          if (Value gradient = findArgument(check, "grad", getField(binding, "name")))
            counter.add(gradient, {});
          counter.close();
        }
      }
    }
    results.push_back(counter.finish());
    bindings.push_back(builder.getDictionaryAttr({builder.getNamedAttr("kind", builder.getStringAttr("check")),
                                                  builder.getNamedAttr("name", builder.getStringAttr("update")),
                                                  builder.getNamedAttr("message", builder.getStringAttr("the update makes what is not finite"))}));
    leave.getOperandsMutable().assign(results);
    check.setFunctionType(builder.getFunctionType(check.getArgumentTypes(), ValueRange(results).getTypes()));
    check.removeResAttrsAttr();
    for (auto [k, binding] : llvm::enumerate(bindings))
      check.setResultAttr(k, resAttrName, binding);
    dropUnread(check);
  }
};

} // namespace

std::unique_ptr<Pass> createCheckUpdatePass() { return std::make_unique<CheckUpdate>(); }

} // namespace moe
