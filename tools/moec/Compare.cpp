//===- Compare.cpp - moec compare -----------------------------------------===//
#include "tools/moec/Commands.h"
#include "tools/moec/Console.h"
#include "tools/moec/OpenRun.h"

#include <algorithm>
#include <filesystem>
#include <iostream>

using namespace moe;
using namespace moe::cli;

static void declare(po::options_description &options) {
  options.add_options()("values", po::value<std::string>()->default_value("*")->value_name("PATTERNS"),
                        "which named values, such as 'layers.*.h|logits'");
  options.add_options()("tolerance", po::value<double>()->default_value(1e-4)->value_name("E"),
                        "largest error that is none, relative to the root mean square");
  options.add_options()("write", po::value<std::string>()->value_name("FILE"), "record the values of A in a safetensors file");
  options.add_options()("data", po::value<std::string>()->value_name("DIR"), "where the tokens come from; without it A's data folder");
  declareThreads(options);
  declareCache(options);
}

static bool isRun(const std::string &path) {
  std::error_code error;
  return std::filesystem::is_directory(path, error);
}

/// The first positions of the validation text.
static void readTokens(const po::variables_map &arguments, const std::string &folder, Activations &activations) {
  Run run;
  TrainSettings settings;
  TokenStream text;
  BlockStream stream;
  require(Run::open(folder, run), badInput);
  require(parseSettings(run.description.settings, settings), badInput);
  std::string data = arguments.count("data") ? arguments["data"].as<std::string>() : run.description.data;
  require(loadSplit(data, Split::valid, run.vocabulary, text), badInput);
  require(BlockStream::create(text, 1, settings.context, 0, stream), badInput);
  activations.rows = 1;
  activations.positions = settings.context;
  activations.tokens.resize(static_cast<size_t>(settings.context));
  activations.targets.resize(static_cast<size_t>(settings.context));
  stream.next(activations.tokens.data(), activations.targets.data());
}

static void recordRun(const po::variables_map &arguments, const char *positional, Activations &activations) {
  OpenOptions how;
  how.positional = positional;
  how.batch = activations.rows;
  how.record = arguments["values"].as<std::string>();
  OpenRun opened(arguments, how);
  require(record(opened.program->executable(), opened.model.getStore(), *opened.pool, activations), badInput);
  if (activations.values.empty())
    throw Failure(badInput, opened.run.folder + ": no value is called '" + how.record + "'");
}

//===-- The table ------------------------------------------------------------------===//

static std::string shapeText(const std::vector<int64_t> &shape) {
  std::string text;
  for (int64_t extent : shape)
    text += (text.empty() ? "" : "x") + std::to_string(extent);
  return text.empty() ? "1" : text;
}

static std::string placeText(const std::vector<int64_t> &place) {
  std::string text;
  for (int64_t index : place)
    text += (text.empty() ? "" : ", ") + std::to_string(index);
  return "[" + text + "]";
}

static std::string shortError(double error) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1e", error);
  return error == 0 ? "0" : text;
}

static void printRow(const std::string &error, const std::string &shape, const std::string &name) {
  std::printf("%8s  %-18s %s\n", error.c_str(), shape.c_str(), name.c_str());
}

/// Values that only one side has are counted: another program records what it can.
static int printComparison(const Activations &a, const Activations &b, double tolerance) {
  std::vector<ValueDifference> differences = compare(a, b);
  if (differences.empty())
    throw Failure(badInput, "the two sides have no value of the same name: A has '" + a.values.front().name + "', B has " +
                                (b.values.empty() ? "none" : "'" + b.values.front().name + "'"));
  const ValueDifference *first = nullptr;
  size_t wrong = 0;
  printRow("error", "shape", "value");
  for (const ValueDifference &difference : differences) {
    bool differs = !(difference.error <= tolerance);
    wrong += differs;
    if (differs && !first)
      first = &difference;
    printRow(shortError(difference.error), shapeText(difference.shape), difference.name + (first == &difference ? "  <- first" : ""));
  }
  std::fflush(stdout);
  size_t alone = a.values.size() + b.values.size() - 2 * differences.size();
  std::cerr << differences.size() << " values compared" << (alone ? ", " + std::to_string(alone) + " are on one side only" : "") << '\n';
  if (!first)
    return done;
  std::string more = wrong > 1 ? "; so do " + std::to_string(wrong - 1) + " after it" : "";
  if (first->shape != first->otherShape)
    throw Failure(badInput, "'" + first->name + "' is " + shapeText(first->shape) + " in A and " + shapeText(first->otherShape) + " in B" + more);
  throw Failure(badInput, "'" + first->name + "' differs: " + std::to_string(first->first) + " in A and " + std::to_string(first->second) +
                              " in B at " + placeText(first->place) + more);
}

static int run(const po::variables_map &arguments) {
  std::string a = arguments["A"].as<std::string>();
  bool hasB = arguments.count("B");
  if (hasB == (arguments.count("write") > 0))
    throw Failure(badUsage, hasB ? "--write records A alone" : "B is missing, or --write FILE");
  double tolerance = arguments["tolerance"].as<double>();
  if (!(tolerance >= 0))
    throw Failure(badUsage, "--tolerance must be 0 or more");
  Activations left, right;
  if (hasB && !isRun(arguments["B"].as<std::string>()))
    require(Activations::read(arguments["B"].as<std::string>(), right), badInput);
  if (!isRun(a))
    require(Activations::read(a, left), badInput);
  else if (right.rows)
    left = {right.rows, right.positions, right.tokens, right.targets, {}};
  else
    readTokens(arguments, a, left);
  if (isRun(a))
    recordRun(arguments, "A", left);
  if (!hasB) {
    require(left.write(arguments["write"].as<std::string>()), badInput);
    return done;
  }
  if (isRun(arguments["B"].as<std::string>())) {
    right = {left.rows, left.positions, left.tokens, left.targets, {}};
    recordRun(arguments, "B", right);
  } else if (left.tokens != right.tokens) {
    throw Failure(badInput, "the two files were recorded on different tokens");
  }
  return printComparison(left, right, tolerance);
}

const Command moe::cli::compareCommand = {
    "compare",
    "the first value in which two models differ",
    {{"A"}, {"B", false}},
    "A B [options]\n"
    "       moec compare A --write FILE [options]",
    "A and B are runs, or safetensors files in which another program recorded values\n"
    "(docs/weights.md). Both compute on the same tokens: those of the file, or the\n"
    "first of the validation text. What has a name in the source is compared, in the\n"
    "order in which it is computed; exit code 1 when something differs.",
    "moec compare runs/a torch.safetensors --values 'layers.*.h|logits'",
    declare,
    run};
