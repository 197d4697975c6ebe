#include "tools/moec/Commands.h"
#include "tools/moec/Console.h"
#include "tools/moec/DataSource.h"
#include "tools/moec/Interrupt.h"
#include "tools/moec/ProgressLine.h"

#include <iostream>

using namespace moe;
using namespace moe::cli;

static void declare(po::options_description &options) {
  options.add_options()("data", po::value<std::string>()->required()->value_name("DIR"), "folder with train.txt, valid.txt and test.txt");
  options.add_options()("out", po::value<std::string>()->required()->value_name("RUN"), "folder for the run; must not exist or be empty");
  options.add_options()("steps", count("TOTAL"), "instead of the file's");
  options.add_options()("seed", count("S"), "of parameters, dropout and restarts");
  declareThreads(options);
  declareOverrides(options);
  declareCache(options);
  options.add_options()("quiet", "no progress");
}

static TrainOptions makeOptions(const po::variables_map &arguments, const Source &source) {
  TrainOptions options;
  options.out = arguments["out"].as<std::string>();
  options.description.fileName = source.fileName;
  options.description.source = source.text;
  options.description.overrides = source.options.overrides;
  options.description.presets = source.options.presets;
  options.description.data = arguments["data"].as<std::string>();
  options.description.versions = getVersions();
  options.steps = readCount(arguments, "steps");
  options.seed = readCount(arguments, "seed");
  options.threads = readThreads(arguments);
  return options;
}

static void printValidation(const Evaluation &evaluation) {
  std::cout << evaluation.split << " perplexity " << fixed(evaluation.perplexity, 2) << "  (unigram model "
            << fixed(evaluation.unigramPerplexity, 2) << ")" << std::endl;
}

static int run(const po::variables_map &arguments) {
  Source source = Source::read(arguments);
  TrainOptions options = makeOptions(arguments, source);
  TextData data = loadData(options.description.data, source.readSettings());
  source.options.vocabulary = data.vocabulary.size();
  bool isQuiet = arguments.count("quiet");
  if (!isQuiet)
    std::cerr << withCommas(static_cast<long long>(data[Split::train].ids.size())) << " tokens, vocabulary of "
              << withCommas(data.vocabulary.size()) << "\n";
  std::unique_ptr<CompiledModel> model = source.compile();

  ProgressLine progress;
  options.stop = &catchInterrupts();
  if (!isQuiet) {
    options.hooks.onStep = [&](const StepMetrics &, const Progress &now) { progress.show(now); };
    options.hooks.onValidation = [&](int64_t step, const Evaluation &evaluation) {
      progress.finish();
      std::cerr << "step " << withCommas(step) << ": " << evaluation.split << " perplexity " << fixed(evaluation.perplexity, 2) << std::endl;
    };
  }
  std::string out = options.out;
  std::unique_ptr<Trainer> trainer;
  require(Trainer::create(model->executable(), std::move(data), std::move(options), trainer), badInput);
  TrainResult result;
  Status status = trainer->run(result);
  progress.finish();
  require(status, failedRun);
  if (result.stopped) {
    std::cerr << "stopped after step " << withCommas(result.steps) << "; its state is in " << result.checkpoint << '\n';
    return interruptCode();
  }
  if (result.validation)
    printValidation(*result.validation);
  if (!isQuiet)
    std::cerr << "run written to " << out << '\n';
  return done;
}

const Command moe::cli::trainCommand = {
    "train",
    "train a model on a folder of text",
    {{"FILE"}},
    "FILE --data DIR --out RUN [options]",
    "Compiles the model for the data's vocabulary and trains it. The run folder gets\n"
    "run.json, vocabulary.txt, metrics.jsonl and checkpoints/ (safetensors). Ctrl-C\n"
    "finishes the step and writes a checkpoint.",
    "moec train models/quickstart.moe --data data/small --out runs/a",
    declare,
    run};
