//===- Trainer.cpp - training over a text -----------------------*- C++ -*-===//
#include "lib/CAPI/Objects.h"

using namespace moe;
using namespace moe::capi;

//===-- Making one -----------------------------------------------------------------===//

static moe_trainer_options readTrainerOptions(const moe_trainer_options *given, TrainOptions &into) {
  moe_trainer_options options = readOptions<moe_trainer_options>(given, MOE_TRAINER_OPTIONS_INIT, "options");
  into.steps = readNumber<int64_t>(options.steps, "steps");
  into.seed = readNumber<uint64_t>(options.seed, "seed");
  into.threads = readNumber<int>(options.threads, "threads", mostThreads);
  if (options.data)
    into.description.data = options.data;
  return options;
}

static moe_trainer *giveTrainer(const std::shared_ptr<TrainerObject> &object) {
  object->text = object->trainer->getText();
  object->pool = std::make_unique<ThreadPool>(object->trainer->getSettings().threads);
  return makeHandle(object);
}

moe_status moe_trainer_create(moe_model *model, moe_text *text, const moe_trainer_options *options, moe_trainer **trainer) {
  return call([&] {
    moe_trainer *&result = needResult(trainer, "trainer");
    auto object = std::make_shared<TrainerObject>();
    TrainOptions how;
    moe_trainer_options read = readTrainerOptions(options, how);
    object->model = get<ModelObject>(model);
    how.out = read.out ? read.out : "";
    how.stop = &object->stop;
    how.description.fileName = object->model->fileName;
    how.description.source = object->model->source;
    how.description.overrides = object->model->options.overrides;
    how.description.presets = object->model->options.presets;
    how.description.target = object->model->options.target;
    how.description.versions = getVersions();
    require(Trainer::create(object->model->executable(), get<TextObject>(text)->data, std::move(how), object->trainer), MOE_INPUT);
    result = giveTrainer(object);
  });
}

moe_status moe_trainer_resume(const char *folder, const moe_trainer_options *options, const char *cache_dir, moe_trainer **trainer) {
  return call([&] {
    moe_trainer *&result = needResult(trainer, "trainer");
    auto object = std::make_shared<TrainerObject>();
    TrainOptions how;
    readTrainerOptions(options, how);
    how.seed.reset();
    how.stop = &object->stop;
    Run run;
    require(Run::open(needText(folder, "folder"), run), MOE_INPUT);
    object->model = compileRun(run, cache_dir);
    TextData data;
    std::string from = how.description.data.empty() ? run.description.data : how.description.data;
    DataOptions where;
    where.cacheDir = cache_dir ? cache_dir : "";
    require(loadText(from, object->model->settings.data, data, where), MOE_INPUT);
    std::vector<std::string> skipped;
    require(Trainer::resume(object->model->executable(), std::move(data), run, std::move(how), object->trainer, skipped), MOE_INPUT);
    result = giveTrainer(object);
  });
}

//===-- Steps ----------------------------------------------------------------------===//

static void keepValues(const StepMetrics &metrics, TrainerObject &object) {
  object.values.clear();
  for (const auto &[name, value] : metrics.metrics)
    object.values[{MOE_METRIC, name}] = {value};
  for (const auto &[name, value] : metrics.aux)
    object.values[{MOE_AUX, name}] = {value};
  for (const NamedValues &probe : metrics.probes)
    object.values[{MOE_PROBE, probe.name}].assign(probe.values.begin(), probe.values.end());
}

/// `step` is 0 when there was none left.
static moe_step advance(TrainerObject &object) {
  if (object.isFinished)
    throw Failure(MOE_USAGE, "this trainer has finished");
  StepMetrics metrics;
  require(object.trainer->advance(metrics, object.result), MOE_RUN);
  moe_step into = MOE_STEP_INIT;
  if (!metrics.step)
    return into;
  keepValues(metrics, object);
  into.step = metrics.step;
  into.loss = metrics.loss;
  into.perplexity = metrics.perplexity;
  into.seconds = metrics.seconds;
  into.tokens_per_second = metrics.tokensPerSecond;
  return into;
}

static void finish(TrainerObject &object, std::optional<StructureResult<moe_evaluation>> &validation) {
  if (object.isFinished)
    throw Failure(MOE_USAGE, "this trainer has finished");
  require(object.trainer->finish(object.result), MOE_RUN);
  object.isFinished = true;
  if (validation && object.result.validation)
    validation->give(describe(*object.result.validation));
}

