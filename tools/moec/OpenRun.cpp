//===- OpenRun.cpp - a run, compiled again ----------------------------------===//
#include "tools/moec/OpenRun.h"

#include "tools/moec/Console.h"

#include <iostream>

using namespace moe;
using namespace moe::cli;

Source cli::sourceOf(const Run &run, const po::variables_map &arguments) {
  Source source;
  source.fileName = run.description.fileName;
  source.text = run.description.source;
  source.options.overrides = run.description.overrides;
  source.options.presets = run.description.presets;
  source.options.target = run.description.target;
  source.options.vocabulary = run.vocabulary.size();
  source.options.cacheDir = cacheFolder(arguments);
  source.options.color = useColor();
  return source;
}

OpenRun::OpenRun(const po::variables_map &arguments) {
  require(Run::open(arguments["RUN"].as<std::string>(), run), badInput);
  program = sourceOf(run, arguments).compile();
  std::string checkpoint;
  std::vector<std::string> skipped;
  Status status = loadNewest(program->executable(), run, model, checkpoint, skipped);
  for (const std::string &reason : skipped)
    std::cerr << "warning: " << reason << '\n';
  require(status, badInput);
  pool = std::make_unique<ThreadPool>(readThreads(arguments).value_or(0));
}
