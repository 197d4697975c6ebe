//===- Trainer.cpp - the training loop --------------------------*- C++ -*-===//
#include "lib/Training/Checkpoint.h"
#include "lib/Training/FiniteCheck.h"
#include "lib/Training/Guard.h"
#include "lib/Training/MetricsLog.h"
#include "lib/Training/Programs.h"
#include "lib/Training/Progress.h"
#include "lib/Training/RunFolder.h"

#include <chrono>
#include <cmath>
#include <cstring>

using namespace moe;

struct Trainer::Impl {
  Impl(const Executable &executable, TextData data, TrainOptions options, const TrainSettings &settings)
      : executable(executable), data(std::move(data)), options(std::move(options)), settings(settings), pool(settings.threads),
        progress(settings.steps), folder(this->options.out) {}

  Status prepare();
  Status prepareFolder();
  Status step(StepMetrics &metrics);
  Status runMicroBatches(int64_t number, StepMetrics &metrics);
  Status update(int64_t number, StepMetrics &metrics);
  Status run(TrainResult &result);
  Status afterStep(const StepMetrics &metrics, TrainResult &result);
  Status validate(int64_t blocks, Evaluation &evaluation);
  Status validateWhileTraining(TrainResult &result);
  Status save(const std::string &path);
  Status saveNumbered(TrainResult &result);
  Status finish(TrainResult &result);
  bool isStopped() const { return options.stop && *options.stop; }
  bool hasFolder() const { return !options.out.empty(); }
  std::vector<const Buffer *> getSaved() const;

  const Executable &executable;
  TextData data;
  TrainOptions options;
  TrainSettings settings;
  ThreadPool pool;

  BufferStore shared, trainLocal, updateLocal;
  std::unique_ptr<Runner> train, updateRunner;
  int32_t *tokens = nullptr, *targets = nullptr;
  std::vector<int32_t> tokenScratch, targetScratch;
  BlockStream stream;

  Manifest state; ///< step, seed, position, best validation
  ProgressMeter progress;
  RunFolder folder;
  MetricsLog log;
};

Trainer::Trainer() = default;
Trainer::~Trainer() = default;

//===-- Set-up -------------------------------------------------------------------===//

Status Trainer::Impl::prepare() {
  const Program *trainProgram = nullptr, *updateProgram = nullptr, *evalProgram = nullptr;
  int64_t rows = 0, context = 0;
  for (auto [name, program] : {std::pair("train", &trainProgram), {"update", &updateProgram}, {"eval", &evalProgram}})
    if (Status status = requireProgram(executable, name, *program); !status)
      return status;
  if (Status status = checkVocabulary(executable, data.vocabulary); !status)
    return status;
  if (Status status = requireTokens(*trainProgram, rows, context); !status)
    return status;
  if (rows * settings.microBatches != settings.batch || context != settings.context)
    return Status::failure("@train is compiled for another batch or context than the settings say");
  BlockStream validation; // fails now rather than after the training
  if (Status status = BlockStream::create(data[Split::train], settings.batch, context, state.seed, stream); !status)
    return status;
  if (Status status = BlockStream::create(data[Split::valid], settings.batch, context, 0, validation); !status)
    return status;

  for (const Program *program : {trainProgram, updateProgram, evalProgram})
    if (Status status = shared.addShared(*program); !status)
      return status;
  if (Status status = trainLocal.addLocal(*trainProgram, settings.microBatches); !status)
    return status;
  if (Status status = updateLocal.addLocal(*updateProgram); !status)
    return status;
  if (!trainLocal.find(BindingKind::loss, "loss"))
    return Status::failure("@train gives no loss");
  for (BufferStore *store : {&shared, &trainLocal, &updateLocal})
    store->initialize(state.seed);
  tokens = inputOrScratch(trainLocal, "tokens", settings.batch * context, tokenScratch);
  targets = inputOrScratch(trainLocal, "targets", settings.batch * context, targetScratch);

  train = std::make_unique<Runner>(executable, *trainProgram, pool);
  updateRunner = std::make_unique<Runner>(executable, *updateProgram, pool);
  if (Status status = train->bind({&trainLocal, &shared}); !status)
    return status;
  return updateRunner->bind({&updateLocal, &shared});
}