moe_status moe_trainer_step(moe_trainer *trainer, moe_step *step) {
  return call([&] {
    StructureResult into(step, "step");
    into.give(advance(*Exclusive<TrainerObject>(trainer)));
  });
}

moe_status moe_trainer_finish(moe_trainer *trainer, moe_evaluation *validation) {
  return call([&] {
    auto into = takeStructure(validation, "validation");
    finish(*Exclusive<TrainerObject>(trainer), into);
  });
}

moe_status moe_trainer_run(moe_trainer *trainer, moe_on_step on_step, void *user, moe_evaluation *validation) {
  return call([&] {
    auto into = takeStructure(validation, "validation");
    Exclusive<TrainerObject> object(trainer);
    for (moe_step step = advance(*object); step.step; step = advance(*object))
      if (on_step && on_step(user, &step))
        object->stop = true;
    finish(*object, into);
  });
}

moe_status moe_trainer_stop(moe_trainer *trainer) {
  return call([&] { get<TrainerObject>(trainer)->stop = true; });
}

moe_status moe_trainer_position(moe_trainer *trainer, int64_t *step, int64_t *steps) {
  return call([&] {
    clearResults(step, steps);
    int64_t &done = needResult(step, "step"), &all = needResult(steps, "steps");
    Exclusive<TrainerObject> object(trainer);
    done = object->trainer->getStep();
    all = object->trainer->getSettings().steps;
  });
}

moe_status moe_trainer_values(moe_trainer *trainer, moe_kind kind, const char *name, const double **values, size_t *count) {
  return call([&] {
    clearResults(values, count);
    const double *&result = needResult(values, "values");
    size_t &resultCount = needResult(count, "count");
    std::string wanted = needText(name, "name");
    Exclusive<TrainerObject> object(trainer);
    auto found = object->values.find({kind, wanted});
    if (found == object->values.end())
      throw Failure(MOE_USAGE, std::string("the last step reported no ") + toString(toKind(kind)) + " '" + wanted + "'");
    result = found->second.data();
    resultCount = found->second.size();
  });
}

//===-- Tensors and checkpoints ----------------------------------------------------===//

static Buffer &findTensor(TrainerObject &object, moe_kind kind, const char *name) {
  std::string wanted = needText(name, "name");
  Buffer *found = object.trainer->getParameters().find(toKind(kind), wanted);
  if (!found)
    throw Failure(MOE_USAGE, std::string("the trainer has no ") + toString(toKind(kind)) + " '" + wanted + "'");
  return *found;
}

moe_status moe_trainer_tensor(moe_trainer *trainer, moe_kind kind, const char *name, moe_tensor *tensor) {
  return call([&] {
    StructureResult into(tensor, "tensor");
    Exclusive<TrainerObject> object(trainer);
    into.give(describe(findTensor(*object, kind, name)));
  });
}

moe_status moe_trainer_dlpack(moe_trainer *trainer, moe_kind kind, const char *name, DLManagedTensor **tensor) {
  return call([&] {
    DLManagedTensor *&into = needResult(tensor, "tensor");
    Exclusive<TrainerObject> object(trainer);
    into = exportTensor(findTensor(*object, kind, name), object.share());
  });
}

moe_status moe_trainer_save(moe_trainer *trainer, const char *path) {
  return call([&] {
    std::string where = needText(path, "path");
    require(Exclusive<TrainerObject>(trainer)->trainer->saveCheckpoint(where), MOE_RUN);
  });
}

moe_status moe_trainer_restore(moe_trainer *trainer, const char *path) {
  return call([&] {
    std::string where = needText(path, "path");
    require(Exclusive<TrainerObject>(trainer)->trainer->restore(where), MOE_INPUT);
  });
}

//===-- What the model is worth ----------------------------------------------------===//

moe_status moe_trainer_evaluate(moe_trainer *trainer, moe_split split, int64_t max_blocks, moe_evaluation *evaluation) {
  return call([&] {
    StructureResult into(evaluation, "evaluation");
    Exclusive<TrainerObject> object(trainer);
    into.give(evaluateText(object->model->executable(), object->trainer->getParameters(), *object->pool, object->text->vocabulary,
                           (*object->text)[toSplit(split)], toSplit(split), max_blocks, &object->stop));
  });
}

moe_status moe_trainer_generate(moe_trainer *trainer, const moe_generate_options *options, char **text, int32_t **ids, size_t *count) {
  return call([&] {
    clearResults(text, ids, count);
    Exclusive<TrainerObject> object(trainer);
    generateText(object->model->executable(), object->trainer->getParameters(), *object->pool, object->text->vocabulary, options, &object->stop,
                 text, ids, count);
  });
}
