//===- Analyze.cpp - moec analyze -----------------------------------------===//
#include "tools/moec/Analyze.h"
#include "tools/moec/Commands.h"
#include "tools/moec/Console.h"
#include "tools/moec/DataSource.h"

#include <algorithm>
#include <cmath>
#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <sstream>

using namespace moe;
using namespace moe::cli;

static void declare(po::options_description &options) {
  options.add_options()("stability", "momentum rules near their fixed points");
  options.add_options()("causality", "whether a token moves earlier outputs, or another batch row's");
  declareOverrides(options);
  declareVocabulary(options);
  options.add_options()("seed", count("S"), "of parameters and tokens, for --causality");
  declareThreads(options);
  declareCache(options);
  options.add_options()("json", "one JSON object");
}

constexpr size_t columns = 80;
using Interval = std::pair<double, double>;

/// The value of gamma when the rule is configured with one: papers state their bounds for gamma*sigma.
static std::optional<double> findGamma(const RuleStability &rule) {
  for (const auto &[name, value] : rule.numbers)
    if (name == "gamma" && value != 0)
      return value;
  return std::nullopt;
}

static std::vector<Interval> scale(const std::vector<Interval> &intervals, double factor) {
  std::vector<Interval> scaled;
  for (auto [low, high] : intervals)
    scaled.push_back(std::minmax(low * factor, high * factor));
  std::sort(scaled.begin(), scaled.end());
  return scaled;
}

//===----------------------------------------------------------------------===//
// JSON
//===----------------------------------------------------------------------===//

static const char *const notModelled[] = {"norms and other layers around the rule", "the layer but for one slope sigma", "dropout"};

static nlohmann::ordered_json toJson(const std::vector<Interval> &intervals) {
  auto json = nlohmann::ordered_json::array();
  auto end = [](double value) { return std::isinf(value) ? nlohmann::ordered_json() : nlohmann::ordered_json(value); };
  for (auto [low, high] : intervals)
    json.push_back({end(low), end(high)});
  return json;
}

static nlohmann::ordered_json toJson(const RuleStability &rule) {
  nlohmann::ordered_json json = {{"rule", rule.rule}, {"location", rule.location}, {"uses", rule.uses}};
  json["numbers"] = nlohmann::ordered_json::object();
  for (const auto &[name, value] : rule.numbers)
    json["numbers"][name] = value;
  json["linearizable"] = rule.obstacle.empty();
  if (!rule.obstacle.empty()) {
    json["reason"] = {{"text", rule.obstacle}, {"location", rule.obstacleLocation}};
    return json;
  }
  json["state"] = rule.state;
  json["held_at_0"] = rule.held;
  json["matrix"] = rule.matrix;
  json["stable"]["sigma"] = toJson(rule.stable);
  if (auto gamma = findGamma(rule))
    json["stable"]["gamma_sigma"] = toJson(scale(rule.stable, *gamma));
  return json;
}

static nlohmann::ordered_json toJson(const std::vector<RuleStability> &rules) {
  nlohmann::ordered_json json;
  json["rules"] = nlohmann::ordered_json::array();
  for (const RuleStability &rule : rules)
    json["rules"].push_back(toJson(rule));
  json["not_modelled"] = notModelled;
  return json;
}

//===----------------------------------------------------------------------===//
// Text
//===----------------------------------------------------------------------===//

/// Prints words after `head`, in lines of at most 80 columns.
static void printWrapped(const std::string &head, const std::vector<std::string> &words) {
  std::string line = head;
  for (const std::string &word : words) {
    if (line.size() + 1 + word.size() > columns && line.size() > head.size()) {
      std::cout << line << '\n';
      line = std::string(head.size(), ' ');
    }
    line += (line.empty() || line.back() == ' ' ? "" : " ") + word;
  }
  std::cout << line << '\n';
}

static std::vector<std::string> splitWords(const std::string &text) {
  std::istringstream stream(text);
  return {std::istream_iterator<std::string>(stream), {}};
}

static std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", value == 0 ? 0.0 : value);
  return text;
}

/// `c s^power` for a positive c.
static std::string monomial(double factor, size_t power) {
  if (power == 0)
    return number(factor);
  return (number(factor) == "1" ? "" : number(factor) + " ") + (power == 1 ? "s" : "s^" + std::to_string(power));
}

/// An entry of the matrix as its sign and what follows: `-` and `0.7 s`, `+` and `(1 - s)`. Both empty for 0.
static std::pair<std::string, std::string> entryText(const std::vector<double> &coefficients) {
  std::string sum;
  int terms = 0;
  for (size_t power = 0; power < coefficients.size(); ++power) {
    double c = coefficients[power];
    if (c == 0)
      continue;
    sum += (c < 0 ? (terms ? " - " : "-") : terms ? " + " : "") + monomial(std::abs(c), power);
    ++terms;
  }
  if (terms == 0)
    return {};
  if (terms > 1)
    return {"+", "(" + sum + ")"};
  return sum.front() == '-' ? std::pair(std::string("-"), sum.substr(1)) : std::pair(std::string("+"), sum);
}

/// `x' = (1 - s) x - 0.7 c.m`
static void printRow(const RuleStability &rule, size_t row, size_t width) {
  std::vector<std::string> words;
  for (size_t column = 0; column < rule.state.size(); ++column) {
    auto [sign, factor] = entryText(rule.matrix[row][column]);
    if (sign.empty())
      continue;
    std::string term = (factor == "1" ? "" : factor + " ") + rule.state[column];
    words.push_back(words.empty() ? (sign == "-" ? "-" : "") + term : sign + " " + term);
  }
  if (words.empty())
    words.push_back("0");
  printWrapped("  " + rule.state[row] + "'" + std::string(width - rule.state[row].size(), ' ') + " = ", words);
}