Status Trainer::Impl::prepareFolder() {
  if (!hasFolder())
    return Status::success();
  RunDescription &run = options.description;
  run.seed = state.seed;
  run.threads = pool.threads();
  run.steps = settings.steps;
  run.vocabulary = data.vocabulary.size();
  run.settings = executable.settings;
  if (Status status = folder.create(run, data.vocabulary); !status)
    return status;
  return log.open(folder.getMetrics());
}

Status Trainer::create(const Executable &executable, TextData data, TrainOptions options, std::unique_ptr<Trainer> &trainer) {
  return guarded("training", [&] {
    TrainSettings settings;
    if (Status status = parseSettings(executable.settings, settings); !status)
      return status;
    settings.steps = options.steps.value_or(settings.steps);
    settings.seed = options.seed.value_or(settings.seed);
    settings.threads = options.threads.value_or(settings.threads);
    std::unique_ptr<Trainer> made(new Trainer);
    made->impl = std::make_unique<Impl>(executable, std::move(data), std::move(options), settings);
    made->impl->state.seed = settings.seed;
    made->impl->state.vocabulary = made->impl->data.vocabulary.size();
    if (Status status = made->impl->prepare(); !status)
      return status;
    if (Status status = made->impl->prepareFolder(); !status)
      return status;
    trainer = std::move(made);
    return Status::success();
  });
}

//===-- One step -------------------------------------------------------------------===//

namespace {
/// Means over the micro-batches of what they report.
class Means {
public:
  explicit Means(const BufferStore &store) : buffers(store.all(BindingKind::probe)), aux(store.all(BindingKind::aux)) {
    for (const Buffer *buffer : buffers)
      sums.emplace_back(static_cast<size_t>(buffer->elements()), 0.0);
    auxSums.assign(aux.size(), 0.0);
  }
  void add() {
    for (size_t i = 0; i < buffers.size(); ++i)
      for (size_t j = 0; j < sums[i].size(); ++j)
        sums[i][j] += buffers[i]->as<float>()[j];
    for (size_t i = 0; i < aux.size(); ++i)
      auxSums[i] += *aux[i]->as<float>();
    ++count;
  }
  void report(StepMetrics &metrics) const {
    for (size_t i = 0; i < aux.size(); ++i)
      metrics.aux[aux[i]->binding.name] = auxSums[i] / count;
    for (size_t i = 0; i < buffers.size(); ++i) {
      NamedValues &probe = metrics.probes.emplace_back(NamedValues{buffers[i]->binding.name, {}});
      for (double sum : sums[i])
        probe.values.push_back(static_cast<float>(sum / count));
    }
  }

private:
  std::vector<const Buffer *> buffers, aux;
  std::vector<std::vector<double>> sums;
  std::vector<double> auxSums;
  int count = 0;
};
} // namespace

/// What is not finite, for the message of a failed step: auxiliary losses and probes may say where it began.
static std::string describeNonFinite(const BufferStore &store, ThreadPool &pool) {
  std::string found;
  for (BindingKind kind : {BindingKind::aux, BindingKind::probe})
    for (const Buffer *buffer : store.all(kind))
      if (found.empty() && buffer->binding.type == DType::f32 && !isFinite(*buffer, pool))
        found = std::string("; ") + toString(kind) + " '" + buffer->binding.name + "' is not finite either";
  return found;
}

