//===- Check.cpp - moec check ---------------------------------------------===//
#include "tools/moec/Commands.h"
#include "tools/moec/Source.h"

#include <iostream>

using namespace moe::cli;

static int run(const po::variables_map &arguments) {
  Source source = Source::read(arguments);
  source.check();
  std::cout << source.fileName << ": ok\n";
  return done;
}

const Command moe::cli::checkCommand = {
    "check",
    "names, types, dimensions; errors with place and caret",
    {{"FILE"}},
    "FILE [--set PATH=VALUE]... [--preset NAME]...",
    "Parses and checks a model. What the data decides, the vocabulary, need not be\nknown.",
    "moec check models/quickstart.moe --preset smoe",
    declareOverrides,
    run};
