//===- Diff.cpp - moec diff -----------------------------------------------===//
#include "moe/Training/Report.h"
#include "moe/Training/SameTokens.h"
#include "tools/moec/Commands.h"
#include "tools/moec/Console.h"
#include "tools/moec/DataSource.h"

#include <algorithm>
#include <iomanip>
#include <iostream>
#include <nlohmann/json.hpp>

using namespace moe;
using namespace moe::cli;
using json = nlohmann::ordered_json;

namespace {
struct Pair {
  RunLog logs[2];
  std::string names[2];
  RunComparison comparison;
  std::optional<std::vector<std::string>> otherSplits; ///< whose tokens are not the same; nothing where that is not known
};
} // namespace

static void declare(po::options_description &options) {
  options.add_options()("no-source", "leave out the changes of the source");
  options.add_options()("json", "one JSON object");
}

//===-- Text -----------------------------------------------------------------------===//

static constexpr int columns = 80, nameColumns = 20, valueColumns = 29;

static void printRow(const std::string &name, const std::string &first, const std::string &second) {
  std::string left = fit(first.empty() ? "-" : first, valueColumns), right = fit(second.empty() ? "-" : second, valueColumns);
  std::cout << std::left << std::setw(nameColumns) << fit(name, nameColumns - 1) << std::setw(valueColumns + 1) << left << right << '\n';
}

/// Values too long for their column have lines of their own.
static void printDifference(const Difference &difference) {
  const std::string &first = difference.values[0], &second = difference.values[1];
  if (std::max(first.size(), second.size()) <= valueColumns && difference.name.size() < nameColumns) {
    printRow(difference.name, first, second);
    return;
  }
  std::cout << difference.name << '\n';
  for (const std::string &value : {first, second})
    std::cout << "    " << fit(value.empty() ? "-" : value, columns - 4) << '\n';
}

static void printDifferences(const Pair &pair) {
  static const std::pair<Difference::Kind, const char *> titles[] = {
      {Difference::Kind::choice, "chosen"}, {Difference::Kind::setting, "settings that follow"}, {Difference::Kind::build, "build"}};
  for (auto [kind, title] : titles) {
    bool isFirst = true;
    for (const Difference &difference : pair.comparison.differences)
      if (difference.kind == kind && difference.name != "source") {
        if (isFirst)
          std::cout << '\n' << title << '\n';
        isFirst = false;
        printDifference(difference);
      }
  }
}

static std::string describeData(const Pair &pair) {
  bool isSameVocabulary = pair.comparison.isSameData;
  if (!pair.otherSplits) // older runs: vocabularies are all that can be compared
    return isSameVocabulary ? "the same words, each as often in train.txt" : "differs";
  if (pair.otherSplits->empty())
    return isSameVocabulary ? "the same tokens in every split" : "the same ids, of another vocabulary";
  std::string splits;
  for (const std::string &split : *pair.otherSplits)
    splits += (splits.empty() ? "" : &split == &pair.otherSplits->back() ? " and " : ", ") + split;
  return "other tokens in " + splits + (isSameVocabulary ? ", of the same vocabulary" : "");
}

static void printSource(const Pair &pair, bool isWanted) {
  const std::string &diff = pair.comparison.sourceDiff;
  std::cout << "\nsource: " << (diff.empty() ? "the same" : "differs") << '\n';
  if (isWanted)
    std::cout << diff;
  std::cout << "data: " << describeData(pair) << '\n';
}

static std::string at(const std::optional<ValidationPoint> &point, bool hasStep) {
  if (!point)
    return "";
  return fixed(point->perplexity, 3) + (hasStep ? " at step " + withCommas(point->step) : "");
}

static void printResults(const Pair &pair) {
  RunSummary first = summarize(pair.logs[0]), second = summarize(pair.logs[1]);
  const RunLog &a = pair.logs[0], &b = pair.logs[1];
  std::cout << "\nresults\n";
  printRow("state", toString(a.state), toString(b.state));
  printRow("steps", withCommas(first.step) + " of " + withCommas(first.steps), withCommas(second.step) + " of " + withCommas(second.steps));
  if (a.description.parameters || b.description.parameters)
    printRow("parameters", withCommas(a.description.parameters), withCommas(b.description.parameters));
  printRow("valid perplexity", at(a.final, false), at(b.final, false));
  printRow("best while training", at(first.best, true), at(second.best, true));
  printRow("tokens/s", shortNumber(first.tokensPerSecond), shortNumber(second.tokensPerSecond));
  printRow("time in steps", duration(first.seconds), duration(second.seconds));
}