Status Trainer::Impl::runMicroBatches(int64_t number, StepMetrics &metrics) {
  const float *loss = trainLocal.find(BindingKind::loss, "loss")->as<float>();
  const Buffer *objective = trainLocal.find(BindingKind::objective, "objective");
  Buffer *key = trainLocal.find(BindingKind::key, "key");
  if (settings.microBatches > 1) // else each run writes them anew
    for (Buffer *gradient : shared.all(BindingKind::grad))
      std::memset(gradient->memory.data(), 0, static_cast<size_t>(gradient->bytes()));
  bool restarts = stream.next(tokens, targets);
  Means means(trainLocal);
  double sum = 0;
  for (int64_t m = 0; m < settings.microBatches; ++m) {
    if (key) {
      auto words = std::array<uint32_t, 3>{static_cast<uint32_t>(state.seed), static_cast<uint32_t>(state.seed >> 32),
                                           static_cast<uint32_t>((number - 1) * settings.microBatches + m)};
      std::memcpy(key->memory.data(), words.data(), sizeof(words));
    }
    if (Status status = train->run(m); !status)
      return Status::failure("step " + std::to_string(number) + ": " + status.error);
    bool isLoss = !std::isfinite(*loss);
    if (isLoss || (objective && !std::isfinite(*objective->as<float>())))
      return Status::failure("step " + std::to_string(number) + ": the " + (isLoss ? "loss" : "objective") + " of micro-batch " +
                             std::to_string(m + 1) + " of " + std::to_string(settings.microBatches) + " is " +
                             nameNonFinite(isLoss ? *loss : *objective->as<float>()) + describeNonFinite(trainLocal, pool));
    sum += *loss;
    means.add();
  }
  metrics.loss = sum / static_cast<double>(settings.microBatches);
  metrics.perplexity = std::exp(metrics.loss);
  means.report(metrics);
  if (restarts)
    trainLocal.resetStreams();
  return Status::success();
}

Status Trainer::Impl::update(int64_t number, StepMetrics &metrics) {
  // An update with a gradient that is not finite would destroy the parameters.
  for (const Buffer *gradient : std::as_const(shared).all(BindingKind::grad))
    if (!isFinite(*gradient, pool))
      return Status::failure("step " + std::to_string(number) + ": the gradient of '" + gradient->binding.name +
                             "' is not finite (the loss is " + std::to_string(metrics.loss) + ")");
  if (Buffer *step = updateLocal.find(BindingKind::step, "step"))
    *step->as<int32_t>() = static_cast<int32_t>(number);
  if (Status status = updateRunner->run(); !status)
    return Status::failure("step " + std::to_string(number) + ": " + status.error);
  for (const Buffer *metric : std::as_const(updateLocal).all(BindingKind::metric))
    metrics.metrics[metric->binding.name] = *metric->as<float>();
  for (const auto &[name, value] : metrics.metrics)
    if (!std::isfinite(value))
      return Status::failure("step " + std::to_string(number) + ": " + name + " is " + nameNonFinite(value));
  return Status::success();
}

Status Trainer::Impl::step(StepMetrics &metrics) {
  auto begin = std::chrono::steady_clock::now();
  metrics = {};
  int64_t number = state.step + 1;
  if (Status status = runMicroBatches(number, metrics); !status)
    return status;
  if (Status status = update(number, metrics); !status)
    return status;
  state.step = metrics.step = number;
  state.position = stream.getPosition();
  metrics.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  metrics.tokensPerSecond = static_cast<double>(settings.batch * settings.context) / metrics.seconds;
  return Status::success();
}

//===-- The loop ---------------------------------------------------------------------===//

Status Trainer::Impl::validate(int64_t blocks, Evaluation &evaluation) {
  EvaluateOptions how;
  how.maxBlocks = blocks;
  how.stop = options.stop;
  Status status = evaluate(executable, shared, pool, data.vocabulary, data[Split::valid], Split::valid, how, evaluation);
  if (!status)
    return status;
  if (options.hooks.onValidation)
    options.hooks.onValidation(state.step, evaluation);
  return log.write(state.step, evaluation);
}

Status Trainer::Impl::validateWhileTraining(TrainResult &result) {
  BlockStream stream;
  if (Status status = BlockStream::create(data[Split::valid], settings.batch, settings.context, 0, stream); !status)
    return status;
  Evaluation evaluation;
  int64_t blocks = settings.evalBlocks ? settings.evalBlocks : std::max<int64_t>(1, stream.getBlocks() / 10);
  if (Status status = validate(blocks, evaluation); !status)
    return isStopped() ? Status::success() : status;
  if (evaluation.loss >= state.bestLoss) {
    result.patienceOver = ++state.worseValidations >= settings.patience && settings.patience;
    return Status::success();
  }
  state.bestLoss = evaluation.loss;
  state.worseValidations = 0;
  return hasFolder() ? save(folder.getBest()) : Status::success();
}

