//===- Run.cpp - run folders, evaluation, generation ------------*- C++ -*-===//
#include "lib/CAPI/Objects.h"

#include <cmath>

using namespace moe;
using namespace moe::capi;

std::shared_ptr<ModelObject> capi::compileRun(const Run &run, const char *cacheDir) {
  CompileOptions options;
  options.overrides = run.description.overrides;
  options.presets = run.description.presets;
  options.target = run.description.target;
  options.vocabulary = run.vocabulary.size();
  options.cacheDir = cacheDir ? cacheDir : "";
  Diagnostics diagnostics;
  return compileModel(run.description.fileName, run.description.source, options, diagnostics);
}

moe_evaluation capi::describe(const Evaluation &evaluation) {
  moe_evaluation into = MOE_EVALUATION_INIT;
  into.loss = evaluation.loss;
  into.perplexity = evaluation.perplexity;
  into.unigram_perplexity = evaluation.unigramPerplexity;
  into.unknown_share = evaluation.unknownShare;
  into.tokens = evaluation.tokens;
  into.blocks = evaluation.blocks;
  into.seconds = evaluation.seconds;
  into.bits_per_byte = evaluation.bitsPerByte.value_or(0);
  return into;
}

moe_evaluation capi::evaluateText(const Executable &executable, BufferStore &parameters, ThreadPool &pool, const Vocabulary &vocabulary,
                                  const TokenStream &text, Split split, int64_t maxBlocks, const std::atomic<bool> *stop) {
  if (maxBlocks < 0)
    throw Failure(MOE_USAGE, "max_blocks is " + std::to_string(maxBlocks) + ", expected 0 or more");
  EvaluateOptions how;
  how.maxBlocks = maxBlocks;
  how.stop = stop;
  Evaluation result;
  require(evaluate(executable, parameters, pool, vocabulary, text, split, how, result), MOE_RUN);
  return describe(result);
}

void capi::generateText(const Executable &executable, BufferStore &parameters, ThreadPool &pool, const Vocabulary &vocabulary,
                        const moe_generate_options *given, const std::atomic<bool> *stop, char **text, int32_t **ids, size_t *count) {
  if (ids)
    need(count, "count");
  moe_generate_options options = readOptions<moe_generate_options>(given, MOE_GENERATE_OPTIONS_INIT, "options");
  if (options.tokens < 0 || !(options.temperature >= 0) || std::isinf(options.temperature))
    throw Failure(MOE_USAGE, "options: tokens and temperature must be 0 or more, and finite");
  GenerateOptions how;
  how.prompt = options.prompt ? options.prompt : "";
  how.tokens = options.tokens;
  how.temperature = options.temperature;
  how.seed = options.seed;
  how.stop = stop;
  Generated generated;
  require(generate(executable, parameters, pool, vocabulary, how, generated), MOE_RUN);
  char *copied = text ? copyForCaller(generated.text) : nullptr;
  if (ids) {
    try {
      *ids = copyForCaller(generated.ids);
    } catch (...) {
      moe_free(copied);
      throw;
    }
  }
  if (count)
    *count = generated.ids.size();
  if (text)
    *text = copied;
}

//===-- moe.h ----------------------------------------------------------------------===//

moe_status moe_run_open(const char *folder, const char *cache_dir, int32_t threads, moe_run **run) {
  return call([&] {
    moe_run *&result = needResult(run, "run");
    if (threads < 0 || threads > mostThreads)
      throw Failure(MOE_USAGE, "threads is " + std::to_string(threads) + ", expected 0 to " + std::to_string(mostThreads));
    auto object = std::make_shared<RunObject>();
    require(Run::open(needText(folder, "folder"), object->run), MOE_INPUT);
    object->model = compileRun(object->run, cache_dir);
    std::string checkpoint;
    std::vector<std::string> skipped;
    require(loadNewest(object->model->executable(), object->run, object->weights, checkpoint, skipped), MOE_INPUT);
    object->pool = std::make_unique<ThreadPool>(threads);
    result = makeHandle(object);
  });
}

moe_status moe_run_evaluate(moe_run *run, const char *data, moe_split split, int64_t max_blocks, moe_evaluation *evaluation) {
  return call([&] {
    StructureResult into(evaluation, "evaluation");
    auto object = get<RunObject>(run);
    TokenStream text;
    require(loadSplit(needText(data, "data"), toSplit(split), object->run.vocabulary, text), MOE_INPUT);
    into.give(evaluateText(object->model->executable(), object->weights.getStore(), *object->pool, object->run.vocabulary, text, toSplit(split),
                           max_blocks, nullptr));
  });
}

moe_status moe_run_generate(moe_run *run, const moe_generate_options *options, char **text, int32_t **ids, size_t *count) {
  return call([&] {
    clearResults(text, ids, count);
    auto object = get<RunObject>(run);
    generateText(object->model->executable(), object->weights.getStore(), *object->pool, object->run.vocabulary, options, nullptr, text, ids, count);
  });
}
