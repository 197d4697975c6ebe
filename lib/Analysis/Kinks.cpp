//===- Kinks.cpp - where a program has no derivative ------------------------===//
//
// A VJP has to say something at a kink, and says what is convenient (the slope of relu at 0 is 0). For a linearisation that is an answer to
// another question, so kinks are looked for before a derivative is believed.
//
//===----------------------------------------------------------------------===//
#include "lib/Analysis/Kinks.h"

#include "dialects/moe/IR/MoeDialect.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/TypeSwitch.h"

#include <cmath>

using namespace mlir;

namespace moe {

static bool isFloat(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  return type && isa<FloatType>(type.getElementType());
}

/// What decides whether the op has a derivative; nothing when it always has. An op that turns floats into anything else has none wherever it
/// changes, and only a comparison shows where that is.
static std::optional<SmallVector<Value, 2>> findWatched(Operation *op) {
  using Watched = std::optional<SmallVector<Value, 2>>;
  return TypeSwitch<Operation *, Watched>(op)
      .Case<AbsOp, SignOp, ReluOp, FloorOp, SqrtOp, RsqrtOp, LogOp>([](auto unary) { return Watched({unary.getX()}); })
      .Case<DivOp>([](DivOp div) { return Watched({div.getB()}); })
      .Case<PowOp, MaxOp, MinOp>([](auto binary) { return Watched({binary.getA(), binary.getB()}); })
      .Case<CompareOp>([](CompareOp compare) { return isFloat(compare.getA()) ? Watched({compare.getA(), compare.getB()}) : std::nullopt; })
      .Case<ReduceOp>([](ReduceOp reduce) { return reduce.getKind() == ReduceKind::sum ? std::nullopt : Watched({reduce.getX()}); })
      .Default([](Operation *other) {
        bool isDiscrete = llvm::any_of(other->getOperands(), isFloat) && !llvm::all_of(other->getResults(), isFloat);
        return isDiscrete ? Watched(SmallVector<Value, 2>()) : std::nullopt;
      });
}

std::vector<Kink> findKinks(Block &block, ValueRange inputs) {
  llvm::DenseSet<Value> dependent(inputs.begin(), inputs.end());
  std::vector<Kink> kinks;
  for (Operation &op : block) {
    if (llvm::none_of(op.getOperands(), [&](Value operand) { return dependent.contains(operand); }))
      continue;
    dependent.insert(op.result_begin(), op.result_end());
    if (auto watched = findWatched(&op))
      kinks.push_back({&op, std::move(*watched)});
  }
  return kinks;
}

static bool anyElement(const reference::Value &x, llvm::function_ref<bool(double)> holds) { return llvm::any_of(x.data, holds); }
static bool anyPair(ArrayRef<reference::Value> values, llvm::function_ref<bool(double, double)> holds) {
  return llvm::any_of(llvm::zip_equal(values[0].data, values[1].data), [&](auto pair) { return holds(std::get<0>(pair), std::get<1>(pair)); });
}

/// a^b has a derivative for positive a, for whole b unless it divides by 0.
static bool hasNoSlope(double base, double exponent) {
  if (base > 0)
    return false;
  return std::floor(exponent) != exponent || (base == 0 && exponent < 0);
}

std::string Kink::describe(ArrayRef<reference::Value> values) const {
  auto isZero = [](double x) { return x == 0; };
  auto notPositive = [](double x) { return !(x > 0); };
  auto areEqual = [](double a, double b) { return a == b; };
  auto when = [](bool holds, const char *text) { return std::string(holds ? text : ""); };
  return TypeSwitch<Operation *, std::string>(op)
      .Case<AbsOp>([&](auto) { return when(anyElement(values[0], isZero), "an absolute value has a kink at 0"); })
      .Case<SignOp>([&](auto) { return when(anyElement(values[0], isZero), "sign jumps at 0"); })
      .Case<ReluOp>([&](auto) { return when(anyElement(values[0], isZero), "relu has a kink at 0"); })
      .Case<FloorOp>([&](auto) {
        return when(anyElement(values[0], [](double x) { return std::floor(x) == x; }), "floor jumps at whole numbers");
      })
      .Case<SqrtOp>([&](auto) { return when(anyElement(values[0], notPositive), "a square root has no slope at 0"); })
      .Case<RsqrtOp>([&](auto) { return when(anyElement(values[0], notPositive), "1/sqrt is infinite at 0"); })
      .Case<LogOp>([&](auto) { return when(anyElement(values[0], notPositive), "a logarithm is infinite at 0"); })
      .Case<DivOp>([&](auto) { return when(anyElement(values[0], isZero), "it divides by 0"); })
      .Case<PowOp>([&](auto) { return when(anyPair(values, hasNoSlope), "a power that is not whole has no slope at 0"); })
      .Case<MaxOp, MinOp>([&](auto) { return when(anyPair(values, areEqual), "a maximum or minimum has a kink where both values are equal"); })
      .Case<CompareOp>([&](auto) { return when(anyPair(values, areEqual), "a comparison changes where both values are equal"); })
      .Case<ReduceOp>([&](ReduceOp reduce) {
        auto type = cast<RankedTensorType>(reduce.getX().getType());
        int64_t reduced = 1;
        for (int64_t dim : reduce.getDims())
          reduced *= type.getDimSize(dim);
        return when(reduced > 1, "a maximum or minimum over an axis has a kink where elements are equal");
      })
      .Default([](Operation *) { return "it selects or rounds, which jumps"; });
}

} // namespace moe
