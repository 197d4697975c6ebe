//===- Trainer.cpp - one training step --------------------------*- C++ -*-===//
#include "lib/Training/FiniteCheck.h"
#include "lib/Training/Guard.h"
#include "lib/Training/Programs.h"
#include "lib/Training/TrainerImpl.h"

#include <chrono>
#include <cmath>
#include <cstring>

using namespace moe;

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
  BlockStream valid; // fails now rather than after the training
  if (Status status = BlockStream::create(data[Split::train], settings.batch, context, state.seed, stream); !status)
    return status;
  if (Status status = BlockStream::create(data[Split::valid], settings.batch, context, 0, valid); !status)
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
  if (options.start)
    if (Status status = options.start(shared); !status)
      return status;
  tokens = inputOrScratch(trainLocal, "tokens", settings.batch * context, tokenScratch);
  targets = inputOrScratch(trainLocal, "targets", settings.batch * context, targetScratch);

  if (settings.evalEvery)
    if (Status status = validation.emplace().prepare(executable, shared, pool, data.vocabulary, data[Split::valid], state.seed); !status)
      return status;
  return bind(*trainProgram, *updateProgram);
}

Status Trainer::Impl::bind(const Program &trainProgram, const Program &updateProgram) {
  train = std::make_unique<Runner>(executable, trainProgram, pool);
  updateRunner = std::make_unique<Runner>(executable, updateProgram, pool);
  if (Status status = train->bind({&trainLocal, &shared}); !status)
    return status;
  std::vector<Buffer *> changed = trainLocal.all(BindingKind::stream);
  for (BindingKind kind : {BindingKind::state, BindingKind::tally})
    for (Buffer *buffer : shared.all(kind))
      changed.push_back(buffer);
  before.watch(changed);
  if (Status status = updateCheck.prepare(executable, updateLocal, shared, pool); !status)
    return status;
  return updateRunner->bind({&updateLocal, &shared});
}

void Trainer::Impl::describe(RunDescription &run) const {
  run.seed = state.seed;
  run.threads = settings.threads;
  run.steps = settings.steps;
  run.vocabulary = data.vocabulary.size();
  run.text = hashesOf(data);
  run.parameters = 0;
  for (const Buffer *parameter : std::as_const(shared).all(BindingKind::param))
    run.parameters += parameter->elements();
  run.settings = executable.settings;
  run.code = executable.code;
}

Status Trainer::Impl::createFolder() {
  if (!hasFolder())
    return Status::success();
  describe(options.description);
  if (Status status = folder.create(data.vocabulary, lock); !status)
    return status;
  if (options.start) // a run that goes on finds its values here, not in the seed
    if (Status status = saveNumbered(); !status)
      return status;
  if (Status status = folder.writeDescription(options.description); !status)
    return status;
  if (Status status = log.open(folder.getMetrics()); !status || !options.tensorboard)
    return status;
  return log.openEvents(options.out, 1);
}

Status Trainer::Impl::make(const Executable &executable, std::shared_ptr<const TextData> data, TrainOptions options, std::unique_ptr<Trainer> &trainer) {
  TrainSettings settings;
  if (Status status = parseSettings(executable.settings, settings); !status)
    return status;
  settings.steps = options.steps.value_or(settings.steps);
  settings.seed = options.seed.value_or(settings.seed);
  settings.threads = options.threads.value_or(settings.threads);
  if (Status status = requireMemory(planMemory(executable, settings), availableMemory()); !status)
    return status;
  if (options.profile)
    if (Status status = options.profile->requireSteps("the run", 0, settings.steps); !status)
      return status;
  trainer.reset(new Trainer);
  trainer->impl = std::make_unique<Impl>(executable, std::move(data), std::move(options), settings);
  trainer->impl->state.seed = settings.seed;
  trainer->impl->state.vocabulary = trainer->impl->data.vocabulary.size();
  return trainer->impl->prepare();
}

Status Trainer::create(const Executable &executable, TextData data, TrainOptions options, std::unique_ptr<Trainer> &trainer) {
  return create(executable, std::make_shared<const TextData>(std::move(data)), std::move(options), trainer);
}

