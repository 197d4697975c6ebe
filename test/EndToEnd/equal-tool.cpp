//===- equal-tool.cpp - one model, run in several ways ----------------------===//
//
//   moe-equal LIMIT EXPECTED WAY[,WAY...] MODEL [PRESET | PATH=VALUE]...
//
// Runs @train, @update and @eval on the same values in each way and compares every result: losses, gradients, state, what the update makes of parameters and
// optimiser, probes. An error is the largest difference of an element, relative to the root mean square of its tensor; LIMIT is the largest that may be.
//
//   program unfused fused pieces   in float64 by the evaluators (Form in Machine.h); kernels have 1/44 and the like as float32, programs do not
//   compiled compiled-unfused      in float32, on one thread and on two, which must agree in every bit
//
// Four routings: as chance has it, which leaves ragged counts; every token for one expert among others; some experts without a token; as few experts as a
// token has, each with all of them. One line a routing and way, after one with the rows of each expert of the first mixture. Exit code 1 when a check fails.
//
//===----------------------------------------------------------------------===//
#include "Machine.h"

#include "lib/Support/Sample.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <numeric>
#include <sstream>

using namespace moe;
using namespace moe::golden;

namespace {

constexpr int64_t vocabulary = 23;
constexpr const char *programs[] = {"train", "update", "eval"};
constexpr BindingKind resultKinds[] = {BindingKind::param, BindingKind::state, BindingKind::stream,    BindingKind::tally,
                                       BindingKind::opt,   BindingKind::grad,  BindingKind::objective, BindingKind::loss,
                                       BindingKind::aux,   BindingKind::probe, BindingKind::metric};
enum class Case { free, hot, empty, few };
constexpr std::pair<Case, const char *> cases[] = {{Case::free, "free"}, {Case::hot, "hot"}, {Case::empty, "empty"}, {Case::few, "few"}};

using Key = std::pair<BindingKind, std::string>;
using Values = std::map<Key, std::vector<double>>;

bool endsWith(const std::string &text, const std::string &end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

//===-- What is given --------------------------------------------------------------------===//

/// Values of usual sizes: products of them neither grow nor vanish from layer to layer.
std::vector<double> makeValues(const Key &key, const std::vector<int64_t> &shape, uint64_t number) {
  size_t size = std::accumulate(shape.begin(), shape.end(), int64_t(1), std::multiplies<>());
  std::vector<double> values = makeSample(SampleKind::real, number, size);
  double width = shape.size() < 2 ? 64 : static_cast<double>(std::max(shape.back(), shape[shape.size() - 2]));
  bool isScale = endsWith(key.second, ".scale");
  for (double &value : values)
    switch (key.first) {
    case BindingKind::param: value = value * std::sqrt(3 / width) + (isScale ? 1 : shape.empty() ? 0.5 : 0); break;
    case BindingKind::opt: // far from the root of 0
      value = 1.5 + value;
      break;
    case BindingKind::state: value *= 0.1; break;
    case BindingKind::input: value = std::floor((value + 1) / 2 * vocabulary); break;
    case BindingKind::stream: break;
    default: value = 0;
    }
  for (double &value : values)
    value = static_cast<float>(value);
  return values;
}

/// What a case adds to the score of each expert.
std::vector<double> makeScores(Case which, int64_t experts, int64_t k) {
  constexpr double decisive = 8;
  std::vector<double> scores(experts, 0);
  if (which == Case::hot)
    scores[1 % experts] = decisive;
  if (which == Case::empty)
    for (int64_t e = 0; e < experts - k - 1; ++e)
      scores[e * 2 % experts] = -decisive;
  if (which == Case::few)
    std::fill(scores.begin() + experts - k, scores.end(), decisive);
  return scores;
}

/// Moves the scores of the routers in models/: by a bias that is a parameter or a state, or by weights of inputs that then have a mean of about 1.
void route(const std::vector<double> &scores, Machine &machine, Values &values) {
  for (auto &[key, data] : values) {
    const std::string &name = key.second;
    bool isBias = data.size() == scores.size() && (endsWith(name, ".s.bias") || endsWith(name, ".router.b"));
    bool isWeight = endsWith(name, "default_moe.linear.w");
    for (size_t i = 0; i < data.size() && key.first != BindingKind::opt && key.first != BindingKind::tally; ++i)
      if (isBias)
        data[i] += scores[i];
      else if (isWeight)
        data[i] += scores[i % scores.size()] / static_cast<double>(data.size() / scores.size());
      else if (endsWith(name, ".layer_norm.shift") && values.count({BindingKind::param, "layers.0.default_moe.linear.w"}))
        data[i] += 1;
    if (isWeight && machine.shapeOf(key.first, name).back() != static_cast<int64_t>(scores.size()))
      fail(name + " has no column for each expert");
  }
}

/// For routers of so many experts, k of which a token chooses.
Values makeStart(Machine &machine, Case which, int64_t experts, int64_t k) {
  Values values;
  uint64_t number = 0;
  std::vector<BindingKind> kinds(std::begin(resultKinds), std::end(resultKinds));
  kinds.push_back(BindingKind::input);
  for (BindingKind kind : kinds)
    for (const std::string &name : machine.list(kind))
      values[{kind, name}] = makeValues({kind, name}, machine.shapeOf(kind, name), ++number);
  for (const std::string &name : machine.list(BindingKind::key))
    values[{BindingKind::key, name}] = {7, 11, 2};
  for (const std::string &name : machine.list(BindingKind::step))
    values[{BindingKind::step, name}] = {3};
  if (which != Case::free)
    route(makeScores(which, experts, k), machine, values);
  return values;
}

//===-- What comes out -------------------------------------------------------------------===//

/// By program and buffer, after the programs have run one after another.
std::map<std::string, Values> run(Machine &machine, const Values &start) {
  std::map<std::string, Values> results;
  for (auto &[key, data] : start)
    machine.write(key.first, key.second, data);
  for (const char *program : programs) {
    machine.run(program);
    for (BindingKind kind : resultKinds)
      for (const std::string &name : machine.list(kind))
        results[program][{kind, name}] = machine.read(kind, name);
  }
  return results;
}

double getRms(const std::vector<double> &values) {
  double squares = std::transform_reduce(values.begin(), values.end(), 0.0, std::plus<>(), [](double value) { return value * value; });
  return std::sqrt(squares / static_cast<double>(values.size()));
}

/// The largest error of a program's results. A gradient that is all but 0 beside the others is what cancels: it has no digits to compare.
double getError(const Values &expected, const Values &found, std::string &worst) {
  double largestGradient = 0, error = 0;
  for (auto &[key, values] : expected)
    if (key.first == BindingKind::grad)
      largestGradient = std::max(largestGradient, getRms(values));
  for (auto &[key, want] : expected) {
    const std::vector<double> &have = found.at(key);
    double difference = 0, scale = getRms(want);
    if (key.first == BindingKind::grad)
      scale = std::max(scale, 1e-3 * largestGradient);
    for (size_t i = 0; i < want.size(); ++i)
      difference = std::max(difference, std::isfinite(want[i]) && std::isfinite(have[i]) ? std::fabs(have[i] - want[i]) : INFINITY);
    double relative = difference == 0 ? 0 : difference / scale;
    if (relative > error) {
      error = relative;
      worst = std::string(toString(key.first)) + " " + key.second;
    }
  }
  return error;
}

std::vector<int64_t> countRows(Machine &machine, int64_t tokens) {
  std::vector<int64_t> rows;
  for (const std::string &name : machine.list(BindingKind::probe))
    if (endsWith(name, "load") && rows.empty())
      for (double share : machine.read(BindingKind::probe, name))
        rows.push_back(std::lround(share * static_cast<double>(tokens)));
  return rows;
}

/// Whether these rows are what the case is for.
bool isAsMeant(Case which, const std::vector<int64_t> &rows, int64_t tokens, int64_t k) {
  int64_t empty = std::count(rows.begin(), rows.end(), 0), full = std::count(rows.begin(), rows.end(), tokens);
  bool isRagged = *std::max_element(rows.begin(), rows.end()) != *std::min_element(rows.begin(), rows.end());
  switch (which) {
  case Case::free: return isRagged;
  case Case::hot: return full >= 1;
  case Case::empty: return empty >= 1 && empty < static_cast<int64_t>(rows.size()) - k;
  case Case::few: return full == k && empty == static_cast<int64_t>(rows.size()) - k;
  }
  return false;
}

//===-- The comparison -------------------------------------------------------------------===//

/// Machines that must agree in every bit.
using Group = std::vector<std::unique_ptr<Machine>>;

Group makeWay(const std::string &way, const ModelFile &model) {
  static const std::map<std::string, Form> forms = {{"program", Form::program}, {"unfused", Form::unfused}, {"fused", Form::fused}, {"pieces", Form::pieces}};
  if (way == "compiled" || way == "compiled-unfused")
    return makeCompiledMachines(model, {1, 2}, way == "compiled");
  if (!forms.count(way))
    fail("no way " + way);
  Group group;
  group.push_back(makeReferenceMachine(model, forms.at(way)));
  return group;
}

class Comparison {
public:
  Comparison(double limit, const std::string &expected, const std::string &ways, const ModelFile &model) : limit(limit), reference(makeWay(expected, model)) {
    std::istringstream names(ways);
    for (std::string name; std::getline(names, name, ',');)
      others.emplace_back(name, makeWay(name, model));
    std::vector<int64_t> shape = reference.front()->shapeOf(BindingKind::input, "tokens");
    tokens = shape[0] * shape[1];
    run(*reference.front(), makeStart(*reference.front(), Case::free, 0, 0));
    std::vector<int64_t> rows = countRows(*reference.front(), tokens);
    if (rows.empty())
      fail("the model has no probe `load` to see the routing by");
    experts = static_cast<int64_t>(rows.size());
    k = std::max<int64_t>(1, std::accumulate(rows.begin(), rows.end(), int64_t(0)) / tokens);
  }

  bool check(Case which, const char *name) {
    Values start = makeStart(*reference.front(), which, experts, k);
    auto expected = run(*reference.front(), start);
    std::vector<int64_t> rows = countRows(*reference.front(), tokens);
    bool good = isAsMeant(which, rows, tokens, k);
    std::printf("%s rows of %s:", good ? "ok" : "WRONG", name);
    for (int64_t count : rows)
      std::printf(" %lld", static_cast<long long>(count));
    std::printf("\n");
    for (auto &[way, group] : others)
      good &= compare(name, way, group, start, expected);
    return good;
  }

private:
  bool compare(const char *name, const std::string &way, Group &group, const Values &start, const std::map<std::string, Values> &expected) {
    auto found = run(*group.front(), start);
    std::string worst;
    double error = 0;
    size_t count = 0;
    for (const char *program : programs) {
      std::string here;
      count += expected.at(program).size();
      if (double ofProgram = getError(expected.at(program), found.at(program), here); ofProgram > error) {
        error = ofProgram;
        worst = ", in " + here + " of @" + program;
      }
    }
    bool isSame = std::all_of(group.begin() + 1, group.end(), [&](auto &other) { return run(*other, start) == found; });
    bool good = error <= limit && isSame;
    std::printf("%s %s %s: %zu results, largest error %.1e (limit %.1e)%s%s\n", good ? "ok" : "WRONG", name, way.c_str(), count, error, limit, worst.c_str(),
                isSame ? "" : ", and threads give other bits");
    return good;
  }

  double limit;
  Group reference;
  std::vector<std::pair<std::string, Group>> others;
  int64_t tokens = 0, experts = 0, k = 0;
};

} // namespace

int main(int argc, char **argv) {
  if (argc < 5)
    fail("usage: moe-equal LIMIT EXPECTED WAY[,WAY...] MODEL [PRESET | "
         "PATH=VALUE]...");
  ModelFile model = readModel(argv[4], {argv + 5, argv + argc});
  model.vocabulary = vocabulary;
  Comparison comparison(std::atof(argv[1]), argv[2], argv[3], model);
  bool good = true;
  for (auto [which, name] : cases)
    good &= comparison.check(which, name);
  return good ? 0 : 1;
}
