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

/// Nothing when the run has that batch already: an override must change something.
static void setBatch(Source &source, const Run &run, int64_t batch) {
  TrainSettings settings;
  require(parseSettings(run.description.settings, settings), badInput);
  if (settings.batch == batch)
    return;
  source.options.overrides.push_back("train.batch=" + std::to_string(batch));
  if (settings.microBatches != 1)
    source.options.overrides.push_back("train.micro_batches=1");
}

OpenRun::OpenRun(const po::variables_map &arguments, const OpenOptions &options) {
  require(Run::open(arguments[options.positional].as<std::string>(), run), badInput);
  Source source = sourceOf(run, arguments);
  source.options.record = options.record;
  source.options.decodeRows = options.decodeRows;
  if (options.batch)
    setBatch(source, run, *options.batch);
  program = source.compile();
  std::string checkpoint;
  std::vector<std::string> skipped;
  Status status = loadNewest(program->executable(), run, model, checkpoint, skipped);
  for (const std::string &reason : skipped)
    if (reason != status.error) // with none left, one of them is the error
      std::cerr << "warning: " << reason << '\n';
  require(status, badInput);
  pool = std::make_unique<ThreadPool>(readThreads(arguments).value_or(0));
}
