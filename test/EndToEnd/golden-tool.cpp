//===- golden-tool.cpp - a model against an independent implementation ------===//
//
//   moe-golden reference GOLDEN MODEL [PRESET]           in float64, by the reference evaluator
//   moe-golden compiled THREADS GOLDEN MODEL [PRESET]    in float32, as in production
//   moe-golden losses THREADS GOLDEN MODEL [PRESET]      compiled: the losses of a training run, every bit of them
//
// One line a check: what, the measured error, the limit. Exit code 1 when a check fails.
//
// Some gradients are ill-conditioned (Adam between layers divides by the square root of a small second moment). Compiled, a gradient may therefore be
// off by as much as it moves in float64 when every parameter moves by half a unit in the last place of float32, times a few.
//
//===----------------------------------------------------------------------===//
#include "GoldenFile.h"
#include "Machine.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <random>
#include <set>
#include <span>

using namespace moe;
using namespace moe::golden;

namespace {

struct Limits {
  double loss, gradient, state;
  /// A gradient may also be off by so many times what rounding does to it.
  double gradientRoundings;
  /// Of the losses of a training run: relative to how far float32 and float64 drift apart in the other implementation.
  double curveGaps;
};
constexpr Limits referenceLimits{1e-10, 1e-10, 1e-10, 0, 1e-3};
constexpr Limits compiledLimits{1e-5, 1e-5, 1e-5, 5, 5};

/// |a - b| / |b|, in the Euclidean norm.
double relativeError(std::span<const double> a, std::span<const double> b) {
  if (a.size() != b.size())
    fail("sizes differ: " + std::to_string(a.size()) + " and " + std::to_string(b.size()));
  double difference = 0, norm = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    difference += (a[i] - b[i]) * (a[i] - b[i]);
    norm += b[i] * b[i];
  }
  return difference == 0 ? 0 : std::sqrt(difference / norm);
}

double largestGap(std::span<const double> a, std::span<const double> b) {
  double gap = 0;
  for (size_t i = 0; i < a.size(); ++i)
    gap = std::fmax(gap, std::isnan(a[i]) ? INFINITY : std::fabs(a[i] - b[i]));
  return gap;
}

class Comparison {
public:
  Comparison(Machine &machine, const GoldenFile &golden, Limits limits) : machine(machine), golden(golden), limits(limits) {}

  void checkParameters() {
    std::set<std::string> known;
    for (const std::string &name : golden.list("param/"))
      known.insert(modelName(name));
    for (const std::string &name : machine.list(BindingKind::param))
      if (!known.count(name))
        fail("the golden file has no value for " + name);
  }

  /// Relative errors of the gradients of the first block when every parameter is moved by half a unit in the last place of float32.
  std::map<std::string, double> measureRounding() {
    std::mt19937 random(1);
    start([&](double value) { return value * (1 + (random() & 1 ? 0x1p-24 : -0x1p-24)); });
    runTrain(0);
    std::map<std::string, double> errors;
    for (const std::string &name : golden.list("grad/"))
      errors[name] = gradientError(name);
    return errors;
  }

  void checkLossesAndGradients(std::map<std::string, double> roundingErrors) {
    start();
    std::vector<double> losses;
    for (int64_t block = 0; block < 3; ++block) {
      losses.push_back(runTrain(block));
      if (block == 0)
        for (const std::string &name : golden.list("grad/"))
          report("gradient of " + modelName(name), gradientError(name), std::max(limits.gradient, limits.gradientRoundings * roundingErrors[name]));
    }
    std::vector<double> expected = golden.read("loss");
    for (size_t block = 0; block < losses.size(); ++block)
      report("loss of block " + std::to_string(block), std::fabs(losses[block] - expected[block]) / expected[block], limits.loss);
  }

