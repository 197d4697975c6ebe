//===- Weights.cpp - weights of other programs on the command line ----------===//
#include "tools/moec/Weights.h"

#include <iostream>

using namespace moe;
using namespace moe::cli;

void cli::declareMap(po::options_description &options) {
  options.add_options()("map", po::value<std::string>()->value_name("FILE"),
                        "under which names and in which form the weights stand there (docs/weights.md); without it as here");
}

WeightMap cli::readMap(const po::variables_map &arguments) {
  WeightMap map;
  if (!arguments.count("map"))
    return map;
  std::string file = arguments["map"].as<std::string>(), messages;
  Status status = WeightMap::parse(file, readFile(file), map, messages);
  std::cerr << messages;
  require(status, badInput);
  return map;
}

void cli::declareStart(po::options_description &options) {
  options.add_options()("init-from", po::value<std::string>()->value_name("WEIGHTS"),
                        "begin from these weights: a safetensors file, the index of several, or a run");
  options.add_options()("init-only", po::value<std::string>()->value_name("PATTERNS"),
                        "take only these parameters, such as 'embedding.*|layers.0.*'; the others begin from the seed");
  declareMap(options);
}

void cli::readStart(const po::variables_map &arguments, TrainOptions &options) {
  if (!arguments.count("init-from")) {
    for (const char *option : {"init-only", "map"})
      if (arguments.count(option))
        throw Failure(badUsage, "--" + std::string(option) + " says something about --init-from, which is not given");
    return;
  }
  std::map<std::string, std::string> &description = options.description.start;
  ImportOptions how;
  description["weights"] = arguments["init-from"].as<std::string>();
  if (arguments.count("init-only"))
    description["only"] = how.only = arguments["init-only"].as<std::string>();
  if (arguments.count("map"))
    description["map"] = readFile(arguments["map"].as<std::string>());
  auto weights = std::make_shared<WeightFiles>();
  require(WeightFiles::open(description["weights"], *weights), badInput);
  bool isQuiet = arguments.count("quiet");
  options.start = [weights, map = readMap(arguments), how, isQuiet](BufferStore &store) {
    ImportReport report;
    std::string messages;
    Status status = importWeights(*weights, map, store, how, report, messages);
    std::cerr << messages;
    if (status && !isQuiet)
      std::cerr << report.taken << " tensors of the model from " << weights->getPath() << (report.kept ? ", " : "")
                << (report.kept ? std::to_string(report.kept) + " begin as the file says" : "") << std::endl;
    return status;
  };
}