/// The part of the intervals on one side of 0: `in (0, 3.4)`.
static std::string textOnSide(const std::vector<Interval> &intervals, bool positive) {
  std::string text;
  for (auto [low, high] : intervals) {
    Interval part = positive ? Interval(std::max(low, 0.0), high) : Interval(low, std::min(high, 0.0));
    if (part.first < part.second)
      text += (text.empty() ? "in (" : " and (") + number(part.first) + ", " + number(part.second) + ")";
  }
  return text.empty() ? "nowhere" : text;
}

static void printStable(const std::string &name, const std::vector<Interval> &intervals) {
  for (bool positive : {true, false})
    std::cout << "  " << name << (positive ? " > 0" : " < 0") << ": stable " << textOnSide(intervals, positive) << '\n';
}

/// layers.0.momentum, layers.1.momentum -> layers.0-1.momentum
static std::vector<std::string> joinRounds(const std::vector<std::string> &uses) {
  struct Rounds {
    std::string before, after;
    long first, last;
  };
  std::vector<Rounds> all;
  for (const std::string &use : uses) {
    size_t begin = use.find_first_of("0123456789");
    while (begin != std::string::npos && begin > 0 && use[begin - 1] != '.')
      begin = use.find_first_of("0123456789", begin + 1);
    size_t end = begin == std::string::npos ? begin : use.find_first_not_of("0123456789", begin);
    Rounds rounds{use, "", -1, -1};
    if (begin != std::string::npos && end != std::string::npos && use[end] == '.')
      rounds = {use.substr(0, begin), use.substr(end), std::stol(use.substr(begin, end - begin)), 0};
    rounds.last = rounds.first;
    auto previous = std::find_if(all.begin(), all.end(), [&](const Rounds &other) {
      return rounds.first > 0 && other.before == rounds.before && other.after == rounds.after && other.last + 1 == rounds.first;
    });
    if (previous != all.end())
      previous->last = rounds.last;
    else
      all.push_back(rounds);
  }
  std::vector<std::string> joined;
  for (const auto &[before, after, first, last] : all)
    joined.push_back(first < 0 ? before : before + std::to_string(first) + (last > first ? "-" + std::to_string(last) : "") + after);
  return joined;
}

static void print(const RuleStability &rule) {
  std::cout << rule.rule << "  " << rule.location << '\n';
  printWrapped("  in ", joinRounds(rule.uses));
  std::vector<std::string> numbers;
  for (const auto &[name, value] : rule.numbers)
    numbers.push_back(name + " = " + number(value) + (&name == &rule.numbers.back().first ? "" : ","));
  if (!numbers.empty())
    printWrapped("  with ", numbers);
  if (!rule.obstacle.empty()) {
    printWrapped("  not linearisable: ", splitWords(rule.obstacle));
    std::cout << "    at " << rule.obstacleLocation << "\n\n";
    return;
  }
  size_t width = 0;
  for (const std::string &state : rule.state)
    width = std::max(width, state.size());
  for (size_t row = 0; row < rule.state.size(); ++row)
    printRow(rule, row, width);
  for (const std::string &held : rule.held)
    std::cout << "  " << held << " is 0: it is read here and written elsewhere\n";
  printStable("s", rule.stable);
  if (auto gamma = findGamma(rule); gamma && *gamma != 1)
    printStable("gamma s", scale(rule.stable, *gamma));
  std::cout << '\n';
}

static void print(const std::vector<RuleStability> &rules) {
  if (rules.empty()) {
    std::cout << "the model applies no momentum rule\n";
    return;
  }
  std::cout << "Momentum rules near their fixed point, from one layer to the next. The layer is\n"
               "f(y) = s y. Stable: a deviation of x or a carry dies out over depth.\n\n";
  for (const RuleStability &rule : rules)
    print(rule);
  std::cout << "Not modelled: norms and other layers around a rule, the layer but for its\n"
               "slope s, dropout. Learned parameters have their initial values.\n";
}

static int analyzeStability(const po::variables_map &arguments) {
  for (const char *option : {"data", "vocabulary", "seed"})
    if (arguments.count(option))
      throw Failure(badUsage, "--" + std::string(option) + " is for --causality");
  Source source = Source::read(arguments);
  Diagnostics diagnostics;
  auto rules = analyzeStability(source.fileName, source.text, source.options, diagnostics);
  settle(diagnostics);
  if (arguments.count("json"))
    std::cout << toJson(*rules).dump(1) << '\n';
  else
    print(*rules);
  return done;
}

static int run(const po::variables_map &arguments) {
  bool stability = arguments.count("stability"), causality = arguments.count("causality");
  if (stability == causality)
    throw Failure(badUsage, "say what to analyse: --stability or --causality");
  return stability ? ::analyzeStability(arguments) : analyzeCausality(arguments);
}

const Command moe::cli::analyzeCommand = {
    "analyze",
    "stable steps of momentum rules; leaks between tokens",
    {{"FILE"}},
    "FILE (--stability | --causality) [options]",
    "--stability linearises each momentum rule that the model applies, with the layer\n"
    "in it as f(y) = s y, and finds the slopes s of both signs for which x and the\n"
    "carries return to their fixed point over depth. A rule that is stable for none\n"
    "earns a warning at its own line.\n"
    "--causality changes one token at a time and looks whether an earlier output\n"
    "moves, or an output of another batch row. Expert choice does that.",
    "moec analyze models/momentum.moe --preset adam --stability",
    declare,
    run};
