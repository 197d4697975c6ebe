//===- GradientCheck.cpp - gradients against differences ------------------===//
#include "dialects/moe/GradientCheck/GradientCheck.h"

#include "dialects/moe/Autodiff/Autodiff.h"
#include "dialects/moe/GradientCheck/ObjectiveProbe.h"
#include "dialects/moe/IR/MoeDialect.h"
#include "dialects/moe/Reference/Reference.h"
#include "llvm/Support/raw_ostream.h"

#include <cmath>
#include <limits>
#include <random>

using namespace mlir;

namespace moe {
namespace {

/// A step that is too wide is divided by `narrowing`, at most `mostNarrowings` times; a direction with a kink is drawn again as often.
constexpr double narrowing = 8;
constexpr int mostNarrowings = 3;

std::string bindingField(func::FuncOp function, BlockArgument argument, StringRef field) {
  auto binding = function.getArgAttrOfType<DictionaryAttr>(argument.getArgNumber(), argAttrName);
  auto value = binding ? binding.getAs<StringAttr>(field) : StringAttr();
  return value ? value.str() : std::string();
}

/// A parameter that has a gradient: one that is not frozen.
bool isTrained(func::FuncOp function, BlockArgument argument) {
  auto binding = function.getArgAttrOfType<DictionaryAttr>(argument.getArgNumber(), argAttrName);
  return bindingField(function, argument, "kind") == "param" && !binding.contains("frozen");
}

/// The gradient of every trained parameter by moe-differentiate, in order.
FailureOr<SmallVector<reference::Value>> evaluateGradients(func::FuncOp original, ArrayRef<reference::Value> arguments) {
  func::FuncOp function;
  OwningOpRef<ModuleOp> module = cloneIntoModule(original, function);
  function->removeAttr("moe.micro_batches");
  unsigned results = function.getNumResults();
  if (failed(differentiate(function)))
    return failure();
  auto values = reference::evaluate(function, arguments);
  if (failed(values))
    return failure();
  return SmallVector<reference::Value>(llvm::drop_begin(*values, results));
}

double rootMeanSquare(ArrayRef<double> values) {
  double sum = 0;
  for (double value : values)
    sum += value * value;
  return std::sqrt(sum / static_cast<double>(values.size()));
}

bool sameDecisions(ArrayRef<reference::Value> a, ArrayRef<reference::Value> b) {
  return llvm::all_of(llvm::zip_equal(a, b), [](const auto &pair) { return std::get<0>(pair).data == std::get<1>(pair).data; });
}

class Checker {
public:
  Checker(ArrayRef<reference::Value> arguments, const ObjectiveProbe &probe, const GradientCheckOptions &options)
      : arguments(arguments), probe(probe), options(options), random(options.seed) {}

  LogicalResult prepare() {
    auto sample = probe.sample(arguments);
    if (failed(sample))
      return failure();
    base = std::move(*sample);
    return success();
  }

  LogicalResult check(unsigned argument, ArrayRef<double> gradient, ParameterCheck &check) {
    auto size = static_cast<int64_t>(gradient.size());
    if (size <= options.mostElements) {
      for (int64_t i = 0; i < size; ++i) {
        std::vector<double> direction(size, 0.0);
        direction[i] = 1;
        auto place = [&] { return "element [" + indexText(arguments[argument].shape, i) + "]"; };
        if (failed(compare(argument, gradient, direction, 1, 1, place, check)))
          return failure();
      }
      return success();
    }
    for (int64_t k = 0; k < options.directions; ++k)
      if (failed(compareDirection(k, argument, gradient, check)))
        return failure();
    return success();
  }

private:
  static std::string indexText(ArrayRef<int64_t> shape, int64_t position) {
    SmallVector<int64_t> index(shape.size());
    for (size_t dim = shape.size(); dim-- > 0; position /= shape[dim])
      index[dim] = position % shape[dim];
    std::string text;
    llvm::raw_string_ostream os(text);
    llvm::interleaveComma(index, os);
    return text;
  }

  /// Compares along a random direction of signs, or another one when there is a kink on the first at every step.
  LogicalResult compareDirection(int64_t number, unsigned argument, ArrayRef<double> gradient, ParameterCheck &check) {
    double size = static_cast<double>(gradient.size());
    for (int attempt = 0; attempt <= mostNarrowings; ++attempt) {
      std::vector<double> direction(gradient.size());
      for (double &sign : direction)
        sign = random() & 1 ? 1 : -1;
      int64_t skipped = check.skipped;
      auto place = [&] { return "direction " + std::to_string(number); };
      if (failed(compare(argument, gradient, direction, std::sqrt(size), std::pow(size, -0.25), place, check)))
        return failure();
      if (check.skipped == skipped)
        break;
      if (attempt < mostNarrowings)
        --check.skipped;
    }
    return success();
  }

  FailureOr<ObjectiveProbe::Sample> sampleAt(unsigned argument, ArrayRef<double> direction, double distance) {
    SmallVector<reference::Value> moved(arguments);
    for (auto [value, along] : llvm::zip_equal(moved[argument].data, direction))
      value += distance * along;
    return probe.sample(moved);
  }

