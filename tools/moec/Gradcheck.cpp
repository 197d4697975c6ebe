#include "tools/moec/Commands.h"
#include "tools/moec/Source.h"

#include <cstdio>
#include <iostream>

using namespace moe;
using namespace moe::cli;

static void declare(po::options_description &options) {
  declareOverrides(options);
  options.add_options()("vocabulary", po::value<int64_t>()->default_value(11)->value_name("N"), "size of the vocabulary");
  options.add_options()("tolerance", po::value<double>()->default_value(1e-4)->value_name("E"), "largest error, relative to the RMS of the gradient");
  options.add_options()("seed", po::value<uint64_t>()->default_value(1)->value_name("S"), "of the values at which gradients are taken");
}

static int run(const po::variables_map &arguments) {
  Source source = Source::read(arguments);
  source.options.vocabulary = arguments["vocabulary"].as<int64_t>();
  if (source.options.vocabulary < 1)
    throw Failure(badUsage, "--vocabulary must be at least 1");
  Diagnostics diagnostics;
  auto reports = moe::gradcheck(source.fileName, source.text, source.options, arguments["seed"].as<uint64_t>(), diagnostics);
  settle(diagnostics);
  double tolerance = arguments["tolerance"].as<double>();
  int wrong = 0;
  for (const GradientReport &report : *reports) {
    bool isWrong = !(report.error <= tolerance);
    wrong += isWrong;
    std::printf("%-5s %8.1e  %s\n", isWrong ? "WRONG" : "ok", report.error, report.name.c_str());
    if (isWrong)
      std::printf("      %s: %s is %.9g by the gradient, %.9g by differences\n", report.location.c_str(), report.place.c_str(), report.byGradient,
                  report.byDifference);
  }
  std::fflush(stdout);
  if (wrong)
    throw Failure(badInput, std::to_string(wrong) + " of " + std::to_string(reports->size()) + " gradients differ from their finite differences");
  return done;
}

const Command moe::cli::gradcheckCommand = {
    "gradcheck",
    "your own definitions against finite differences",
    {{"FILE"}},
    "FILE [--set PATH=VALUE]... [--vocabulary N] [--tolerance E]",
    "Compares the gradient of every parameter with central differences, in float64\n"
    "on the reference evaluator. It is slow and meant for small sizes: batch and\n"
    "context are 2 and 4 unless --set says otherwise; reduce the model with --set.",
    "moec gradcheck models/momentum.moe --preset adam",
    declare,
    run};
