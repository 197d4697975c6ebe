//===- RandomArguments.cpp - values to check gradients at -----------------===//
#include "dialects/moe/GradientCheck/GradientCheck.h"

#include "dialects/moe/IR/MoeDialect.h"

#include <cmath>
#include <random>

using namespace mlir;

namespace moe {
namespace {

/// Where the values of a float argument lie: `center` plus or minus `spread`.
struct Interval {
  double center = 0, spread = 1;
};

/// A tenth of noise on a constant; the interval of a distribution, or one of the same deviation.
Interval intervalOf(DictionaryAttr binding) {
  auto init = binding ? binding.getAs<DictionaryAttr>("init") : DictionaryAttr();
  auto dist = init ? init.getAs<StringAttr>("dist") : StringAttr();
  auto value = init ? init.getAs<FloatAttr>("value") : FloatAttr();
  if (!dist || !value)
    return {};
  double v = value.getValueAsDouble();
  if (dist.getValue() == "constant")
    return {v, 0.1};
  return {0, dist.getValue() == "normal" ? v * std::sqrt(3.0) : v};
}

reference::Value randomValue(RankedTensorType type, Interval interval, int64_t ids, std::mt19937_64 &random) {
  reference::Value value = reference::Value::zeros(type.getShape().vec());
  Type element = type.getElementType();
  for (double &x : value.data) {
    uint64_t bits = random();
    if (isa<FloatType>(element))
      x = interval.center + interval.spread * (static_cast<double>(bits >> 11) * 0x1p-52 - 1);
    else
      x = static_cast<double>(bits % (element.isInteger(1) ? 2 : static_cast<uint64_t>(ids)));
  }
  return value;
}

} // namespace

SmallVector<reference::Value> randomArguments(func::FuncOp function, uint64_t seed, int64_t ids) {
  std::mt19937_64 random(seed);
  SmallVector<reference::Value> values;
  for (BlockArgument argument : function.getArguments()) {
    auto binding = function.getArgAttrOfType<DictionaryAttr>(argument.getArgNumber(), argAttrName);
    values.push_back(randomValue(cast<RankedTensorType>(argument.getType()), intervalOf(binding), ids, random));
  }
  return values;
}

} // namespace moe
