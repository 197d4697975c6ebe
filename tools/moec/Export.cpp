//===- Export.cpp - moec export -------------------------------------------===//
#include "tools/moec/Commands.h"
#include "tools/moec/OpenRun.h"
#include "tools/moec/Weights.h"

#include <iostream>

using namespace moe;
using namespace moe::cli;

static void declare(po::options_description &options) {
  options.add_options()("to", po::value<std::string>()->value_name("FILE"), "the safetensors file to write");
  declareMap(options);
  declareCache(options);
}

static int run(const po::variables_map &arguments) {
  if (!arguments.count("to"))
    throw Failure(badUsage, "the option '--to' is required but missing");
  WeightMap map = readMap(arguments);
  OpenRun opened(arguments);
  std::string messages;
  Status status = exportWeights(opened.model.getStore(), map, arguments["to"].as<std::string>(), messages);
  std::cerr << messages;
  require(status, badInput);
  return done;
}

const Command moe::cli::exportCommand = {
    "export",
    "weights of a run for PyTorch and others",
    {{"RUN"}},
    "RUN --to FILE [--map FILE]",
    "Writes parameters and model state of the newest checkpoint as safetensors, under\n"
    "the names and in the forms that a map gives them. The same map brings them back:\n"
    "moec train --init-from.",
    "moec export runs/a --map smoe.map --to smoe.safetensors",
    declare,
    run};
