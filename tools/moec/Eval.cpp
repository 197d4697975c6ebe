//===- Eval.cpp - moec eval -----------------------------------------------===//
#include "tools/moec/Commands.h"
#include "tools/moec/Console.h"
#include "tools/moec/Interrupt.h"
#include "tools/moec/OpenRun.h"

#include <iostream>

using namespace moe;
using namespace moe::cli;

static void declare(po::options_description &options) {
  options.add_options()("data", po::value<std::string>()->value_name("DIR"), "data folder; without it the one that the run was trained on");
  options.add_options()("split", po::value<std::string>()->default_value("valid")->value_name("NAME"), "train, valid or test");
  declareThreads(options);
  options.add_options()("json", "one JSON object");
  declareCache(options);
}

static int run(const po::variables_map &arguments) {
  std::string name = arguments["split"].as<std::string>();
  std::optional<Split> split = splitFromName(name);
  if (!split)
    throw Failure(badUsage, "unknown split '" + name + "': it is train, valid or test");
  OpenRun opened(arguments);
  std::string folder = arguments.count("data") ? arguments["data"].as<std::string>() : opened.run.description.data;
  TokenStream text;
  require(loadSplit(folder, *split, opened.run.vocabulary, text), badInput);
  EvaluateOptions options;
  options.stop = &catchInterrupts();
  Evaluation result;
  require(evaluate(opened.program->executable(), opened.model.getStore(), *opened.pool, opened.run.vocabulary, text, *split, options, result),
          failedRun);
  if (interruptCode() != done)
    return interruptCode();
  if (arguments.count("json")) {
    std::cout << toJson(result) << '\n';
    return done;
  }
  std::cout << result.split << " perplexity  " << fixed(result.perplexity, 2) << "\n"
            << "unigram model     " << fixed(result.unigramPerplexity, 2) << "\n"
            << "loss              " << fixed(result.loss, 4) << " nats\n"
            << "tokens            " << withCommas(result.tokens) << " in " << result.blocks << " blocks of " << result.rows << " x "
            << result.context << ", " << fixed(100 * result.unknownShare, 1) << " % <unk>\n";
  return done;
}

const Command moe::cli::evalCommand = {
    "eval",
    "perplexity of a trained model",
    {{"RUN"}},
    "RUN [--data DIR] [--split NAME] [--json]",
    "Perplexity over the full blocks of a split, with the model state frozen; beside\nit that of a unigram model (training counts plus one).",
    "moec eval runs/a --data data/small --split test --json",
    declare,
    run};
