//===- Train.cpp - moec train ---------------------------------------------===//
#include "tools/moec/Commands.h"
#include "tools/moec/Console.h"
#include "tools/moec/DataSource.h"
#include "tools/moec/Interrupt.h"
#include "tools/moec/OpenRun.h"
#include "tools/moec/Profiling.h"
#include "tools/moec/ProgressLine.h"
#include "tools/moec/Weights.h"

#include <chrono>
#include <iostream>

using namespace moe;
using namespace moe::cli;

static void declare(po::options_description &options) {
  options.add_options()("data", po::value<std::string>()->value_name("DIR"), "folder of text, or of token ids");
  options.add_options()("out", po::value<std::string>()->value_name("RUN"), "folder for the run; must not exist or be empty");
  options.add_options()("resume", po::value<std::string>()->value_name("RUN"),
                        "go on with a run from its newest checkpoint, instead of FILE, --data and --out; --data says where its text is now");
  options.add_options()("dry-run", "measure two steps and say what the run would take; nothing is written");
  options.add_options()("steps", count("TOTAL"), "instead of the file's");
  options.add_options()("seed", count("S"), "of parameters, dropout and restarts");
  declareStart(options);
  declareThreads(options);
  declareOverrides(options);
  declareCache(options);
  options.add_options()("tensorboard", "write event files for TensorBoard beside metrics.jsonl; a resumed run that has some goes on with them");
  declareProfile(options, "step");
  options.add_options()("quiet", "no progress");
}

//===-- Training to the end ------------------------------------------------------------===//

static void printValidation(const Evaluation &evaluation) {
  std::cout << evaluation.split << " perplexity " << fixed(evaluation.perplexity, 2) << "  (unigram model "
            << fixed(evaluation.unigramPerplexity, 2) << ")" << std::endl;
}

