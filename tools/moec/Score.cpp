//===- Score.cpp - moec score ---------------------------------------------===//
#include "tools/moec/Commands.h"
#include "tools/moec/Console.h"
#include "tools/moec/Interrupt.h"
#include "tools/moec/OpenRun.h"

#include <iostream>

using namespace moe;
using namespace moe::cli;

static void declare(po::options_description &options) {
  options.add_options()("json", "the summary as one JSON object, instead of the items");
  options.add_options()("quiet", "the summary alone");
  options.add_options()("batch", count("ROWS"), "score so many continuations beside each other; 1 when not given");
  declareThreads(options);
  declareCache(options);
}

/// A line each; what is not there is not printed.
static void printSummary(std::ostream &os, const ScoreSummary &summary) {
  auto share = [](int64_t part, int64_t of) { return fixed(100 * static_cast<double>(part) / static_cast<double>(of), 2) + " %"; };
  os << "items             " << withCommas(summary.items) << "\n"
     << "tokens            " << withCommas(summary.tokens) << ", " << share(summary.unknown, summary.tokens) << " <unk>\n"
     << "log-likelihood    " << fixed(summary.logLikelihood / static_cast<double>(summary.tokens), 4) << " nats a token\n"
     << "greedy            " << share(summary.greedy, summary.continuations) << " of " << withCommas(summary.continuations)
     << " continuations\n";
  if (summary.answered)
    os << "acc               " << share(summary.right, summary.answered) << " of " << withCommas(summary.answered) << " questions\n"
       << "acc_norm          " << share(summary.rightPerByte, summary.answered) << "\n";
}

constexpr int64_t mostRows = 4096; // more is a slip of the finger

static int run(const po::variables_map &arguments) {
  std::vector<ScoreItem> items;
  require(readScoreItems(arguments["ITEMS"].as<std::string>(), items), badInput);
  OpenOptions how;
  how.decodeRows = readCount(arguments, "batch", 1, mostRows).value_or(1);
  OpenRun opened(arguments, how);
  bool isJson = arguments.count("json"), isQuiet = arguments.count("quiet");
  ScoreOptions options;
  options.stop = &catchInterrupts();
  options.onItem = [&](const ScoreItem &item, const ItemScore &score) {
    if (!isJson && !isQuiet)
      std::cout << toJson(item, score) << std::endl;
  };
  ScoreSummary summary;
  Status status = score(opened.program->executable(), opened.model.getStore(), *opened.pool, opened.run.vocabulary, items, options, summary);
  if (interruptCode() != done)
    return interruptCode();
  require(status, badInput);
  if (isJson)
    std::cout << toJson(summary) << '\n';
  else
    printSummary(isQuiet ? std::cout : std::cerr, summary);
  return done;
}

const Command moe::cli::scoreCommand = {
    "score",
    "log-likelihood of given continuations",
    {{"RUN"}, {"ITEMS"}},
    "RUN ITEMS [--batch ROWS] [--json | --quiet]",
    "ITEMS is a file with a JSON object a line: a context with its continuation, or\n"
    "with choices and the index of the right one:\n\n"
    "  {\"context\": \"The sky is\", \"continuation\": \" blue\"}\n"
    "  {\"context\": \"2 + 2 =\", \"choices\": [\" 3\", \" 4\"], \"answer\": 1}\n\n"
    "Prints a JSON object a line with the log-likelihood of every continuation, and\n"
    "a summary on standard error: acc chooses by log-likelihood, acc_norm by\n"
    "log-likelihood for each byte.",
    "moec score runs/a items.jsonl > scores.jsonl",
    declare,
    run};
