//===- Gradcheck.cpp - moec gradcheck -------------------------------------===//
#include "tools/moec/Commands.h"
#include "tools/moec/Source.h"

#include <cstdio>

using namespace moe;
using namespace moe::cli;

static void declare(po::options_description &options) {
  declareOverrides(options);
  options.add_options()("vocabulary", count("N")->default_value(11), "size of the vocabulary");
  options.add_options()("tolerance", po::value<double>()->default_value(1e-4, "1e-4")->value_name("E"),
                        "largest error, relative to the RMS of the gradient");
  options.add_options()("seed", count("S")->default_value(1), "of the values at which gradients are taken");
}

enum class Verdict { good, wrong, unknown };

/// Prints the line of a parameter, and below it what is wrong.
static Verdict print(const GradientReport &report, double tolerance) {
  Verdict verdict = !(report.error <= tolerance)                                ? Verdict::wrong
                    : report.compared == 0 || !(report.resolution <= tolerance) ? Verdict::unknown
                                                                                : Verdict::good;
  const char *word = verdict == Verdict::good ? "ok" : verdict == Verdict::wrong ? "WRONG" : "?";
  std::printf("%-5s %7.1e  %s\n", word, report.error + report.resolution, report.name.c_str());
  if (verdict == Verdict::wrong)
    std::printf("      %s: at %s\n      %.9g by autodiff, %.9g by differences\n", report.location.c_str(), report.place.c_str(), report.byGradient,
                report.byDifference);
  if (verdict == Verdict::unknown)
    std::printf("      %s: %s\n", report.location.c_str(),
                report.compared == 0 ? "compared nowhere: the loss has a kink at each place; try another --seed"
                                     : "so small beside the loss that an error would be lost in rounding");
  return verdict;
}

static int run(const po::variables_map &arguments) {
  Source source = Source::read(arguments);
  source.options.vocabulary = *readCount(arguments, "vocabulary", 1);
  auto seed = static_cast<uint64_t>(*readCount(arguments, "seed"));
  Diagnostics diagnostics;
  auto reports = moe::gradcheck(source.fileName, source.text, source.options, seed, diagnostics);
  settle(diagnostics);
  int wrong = 0, unknown = 0;
  for (const GradientReport &report : *reports) {
    Verdict verdict = print(report, arguments["tolerance"].as<double>());
    wrong += verdict == Verdict::wrong;
    unknown += verdict == Verdict::unknown;
  }
  std::fflush(stdout);
  std::string of = " of " + std::to_string(reports->size()) + " gradients ";
  if (wrong)
    throw Failure(badInput, std::to_string(wrong) + of + "differ from their finite differences");
  if (unknown)
    throw Failure(badInput, std::to_string(unknown) + of + "could not be compared");
  return done;
}

const Command moe::cli::gradcheckCommand = {
    "gradcheck",
    "your own definitions against finite differences",
    {{"FILE"}},
    "FILE [options]",
    "Compares the gradient of every parameter with central differences, in float64\n"
    "on the reference evaluator. It is slow and meant for small sizes: batch and\n"
    "context are 2 and 4 unless --set says otherwise; reduce the model with --set.",
    "moec gradcheck models/momentum.moe --preset adam",
    declare,
    run};