  /// The derivative along a direction from two steps to either side, with an error of the fourth order.
  /// Not smooth when a decision changes on the way.
  struct Difference {
    double derivative = 0, resolution = 0, error = 0;
    bool isSmooth = false, isNarrowed = false;
  };
  FailureOr<Difference> difference(unsigned argument, ArrayRef<double> direction, double step) {
    constexpr std::pair<double, double> stencil[] = {{1, 8}, {-1, -8}, {2, -1}, {-2, 1}}; // distance in steps, twelfths
    Difference result;
    double magnitude = 0;
    for (auto [steps, weight] : stencil) {
      auto sample = sampleAt(argument, direction, steps * step);
      if (failed(sample))
        return failure();
      if (!sameDecisions(sample->decisions, base.decisions))
        return Difference();
      result.derivative += weight * sample->objective / (12 * step);
      magnitude = std::max(magnitude, std::abs(sample->objective));
    }
    // An objective is known to about five units in its last place; the stencil makes one and a half of each.
    result.resolution = 8 * std::numeric_limits<double>::epsilon() * magnitude / step;
    result.isSmooth = true;
    return result;
  }

  /// Compares the derivatives along a direction of the given length. If all elements are alike, one along it has the root mean square of an
  /// element times the length.
  LogicalResult compare(unsigned argument, ArrayRef<double> gradient, ArrayRef<double> direction, double length, double shrink,
                        llvm::function_ref<std::string()> place, ParameterCheck &check) {
    double scale = rootMeanSquare(gradient) * length;
    double byGradient = 0;
    for (auto [g, along] : llvm::zip_equal(gradient, direction))
      byGradient += g * along;

    // A smaller step escapes a kink, and the curvature that a larger one takes for an error; it must not be so small that rounding hides one.
    std::optional<Difference> best;
    double step = options.step * shrink;
    for (int attempt = 0; attempt <= mostNarrowings; ++attempt, step /= narrowing) {
      FailureOr<Difference> measured = difference(argument, direction, step);
      if (failed(measured))
        return failure();
      if (!measured->isSmooth)
        continue;
      if (attempt > 0 && measured->resolution > options.tolerance * scale && scale > 0)
        break;
      measured->error = errorOf(byGradient, *measured, scale);
      measured->isNarrowed = attempt > 0;
      if (!best || measured->error < best->error)
        best = *measured;
      if (best->error <= options.tolerance)
        break;
    }
    if (best)
      record(byGradient, *best, scale, place, check);
    else
      ++check.skipped;
    return success();
  }

  /// Beyond what rounding explains, and relative to `scale`.
  static double errorOf(double byGradient, const Difference &measured, double scale) {
    double excess = std::abs(byGradient - measured.derivative) - measured.resolution;
    double error = excess <= 0 ? 0 : excess / scale;
    return std::isnan(error) ? std::numeric_limits<double>::infinity() : error;
  }

  static void record(double byGradient, const Difference &measured, double scale, llvm::function_ref<std::string()> place, ParameterCheck &check) {
    ++check.compared;
    check.narrowed += measured.isNarrowed;
    if (scale > 0)
      check.resolution = std::max(check.resolution, measured.resolution / scale);
    if (measured.error < check.error || (measured.error == check.error && !check.place.empty()))
      return;
    check.error = measured.error;
    check.place = place();
    check.byGradient = byGradient;
    check.byDifference = measured.derivative;
  }

  ArrayRef<reference::Value> arguments;
  const ObjectiveProbe &probe;
  const GradientCheckOptions &options;
  std::mt19937_64 random;
  ObjectiveProbe::Sample base;
};

} // namespace

/// A gradient that is nothing but the rounding of larger ones, such as that of a key's bias under a softmax, is zero.
static void dropRounding(MutableArrayRef<reference::Value> gradients) {
  double largest = 0;
  for (const reference::Value &gradient : gradients)
    largest = std::max(largest, rootMeanSquare(gradient.data));
  for (reference::Value &gradient : gradients)
    if (rootMeanSquare(gradient.data) <= 16 * std::numeric_limits<double>::epsilon() * largest)
      llvm::fill(gradient.data, 0.0);
}

FailureOr<SmallVector<ParameterCheck>> checkGradients(func::FuncOp function, ArrayRef<reference::Value> arguments,
                                                      const GradientCheckOptions &options) {
  auto gradients = evaluateGradients(function, arguments);
  if (failed(gradients))
    return failure();
  dropRounding(*gradients);
  auto probe = ObjectiveProbe::create(function, arguments);
  if (failed(probe))
    return failure();
  Checker checker(arguments, *probe, options);
  if (failed(checker.prepare()))
    return failure();
  SmallVector<ParameterCheck> checks;
  for (BlockArgument argument : function.getArguments()) {
    if (!isTrained(function, argument))
      continue;
    ParameterCheck check(argument);
    check.name = bindingField(function, argument, "name");
    if (failed(checker.check(argument.getArgNumber(), (*gradients)[checks.size()].data, check)))
      return failure();
    checks.push_back(std::move(check));
  }
  return checks;
}

} // namespace moe
