#include "tools/moec/Commands.h"
#include "tools/moec/Console.h"
#include "tools/moec/DataSource.h"

#include <iomanip>
#include <iostream>
#include <nlohmann/json.hpp>

using namespace moe;
using namespace moe::cli;

static void declare(po::options_description &options) {
  declareOverrides(options);
  declareVocabulary(options);
  options.add_options()("parameters", "list every parameter");
  options.add_options()("json", "one JSON object");
}

static nlohmann::ordered_json toJson(const ModelInfo &info, int64_t vocabulary) {
  nlohmann::ordered_json json = {{"parameters", info.totalParameters},
                                 {"vocabulary", vocabulary},
                                 {"forward_flop_per_token", info.forwardFlopPerToken},
                                 {"train_flop_per_token", info.trainFlopPerToken},
                                 {"bytes",
                                  {{"parameters", info.parameterBytes},
                                   {"optimizer", info.optimizerBytes},
                                   {"gradients", info.gradientBytes},
                                   {"state", info.stateBytes},
                                   {"arena", info.arenaBytes}}}};
  for (const ModelInfo::LiveTensor &tensor : info.largest)
    json["largest"].push_back({{"location", tensor.location}, {"bytes", tensor.bytes}});
  for (const ModelInfo::Parameter &parameter : info.parameters)
    json["tensors"].push_back({{"name", parameter.name}, {"shape", parameter.shape}});
  json["settings"] = nlohmann::ordered_json::parse(info.settings);
  return json;
}

static void printRow(const std::string &name, const std::string &value, const std::string &note = "") {
  std::cout << std::left << std::setw(26) << name << std::right << std::setw(14) << value << (note.empty() ? "" : "  ") << note << '\n';
}

static void print(const ModelInfo &info, bool listParameters) {
  printRow("parameters", withCommas(info.totalParameters), shortNumber(static_cast<double>(info.totalParameters)));
  printRow("FLOP per token, forward", shortNumber(info.forwardFlopPerToken));
  printRow("FLOP per token, training", shortNumber(info.trainFlopPerToken));
  int64_t total = info.parameterBytes + info.optimizerBytes + info.gradientBytes + info.stateBytes + info.arenaBytes;
  printRow("memory of training", bytes(static_cast<double>(total)));
  printRow("  parameters", bytes(static_cast<double>(info.parameterBytes)));
  printRow("  optimiser state", bytes(static_cast<double>(info.optimizerBytes)));
  printRow("  gradients", bytes(static_cast<double>(info.gradientBytes)));
  printRow("  model and stream state", bytes(static_cast<double>(info.stateBytes)));
  printRow("  activations", bytes(static_cast<double>(info.arenaBytes)));
  std::cout << "largest tensors where most are alive\n";
  for (const ModelInfo::LiveTensor &tensor : info.largest)
    printRow("", bytes(static_cast<double>(tensor.bytes)), tensor.location);
  if (!listParameters)
    return;
  std::cout << "tensors\n";
  for (const ModelInfo::Parameter &parameter : info.parameters) {
    std::string shape;
    for (int64_t extent : parameter.shape)
      shape += (shape.empty() ? "" : " x ") + withCommas(extent);
    std::cout << std::right << std::setw(14) << withCommas(parameter.elements) << "  " << parameter.name << " [" << shape << "]\n";
  }
}

static int run(const po::variables_map &arguments) {
  Source source = Source::read(arguments);
  readVocabulary(arguments, source);
  Diagnostics diagnostics;
  std::optional<ModelInfo> info = inspect(source.fileName, source.text, source.options, diagnostics);
  settle(diagnostics);
  if (arguments.count("json"))
    std::cout << toJson(*info, source.options.vocabulary).dump(1) << '\n';
  else
    print(*info, arguments.count("parameters"));
  return done;
}

const Command moe::cli::infoCommand = {
    "info",
    "parameters, FLOP per token, memory plan",
    {{"FILE"}},
    "FILE (--data DIR | --vocabulary N) [--set PATH=VALUE]... [--json]",
    "What a model costs, from its plan: nothing is compiled to machine code. FLOP are\nthose of products; activations are the arena of one micro-batch.",
    "moec info models/smoe-medium.moe --vocabulary 267735",
    declare,
    run};