static void printData(const TextData &data) {
  using Tokens = DataFormat::Tokens;
  Tokens tokens = data.vocabulary.getFormat().tokens;
  const char *what = tokens == Tokens::words ? " words" : tokens == Tokens::bytes ? " bytes" : " ids";
  std::cerr << data.found << ": " << withCommas(data[Split::train].ids.size()) << " tokens, vocabulary of "
            << withCommas(data.vocabulary.size()) << what << std::endl;
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

/// How far a run went that did not come to its end.
static void printState(const char *what, const TrainResult &result) {
  std::cerr << what << " after step " << withCommas(result.steps) << "; its state is in " << result.checkpoint << '\n';
}

/// What to do about a step that failed: its state is there, and it can be run again.
static Status withHelp(Status status, const TrainResult &result, const std::string &out) {
  std::string step = std::to_string(result.steps + 1);
  if (!status && !result.checkpoint.empty() && status.error.starts_with("step " + step + ":"))
    status.error += "\nhelp: `moec replay " + out + " --step " + step + "` says where that began";
  return status;
}

static TrainHooks showProgress(ProgressLine &line, const std::unique_ptr<Trainer> &trainer) {
  TrainHooks hooks;
  hooks.onStep = [&](const StepMetrics &, const Progress &now) { line.show(now); };
  hooks.onValidation = [&](int64_t step, const Evaluation &evaluation) {
    line.finish();
    if (step < trainer->getSettings().steps) // the last one is the result
      std::cerr << "step " << withCommas(step) << ": " << evaluation.split << " perplexity " << fixed(evaluation.perplexity, 2) << std::endl;
  };
  return hooks;
}

static int train(Trainer &trainer, ProgressLine &progress, const std::string &out, Profile *profile, const po::variables_map &arguments) {
  bool isQuiet = arguments.count("quiet");
  if (!isQuiet)
    printPlan(trainer);
  if (!isQuiet && trainer.getStep())
    std::cerr << "goes on after step " << withCommas(trainer.getStep()) << std::endl;
  TrainResult result;
  Status status = trainer.run(result);
  progress.finish();
  if (!status && !result.checkpoint.empty())
    printState("ended", result);
  if (!status && profile)
    [[maybe_unused]] Status kept = profile->close(); // the message is about the run
  require(withHelp(std::move(status), result, out), failedRun);
  if (result.stopped) {
    printState("stopped", result);
    finishProfile(profile, arguments, "step");
    return interruptCode();
  }
  if (result.validation)
    printValidation(*result.validation);
  if (!isQuiet)
    std::cerr << "run written to " << out << '\n';
  finishProfile(profile, arguments, "step");
  return done;
}

//===-- What to train ------------------------------------------------------------------===//

static std::string needed(const po::variables_map &arguments, const std::string &option) {
  if (!arguments.count(option))
    throw Failure(badUsage, "the option '--" + option + "' is required but missing");
  return arguments[option].as<std::string>();
}

static TrainOptions makeOptions(const po::variables_map &arguments) {
  TrainOptions options;
  options.steps = readCount(arguments, "steps");
  options.seed = readCount(arguments, "seed");
  options.threads = readThreads(arguments);
  options.tensorboard = arguments.count("tensorboard");
  return options;
}

static void printEstimate(const RunEstimate &e) {
  auto row = [](const char *name, const std::string &value, const std::string &more) {
    std::cout << name << std::string(18 - std::string(name).size(), ' ') << value << (more.empty() ? "" : "  (" + more + ")") << '\n';
  };
  auto size = [](int64_t count) { return bytes(static_cast<double>(count)); };
  row("step", fixed(1000 * e.secondsPerStep, e.secondsPerStep < 0.1 ? 2 : 0) + " ms", shortNumber(e.tokensPerSecond) + " tokens/s");
  row("run", duration(e.stepSeconds + e.validationSeconds),
      withCommas(e.steps) + " steps " + duration(e.stepSeconds) + ", " + withCommas(e.validations) + " validation" + (e.validations == 1 ? " " : "s ") +
          duration(e.validationSeconds));
  row("memory", size(e.memoryBytes()), "beside the text and the process");
  row("  parameters", size(e.parameterBytes), "");
  row("  gradients", size(e.gradientBytes), "");
  row("  optimizer", size(e.optimizerBytes), "");
  row("  state", size(e.stateBytes), "of the model and its streams");
  row("  step before", size(e.snapshotBytes), "what a failed step is undone from");
  row("  activations", size(e.arenaBytes), "and temporaries");
  AvailableMemory available = availableMemory(); // beside what this dry run holds
  row("available", size(available.bytes), available.limit + ", beside these");
  row("checkpoint", size(e.checkpointBytes), withCommas(e.checkpointsKept) + " kept, " + size(e.checkpointsKept * e.checkpointBytes));
}

static int dryRun(const po::variables_map &arguments) {
  TrainOptions options = makeOptions(arguments);
  readStart(arguments, options);
  std::string folder = needed(arguments, "data");
  Source source = Source::read(arguments);
  TextData data = loadData(folder, source.readSettings(), cacheFolder(arguments));
  source.options.vocabulary = data.vocabulary.size();
  std::unique_ptr<CompiledModel> model = source.compile();
  std::unique_ptr<Trainer> trainer;
  require(Trainer::create(model->executable(), std::move(data), std::move(options), trainer), badInput);
  RunEstimate estimate;
  require(trainer->estimate(estimate), failedRun);
  printEstimate(estimate);
  return done;
}

static int begin(const po::variables_map &arguments) {
  std::string folder = needed(arguments, "data"), out = needed(arguments, "out");
  TrainOptions options = makeOptions(arguments);
  readStart(arguments, options);
  Source source = Source::read(arguments);
  std::unique_ptr<Profile> profile = openProfile(arguments, "step");
  options.profile = profile.get();
  TextData data = loadData(folder, source.readSettings(), cacheFolder(arguments));
  source.options.vocabulary = data.vocabulary.size();
  bool isQuiet = arguments.count("quiet");
  if (!isQuiet)
    printData(data);
  std::unique_ptr<CompiledModel> model = compile(source, isQuiet);

  options.out = out;
  options.description.fileName = source.fileName;
  options.description.source = source.text;
  options.description.overrides = source.options.overrides;
  options.description.presets = source.options.presets;
  options.description.target = source.options.target;
  options.description.data = folder;
  options.description.versions = getVersions();
  ProgressLine progress;
  std::unique_ptr<Trainer> trainer;
  options.stop = &catchInterrupts();
  if (!isQuiet)
    options.hooks = showProgress(progress, trainer);
  require(Trainer::create(model->executable(), std::move(data), std::move(options), trainer), badInput);
  return train(*trainer, progress, out, profile.get(), arguments);
}

static int resume(const po::variables_map &arguments) {
  TrainOptions options = makeOptions(arguments);
  Run run;
  require(Run::open(arguments["resume"].as<std::string>(), run), badInput);
  std::unique_ptr<Profile> profile = openProfile(arguments, "step");
  options.profile = profile.get();
  if (run.description.versions != getVersions())
    std::cerr << "warning: the run was begun by another build of moec: it goes on, but its numbers may differ in the last bits\n";
  if (arguments.count("data"))
    options.description.data = arguments["data"].as<std::string>();
  TextData data = loadData(arguments.count("data") ? options.description.data : run.description.data, run.description.settings, cacheFolder(arguments));
  bool isQuiet = arguments.count("quiet");
  if (!isQuiet)
    printData(data);
  std::unique_ptr<CompiledModel> model = compile(sourceOf(run, arguments), isQuiet);

  ProgressLine progress;
  std::unique_ptr<Trainer> trainer;
  options.stop = &catchInterrupts();
  if (!isQuiet)
    options.hooks = showProgress(progress, trainer);
  std::vector<std::string> skipped;
  Status status = Trainer::resume(model->executable(), std::move(data), run, std::move(options), trainer, skipped);
  for (const std::string &reason : skipped)
    if (reason != status.error) // with none left, one of them is the error
      std::cerr << "warning: " << reason << '\n';
  require(status, badInput);
  return ::train(*trainer, progress, run.folder, profile.get(), arguments);
}

static int run(const po::variables_map &arguments) {
  if (!arguments.count("resume")) {
    if (!arguments.count("FILE"))
      throw Failure(badUsage, "FILE is missing");
    if (arguments.count("dry-run") && arguments.count("profile"))
      throw Failure(badUsage, "--profile does not go with --dry-run: nothing is written");
    return arguments.count("dry-run") ? dryRun(arguments) : begin(arguments);
  }
  if (arguments.count("FILE"))
    throw Failure(badUsage, "FILE beside --resume: the run has its own source");
  for (const char *option : {"out", "seed", "set", "preset", "dry-run", "init-from", "init-only", "map"})
    if (arguments.count(option))
      throw Failure(badUsage, "--" + std::string(option) + " does not go with --resume: a run goes on as it was begun");
  return resume(arguments);
}

const Command moe::cli::trainCommand = {
    "train",
    "train a model on a folder of text",
    {{"FILE", false}},
    "FILE --data DIR --out RUN [options]\n"
    "       moec train FILE --data DIR --dry-run [options]\n"
    "       moec train --resume RUN [--steps TOTAL] [--threads N] [--data DIR]",
    "Compiles the model for the data's vocabulary and trains it. The run folder gets\n"
    "run.json, vocabulary.txt, metrics.jsonl and checkpoints/ (safetensors). Ctrl-C\n"
    "finishes the step and writes a checkpoint; --resume goes on from the newest one,\n"
    "bit for bit, however the run ended.",
    "moec train models/quickstart.moe --data data/small --out runs/a",
    declare,
    run};
