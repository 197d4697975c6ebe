//===- DataSource.cpp - what a model must know of its data ------------------===//
#include "tools/moec/DataSource.h"

#include <iostream>

using namespace moe;
using namespace moe::cli;

void cli::declareVocabulary(po::options_description &options) {
  options.add_options()("data", po::value<std::string>()->value_name("DIR"), "data folder: its vocabulary is the model's");
  options.add_options()("vocabulary", count("N"), "size of the vocabulary, instead of --data");
}

void cli::require(const Status &status, ExitCode code) {
  if (!status)
    throw Failure(status.isMachines ? failedRun : code, status.error);
}

TextData cli::loadData(const std::string &folder, const std::string &settings, const std::string &cacheDir) {
  TrainSettings parsed;
  require(parseSettings(settings, parsed), badInput);
  TextData data;
  DataOptions options;
  options.cacheDir = cacheDir;
  options.onStage = [](const std::string &stage) { std::cerr << stage << std::endl; };
  require(loadText(folder, parsed.data, data, options), badInput);
  return data;
}

void cli::readVocabulary(const po::variables_map &arguments, Source &source) {
  if (auto given = readCount(arguments, "vocabulary", 1)) {
    source.options.vocabulary = *given;
  } else if (arguments.count("data")) {
    source.options.vocabulary = loadData(arguments["data"].as<std::string>(), source.readSettings(), cacheFolder(arguments)).vocabulary.size();
  } else {
    throw Failure(badUsage, "the size of the vocabulary is not known: give --data DIR or --vocabulary N");
  }
}