Status Trainer::Impl::afterStep(const StepMetrics &metrics, TrainResult &result) {
  int64_t step = metrics.step;
  if (step % settings.logEvery == 0 || step == settings.steps)
    if (Status status = log.write(metrics); !status)
      return status;
  const Progress &shown = progress.add(metrics);
  if (options.hooks.onStep)
    options.hooks.onStep(metrics, shown);
  if (settings.evalEvery && step % settings.evalEvery == 0 && step < settings.steps)
    if (Status status = validateWhileTraining(result); !status)
      return status;
  if (settings.checkpointEvery && step % settings.checkpointEvery == 0)
    return saveNumbered(result);
  return Status::success();
}

Status Trainer::Impl::run(TrainResult &result) {
  result = {};
  while (state.step < settings.steps && !isStopped() && !result.patienceOver) {
    StepMetrics metrics;
    if (Status status = step(metrics); !status)
      return status;
    if (Status status = afterStep(metrics, result); !status)
      return status;
  }
  return finish(result);
}

Status Trainer::Impl::finish(TrainResult &result) {
  result.steps = state.step;
  if (hasFolder() && result.checkpoint != folder.getCheckpoint(state.step))
    if (Status status = saveNumbered(result); !status)
      return status;
  Evaluation evaluation;
  if (!isStopped()) {
    Status status = validate(0, evaluation);
    if (status)
      result.validation = evaluation;
    else if (!isStopped())
      return status;
  }
  result.stopped = isStopped();
  return Status::success();
}

//===-- Checkpoints --------------------------------------------------------------------===//

std::vector<const Buffer *> Trainer::Impl::getSaved() const {
  std::vector<const Buffer *> saved;
  for (BindingKind kind : {BindingKind::param, BindingKind::state, BindingKind::opt})
    for (const Buffer *buffer : shared.all(kind))
      saved.push_back(buffer);
  for (const Buffer *buffer : trainLocal.all(BindingKind::stream))
    saved.push_back(buffer);
  return saved;
}

Status Trainer::Impl::save(const std::string &path) {
  if (Status status = writeCheckpoint(path, state, getSaved()); !status)
    return status;
  if (options.hooks.onCheckpoint)
    options.hooks.onCheckpoint(state.step, path);
  return Status::success();
}

Status Trainer::Impl::saveNumbered(TrainResult &result) {
  if (!hasFolder())
    return Status::success();
  std::string path = folder.getCheckpoint(state.step);
  if (Status status = save(path); !status)
    return status;
  result.checkpoint = path;
  folder.prune(settings.keep);
  return Status::success();
}

Status Trainer::restore(const std::string &checkpoint) {
  return guarded("a checkpoint", [&] {
    TensorFile file;
    Manifest manifest;
    if (Status status = openCheckpoint(checkpoint, file, manifest); !status)
      return status;
    if (manifest.vocabulary != impl->state.vocabulary)
      return Status::failure(checkpoint + ": made with a vocabulary of " + std::to_string(manifest.vocabulary) + ", the data has " +
                             std::to_string(impl->state.vocabulary));
    BlockStream stream;
    if (Status status = BlockStream::create(impl->data[Split::train], impl->settings.batch, impl->settings.context, manifest.seed, stream);
        !status)
      return status;
    if (Status status = stream.setPosition(manifest.position); !status)
      return Status::failure(checkpoint + ": " + status.error);
    if (Status status = readBuffers(checkpoint, file, impl->shared, {BindingKind::param, BindingKind::state, BindingKind::opt}); !status)
      return status;
    if (Status status = readBuffers(checkpoint, file, impl->trainLocal, {BindingKind::stream}); !status)
      return status;
    impl->state = manifest;
    impl->stream = stream;
    return Status::success();
  });
}

//===-- Public face --------------------------------------------------------------------===//

Status Trainer::step(StepMetrics &metrics) {
  return guarded("training", [&] { return impl->step(metrics); });
}
Status Trainer::run(TrainResult &result) {
  return guarded("training", [&] { return impl->run(result); });
}
Status Trainer::saveCheckpoint(const std::string &path) const {
  return guarded("a checkpoint", [&] { return writeCheckpoint(path, impl->state, impl->getSaved()); });
}
const TrainSettings &Trainer::getSettings() const { return impl->settings; }
BufferStore &Trainer::getParameters() { return impl->shared; }
int64_t Trainer::getStep() const { return impl->state.step; }