Status Trainer::create(const Executable &executable, std::shared_ptr<const TextData> data, TrainOptions options,
                       std::unique_ptr<Trainer> &trainer) {
  return guarded("training", [&] {
    std::unique_ptr<Trainer> made;
    if (Status status = Impl::make(executable, std::move(data), std::move(options), made); !status)
      return status;
    if (Status status = made->impl->createFolder(); !status)
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
  {
    Profile::Phase phase(options.profile, "data");
    stream.next(tokens, targets);
  }
  Means means(trainLocal);
  double sum = 0;
  for (int64_t m = 0; m < settings.microBatches; ++m) {
    if (key) {
      auto words = std::array<uint32_t, 3>{static_cast<uint32_t>(state.seed), static_cast<uint32_t>(state.seed >> 32),
                                           static_cast<uint32_t>((number - 1) * settings.microBatches + m)};
      std::memcpy(key->memory.data(), words.data(), sizeof(words));
    }
    if (Status status = train->run(m); !status)
      return status;
    bool isLoss = !std::isfinite(*loss);
    if (isLoss || (objective && !std::isfinite(*objective->as<float>())))
      return Status::failure(std::string("the ") + (isLoss ? "loss" : "objective") + " of micro-batch " +
                             std::to_string(m + 1) + " of " + std::to_string(settings.microBatches) + " is " +
                             nameNonFinite(isLoss ? *loss : *objective->as<float>()) + describeNonFinite(trainLocal, pool));
    sum += *loss;
    means.add();
  }
  metrics.loss = sum / static_cast<double>(settings.microBatches);
  metrics.perplexity = std::exp(metrics.loss);
  means.report(metrics);
  return Status::success();
}

/// The star in `what` is where an s goes: "the gradient of 'a' is", "the gradients of 'a', 'b', 'c' and 5 more are".
static std::string listNames(std::string what, const std::vector<const Buffer *> &buffers) {
  constexpr size_t mostNames = 3;
  size_t shown = buffers.size() <= mostNames + 1 ? buffers.size() : mostNames;
  what.replace(what.find('*'), 1, buffers.size() > 1 ? "s" : "");
  for (size_t i = 0; i < shown; ++i)
    what += (i == 0 ? " '" : i + 1 == buffers.size() ? " and '" : ", '") + buffers[i]->binding.name + "'";
  if (shown < buffers.size())
    what += " and " + std::to_string(buffers.size() - shown) + " more";
  return what + (buffers.size() > 1 ? " are" : " is");
}

Status Trainer::Impl::requireFinite(const StepMetrics &metrics, const char *where, const std::vector<const Buffer *> &buffers,
                                     const Snapshot &snapshot) {
  std::vector<const Buffer *> found;
  for (const Buffer *buffer : buffers) {
    if (isFinite(*buffer, pool))
      continue;
    // A state may have been made with an infinity, as the least value so far is.
    const std::byte *earlier = snapshot.find(*buffer);
    if (!earlier || isFinite(earlier, buffer->elements(), pool))
      found.push_back(buffer);
  }
  if (found.empty())
    return Status::success();
  return Status::failure(listNames(where, found) + " not finite (the loss is " +
                         std::to_string(metrics.loss) + ")");
}

Status Trainer::Impl::update(int64_t number, StepMetrics &metrics) {
  if (Buffer *step = updateLocal.find(BindingKind::step, "step"))
    *step->as<int32_t>() = static_cast<int32_t>(number);
  if (Status status = updateRunner->run(); !status)
    return status;
  for (const Buffer *metric : std::as_const(updateLocal).all(BindingKind::metric))
    metrics.metrics[metric->binding.name] = *metric->as<float>();
  for (const auto &[name, value] : metrics.metrics)
    if (!std::isfinite(value))
      return Status::failure(name + " is " + nameNonFinite(value));
  return Status::success();
}

/// Fails when a gradient is not finite or the update would make what is not; nothing of it is done.
Status Trainer::Impl::requireFiniteUpdate(int64_t number, StepMetrics &metrics) {
  if (Buffer *step = updateLocal.find(BindingKind::step, "step"))
    *step->as<int32_t>() = static_cast<int32_t>(number);
  return updateCheck.run([&](const Snapshot &earlier) {
    const BufferStore &made = shared;
    if (Status status = requireFinite(metrics, "the gradient* of", made.all(BindingKind::grad), earlier); !status)
      return status;
    if (Status status = update(number, metrics); !status)
      return status;
    for (auto [where, kind] : {std::pair("after the update parameter*", BindingKind::param), {"after the update optimizer state*", BindingKind::opt},
                               {"after the update model state*", BindingKind::state}})
      if (Status status = requireFinite(metrics, where, made.all(kind), earlier); !status)
        return status;
    return Status::success();
  });
}

Status Trainer::Impl::attempt(int64_t number, StepMetrics &metrics) {
  Status status = compute(number, metrics);
  return status ? status : Status::failure("step " + std::to_string(number) + ": " + status.error);
}

Status Trainer::Impl::compute(int64_t number, StepMetrics &metrics) {
  const BufferStore &made = shared, &local = trainLocal;
  if (Status status = runMicroBatches(number, metrics); !status)
    return status;
  {
    Profile::Phase phase(options.profile, "checks");
    if (Status status = requireFiniteUpdate(number, metrics); !status)
      return status;
    for (auto [where, buffers] : {std::pair("model state*", made.all(BindingKind::state)), {"model state*", made.all(BindingKind::tally)},
                                  {"stream state*", local.all(BindingKind::stream)}})
      if (Status status = requireFinite(metrics, where, buffers, before); !status)
        return status;
  }
  return update(number, metrics);
}

Status Trainer::Impl::observeStep() {
  RunObserver *observer = options.profile ? options.profile->getObserver() : nullptr;
  if (Status status = train->observe(observer); !status)
    return status;
  return updateRunner->observe(observer);
}

Status Trainer::Impl::step(StepMetrics &metrics) {
  auto begin = std::chrono::steady_clock::now();
  metrics = {};
  int64_t number = state.step + 1;
  Profile::Step recorded(options.profile, number);
  if (Status status = observeStep(); !status)
    return status;
  BlockStream streamBefore = stream;
  {
    Profile::Phase phase(options.profile, "copy of the step before");
    before.take(pool);
  }
  if (Status status = attempt(number, metrics); !status) {
    before.restore(pool);
    stream = streamBefore;
    return status;
  }
  if (stream.getPosition().restarts != state.position.restarts)
    trainLocal.resetStreams();
  state.step = metrics.step = number;
  state.position = stream.getPosition();
  metrics.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  metrics.tokensPerSecond = static_cast<double>(settings.batch * settings.context) / metrics.seconds;
  return Status::success();
}

//===-- Public face --------------------------------------------------------------------===//

Status Trainer::step(StepMetrics &metrics) {
  return guarded("training", [&] { return impl->step(metrics); });
}
Status Trainer::run(TrainResult &result) {
  return guarded("training", [&] { return impl->run(result); });
}
Status Trainer::advance(StepMetrics &metrics, TrainResult &result) {
  return guarded("training", [&] { return impl->advance(metrics, result); });
}
Status Trainer::finish(TrainResult &result) {
  return guarded("training", [&] { return impl->finish(result); });
}
Status Trainer::diagnose(const Executable &unfused, bool keepGiven, StepDiagnosis &diagnosis) {
  return guarded("training", [&] { return impl->diagnose(unfused, keepGiven, diagnosis); });
}
Status Trainer::saveCheckpoint(const std::string &path) const {
  return guarded("a checkpoint", [&] { return writeCheckpoint(path, impl->state, impl->getSaved()); });
}
const TrainSettings &Trainer::getSettings() const { return impl->settings; }
std::shared_ptr<const TextData> Trainer::getText() const { return impl->text; }
BufferStore &Trainer::getParameters() { return impl->shared; }
int64_t Trainer::getStep() const { return impl->state.step; }