static void printLosses(const RunComparison &comparison) {
  if (!comparison.commonSteps) {
    std::cout << "\nThe runs have no step in common.\n";
    return;
  }
  if (!comparison.firstDifferentStep)
    std::cout << "\nThe losses are identical to step " << withCommas(comparison.lastCommonStep) << ", the last that both have.\n";
  else
    std::cout << "\nThe losses differ first at step " << withCommas(*comparison.firstDifferentStep) << ".\n";
  std::cout << "      step         loss         loss   difference\n";
  for (const RunComparison::Point &point : comparison.losses)
    std::cout << std::right << std::setw(10) << withCommas(point.step) << std::setw(13) << fixed(point.first, 6) << std::setw(13)
              << fixed(point.second, 6) << std::setw(13) << fixed(point.second - point.first, 6) << '\n';
}

static void printText(const Pair &pair, bool wantsSource) {
  printRow("", pair.names[0], pair.names[1]);
  printDifferences(pair);
  printSource(pair, wantsSource);
  printResults(pair);
  printLosses(pair.comparison);
}

//===-- JSON -----------------------------------------------------------------------===//

static json toJson(const std::optional<ValidationPoint> &point) {
  if (!point)
    return nullptr;
  return {{"step", point->step}, {"loss", point->loss}, {"ppl", point->perplexity}, {"unigram_ppl", point->unigramPerplexity}};
}

static json toJson(const RunLog &log) {
  RunSummary summary = summarize(log);
  return {{"folder", log.folder},
          {"state", toString(log.state)},
          {"step", summary.step},
          {"steps", summary.steps},
          {"parameters", log.description.parameters},
          {"final", toJson(log.final)},
          {"best", toJson(summary.best)},
          {"tokens_per_s", summary.tokensPerSecond},
          {"seconds", summary.seconds}};
}

static void printJson(const Pair &pair) {
  const RunComparison &comparison = pair.comparison;
  json differences = json::object(), losses = json::array();
  for (const Difference &difference : comparison.differences)
    differences[difference.name] = difference.values;
  for (const RunComparison::Point &point : comparison.losses)
    losses.push_back({point.step, point.first, point.second});
  json object = {{"runs", {toJson(pair.logs[0]), toJson(pair.logs[1])}},
                 {"differences", differences},
                 {"source_diff", comparison.sourceDiff},
                 {"same_data", comparison.isSameData && (!pair.otherSplits || pair.otherSplits->empty())},
                 {"same_vocabulary", comparison.isSameData},
                 {"other_splits", pair.otherSplits ? json(*pair.otherSplits) : json()},
                 {"common_steps", comparison.commonSteps},
                 {"last_common_step", comparison.lastCommonStep},
                 {"first_different_step", comparison.firstDifferentStep ? json(*comparison.firstDifferentStep) : json()},
                 {"losses", losses}};
  std::cout << object.dump(1, ' ', false, json::error_handler_t::replace) << '\n';
}

static int run(const po::variables_map &arguments) {
  Pair pair;
  std::vector<std::string> folders = {arguments["RUN"].as<std::string>(), arguments["OTHER"].as<std::string>()};
  std::vector<std::string> names = shortNames(folders);
  for (size_t i = 0; i < 2; ++i) {
    require(RunLog::read(folders[i], pair.logs[i]), badInput);
    pair.names[i] = names[i];
  }
  require(compareRuns(pair.logs[0], pair.logs[1], pair.comparison), badInput);
  pair.otherSplits = findOtherSplits(pair.logs[0].description, pair.logs[1].description);
  if (arguments.count("json"))
    printJson(pair);
  else
    printText(pair, !arguments.count("no-source"));
  return done;
}

const Command moe::cli::diffCommand = {
    "diff",
    "in what two runs differ",
    {{"RUN"}, {"OTHER"}},
    "RUN OTHER [--no-source] [--json]",
    "Says in what two runs differ: overrides, presets, seed, settings, versions,\n"
    "source and data, what came out, and the first step at which their losses are\n"
    "not the same number.",
    "moec diff runs/a runs/b",
    declare,
    run};
