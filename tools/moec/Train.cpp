#include "tools/moec/Commands.h"
#include "tools/moec/Console.h"
#include "tools/moec/DataSource.h"
#include "tools/moec/Interrupt.h"
#include "tools/moec/ProgressLine.h"

#include <chrono>
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

static void printData(const TextData &data) {
  bool isWords = data.vocabulary.getFormat().tokens == DataFormat::Tokens::words;
  std::cerr << withCommas(static_cast<long long>(data[Split::train].ids.size())) << " tokens, vocabulary of " << withCommas(data.vocabulary.size())
            << (isWords ? " words" : " bytes") << std::endl;
}

static void printPlan(Trainer &trainer) {
  int64_t parameters = 0;
  for (const Buffer *parameter : trainer.getParameters().all(BindingKind::param))
    parameters += parameter->elements();
  const TrainSettings &settings = trainer.getSettings();
  std::cerr << withCommas(parameters) << " parameters, " << withCommas(settings.steps) << " steps of " << settings.batch << " x " << settings.context
            << " tokens" << std::endl;
}

static std::unique_ptr<CompiledModel> compile(const Source &source, bool isQuiet) {
  auto begin = std::chrono::steady_clock::now();
  std::unique_ptr<CompiledModel> model = source.compile();
  std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
  if (!isQuiet)
    std::cerr << (model->fromCache() ? "compiled before, loaded in " : "compiled in ") << fixed(taken.count(), 1) << " s" << std::endl;
  return model;
}

static int run(const po::variables_map &arguments) {
  Source source = Source::read(arguments);
  TrainOptions options = makeOptions(arguments, source);
  std::string out = options.out;
  bool isQuiet = arguments.count("quiet");
  TextData data = loadData(options.description.data, source.readSettings());
  source.options.vocabulary = data.vocabulary.size();
  if (!isQuiet)
    printData(data);
  std::unique_ptr<CompiledModel> model = compile(source, isQuiet);

  ProgressLine progress;
  std::unique_ptr<Trainer> trainer;
  options.stop = &catchInterrupts();
  if (!isQuiet) {
    options.hooks.onStep = [&](const StepMetrics &, const Progress &now) { progress.show(now); };
    options.hooks.onValidation = [&](int64_t step, const Evaluation &evaluation) {
      progress.finish();
      if (step < trainer->getSettings().steps) // the last one is the result
        std::cerr << "step " << withCommas(step) << ": " << evaluation.split << " perplexity " << fixed(evaluation.perplexity, 2) << std::endl;
    };
  }
  require(Trainer::create(model->executable(), std::move(data), std::move(options), trainer), badInput);
  if (!isQuiet)
    printPlan(*trainer);
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