  void checkTraining() {
    std::vector<double> curve64 = golden.read("curve64"), curve32 = golden.read("curve32");
    std::vector<double> curve = train(curve64.size());
    report("losses of " + std::to_string(curve.size()) + " steps, gap to float64", largestGap(curve, curve64),
           limits.curveGaps * largestGap(curve32, curve64));
  }

  std::vector<double> train(size_t steps) {
    start();
    std::vector<double> losses;
    for (size_t step = 1; step <= steps; ++step) {
      losses.push_back(runTrain(static_cast<int64_t>(step - 1) % golden.shapeOf("tokens")[0]));
      machine.write(BindingKind::step, "step", {static_cast<double>(step)});
      machine.run("update");
      if (step == 5)
        checkState();
    }
    return losses;
  }

  bool allHold() const { return good; }

private:
  void start(const std::function<double(double)> &change = [](double value) { return value; }) {
    machine.restart();
    for (const std::string &name : golden.list("param/")) {
      std::vector<double> values = golden.read("param/" + name);
      std::transform(values.begin(), values.end(), values.begin(), change);
      machine.write(BindingKind::param, modelName(name), values);
    }
  }

  double gradientError(const std::string &name) {
    return relativeError(machine.read(BindingKind::grad, modelName(name)), golden.read("grad/" + name));
  }

  double runTrain(int64_t block) {
    std::vector<double> tokens = golden.read("tokens"), inputs, targets;
    int64_t rows = golden.shapeOf("tokens")[1], width = golden.shapeOf("tokens")[2];
    for (int64_t row = block * rows; row < (block + 1) * rows; ++row) {
      auto first = tokens.begin() + row * width;
      inputs.insert(inputs.end(), first, first + width - 1);
      targets.insert(targets.end(), first + 1, first + width);
    }
    machine.write(BindingKind::input, "tokens", inputs);
    machine.write(BindingKind::input, "targets", targets);
    machine.run("train");
    return machine.read(BindingKind::loss, "loss")[0];
  }

  void checkState() {
    for (const std::string &name : golden.list("state/"))
      report(modelName(name) + " after 5 steps", relativeError(machine.read(BindingKind::state, modelName(name)), golden.read("state/" + name)),
             limits.state);
  }

  void report(const std::string &what, double error, double limit) {
    bool holds = error <= limit;
    good &= holds;
    std::printf("%s %s: %.1e (limit %.1e)\n", holds ? "ok" : "WRONG", what.c_str(), error, limit);
  }

  Machine &machine;
  const GoldenFile &golden;
  Limits limits;
  bool good = true;
};

} // namespace

int main(int argc, char **argv) {
  std::string mode = argc > 1 ? argv[1] : "";
  int first = mode == "reference" ? 2 : 3;
  if ((mode != "reference" && mode != "compiled" && mode != "losses") || argc < first + 2 || argc > first + 3)
    fail("usage: moe-golden reference|compiled THREADS|losses THREADS GOLDEN MODEL [PRESET]");
  GoldenFile golden(argv[first]);
  ModelFile model = readModel(argv[first + 1], {argv + first + 2, argv + argc});
  model.vocabulary = golden.shapeOf("param/embed")[0];

  bool isReference = mode == "reference";
  auto machine = isReference ? makeReferenceMachine(model) : std::move(makeCompiledMachines(model, {std::atoi(argv[2])}).front());
  Comparison comparison(*machine, golden, isReference ? referenceLimits : compiledLimits);
  comparison.checkParameters();
  if (mode == "losses") {
    for (double loss : comparison.train(golden.shapeOf("curve64")[0]))
      std::printf("%a\n", loss);
    return 0;
  }
  std::map<std::string, double> roundingErrors;
  if (!isReference)
    roundingErrors = Comparison(*makeReferenceMachine(model), golden, referenceLimits).measureRounding();
  comparison.checkLossesAndGradients(roundingErrors);
  comparison.checkTraining();
  return comparison.allHold() ? 0 : 1;
}
