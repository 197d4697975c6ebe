//===- Evaluate.cpp - perplexity of a text ----------------------*- C++ -*-===//
#include "lib/Training/Evaluator.h"
#include "lib/Training/FiniteCheck.h"
#include "lib/Training/Guard.h"

#include <chrono>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numbers>

using namespace moe;

//===-- Blocks -------------------------------------------------------------------------===//

namespace {
/// The model that knows only how often each word occurs in train.txt: p(w) = (count(w) + 1) / (sum of counts + vocabulary).
class Unigram {
public:
  explicit Unigram(const Vocabulary &vocabulary) : loss(static_cast<size_t>(vocabulary.size())) {
    double total = static_cast<double>(vocabulary.size());
    for (int32_t id = 0; id < vocabulary.size(); ++id)
      total += static_cast<double>(vocabulary.getCount(id));
    for (int32_t id = 0; id < vocabulary.size(); ++id)
      loss[id] = std::log(total / (static_cast<double>(vocabulary.getCount(id)) + 1));
  }
  double getLoss(int32_t id) const { return loss[id]; }

private:
  std::vector<double> loss;
};
} // namespace

Status Evaluator::prepare(const Executable &executable, BufferStore &parameters, ThreadPool &pool, const Vocabulary &vocabulary) {
  this->executable = &executable;
  this->parameters = &parameters;
  this->pool = &pool;
  this->vocabulary = &vocabulary;
  if (Status status = checkVocabulary(executable, vocabulary); !status)
    return status;
  if (Status status = program.prepare(executable, "eval"); !status)
    return status;
  Buffer *result = getStore().find(BindingKind::loss, "loss");
  if (!result)
    return Status::failure("@eval gives no loss");
  loss = result->as<float>();
  tokens = program.getInput("tokens");
  targets = program.getInput("targets");
  unread.resize(static_cast<size_t>(getRows() * getContext()));
  return Status::success();
}

bool Evaluator::readBlock(BlockStream &text, BlockStream *inputs, Profile *profile) {
  Profile::Phase phase(profile, "data");
  bool isLast = text.next(tokens, targets);
  if (inputs)
    inputs->next(tokens, unread.data());
  return isLast;
}

Status Evaluator::runBlock(BlockStream &text, BlockStream *inputs, Runner &runner, Profile *profile) {
  if (profile)
    if (Status status = runner.observe(profile->getObserver()); !status)
      return status;
  bool isLast = readBlock(text, inputs, profile);
  if (Status status = runner.run(); !status)
    return status;
  if (isLast)
    getStore().resetStreams();
  return Status::success();
}

Status Evaluator::run(BlockStream &text, BlockStream *inputs, const std::string &path, int64_t blocks, const EvaluateOptions &options,
                      Evaluation &evaluation) {
  auto begin = std::chrono::steady_clock::now();
  Runner runner(*executable, program.get(), *pool);
  if (Status status = runner.bind({&getStore(), parameters}); !status)
    return status;
  if (Status status = runner.observe(options.observer); !status)
    return status;
  Unigram unigram(*vocabulary);
  int64_t perBlock = getRows() * getContext(), unknown = 0;
  double sum = 0, unigramSum = 0;
  for (int64_t block = 0; block < blocks; ++block) {
    if (options.stop && *options.stop)
      return Status::failure("stopped after " + std::to_string(block) + " of " + std::to_string(blocks) + " blocks");
    Profile::Step recorded(options.profile, block + 1);
    if (Status status = runBlock(text, inputs, runner, options.profile); !status)
      return status;
    if (!std::isfinite(*loss))
      return Status::failure("the loss of block " + std::to_string(block + 1) + " of " + path + " is " + nameNonFinite(*loss));
    sum += *loss;
    for (int64_t i = 0; i < perBlock; ++i) {
      unigramSum += unigram.getLoss(targets[i]);
      unknown += targets[i] == vocabulary->getUnknown();
    }
    if (options.onBlock)
      options.onBlock(block + 1, blocks, sum / static_cast<double>(block + 1));
  }
  evaluation = {};
  evaluation.blocks = blocks;
  evaluation.rows = getRows();
  evaluation.context = getContext();
  evaluation.tokens = blocks * perBlock;
  evaluation.loss = sum / static_cast<double>(blocks);
  evaluation.perplexity = std::exp(evaluation.loss);
  evaluation.unigramPerplexity = std::exp(unigramSum / static_cast<double>(evaluation.tokens));
  evaluation.unknownShare = static_cast<double>(unknown) / static_cast<double>(evaluation.tokens);
  evaluation.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return Status::success();
}

//===-- A whole text -------------------------------------------------------------------===//

static std::optional<double> computeBitsPerByte(double loss, const Vocabulary &vocabulary, const TokenStream &text) {
  if (vocabulary.getFormat().tokens == DataFormat::Tokens::ids || text.bytes == 0)
    return std::nullopt;
  return loss * std::numbers::log2e * static_cast<double>(text.ids.size()) / static_cast<double>(text.bytes);
}

Status moe::evaluate(const Executable &executable, BufferStore &parameters, ThreadPool &pool, const Vocabulary &vocabulary,
                     const TokenStream &text, Split split, const EvaluateOptions &options, Evaluation &evaluation) {
  return guarded("evaluation", [&] {
    Evaluator evaluator;
    BlockStream targets, inputs;
    if (Status status = evaluator.prepare(executable, parameters, pool, vocabulary); !status)
      return status;
    int64_t rows = evaluator.getRows(), context = evaluator.getContext();
    if (Status status = BlockStream::create(text, rows, context, 0, targets); !status)
      return status;
    if (options.inputs) {
      if (options.inputs->ids.size() != text.ids.size())
        return Status::failure("the inputs are not as long as " + text.path);
      if (Status status = BlockStream::create(*options.inputs, rows, context, 0, inputs); !status)
        return status;
    }
    int64_t blocks = targets.getBlocks();
    if (options.maxBlocks)
      blocks = std::min(blocks, options.maxBlocks);
    if (Status status = evaluator.run(targets, options.inputs ? &inputs : nullptr, text.path, blocks, options, evaluation); !status)
      return status;
    evaluation.split = toString(split);
    evaluation.bitsPerByte = computeBitsPerByte(evaluation.loss, vocabulary, text);
    return Status::success();
  });
}

std::string moe::toJson(const Evaluation &evaluation) {
  nlohmann::ordered_json object = {{"split", evaluation.split},
                                   {"loss", evaluation.loss},
                                   {"perplexity", evaluation.perplexity},
                                   {"unigram_perplexity", evaluation.unigramPerplexity},
                                   {"unknown_share", evaluation.unknownShare},
                                   {"tokens", evaluation.tokens},
                                   {"blocks", evaluation.blocks},
                                   {"rows", evaluation.rows},
                                   {"context", evaluation.context},
                                   {"seconds", evaluation.seconds}};
  if (evaluation.bitsPerByte)
    object["bits_per_byte"] = *evaluation.bitsPerByte;
  return object.dump();
}
