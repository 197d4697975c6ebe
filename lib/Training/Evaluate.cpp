//===- Evaluate.cpp - perplexity of a text ----------------------*- C++ -*-===//
#include "lib/Training/FiniteCheck.h"
#include "lib/Training/Guard.h"
#include "lib/Training/Programs.h"

#include <chrono>
#include <cmath>
#include <nlohmann/json.hpp>

using namespace moe;

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

/// The `eval` program with streams of its own.
struct EvalProgram {
  const Program *program = nullptr;
  BufferStore local;
  std::unique_ptr<Runner> runner;
  int64_t rows = 0, context = 0;
  int32_t *tokens = nullptr, *targets = nullptr;
  std::vector<int32_t> scratch;
  const float *loss = nullptr;

  Status prepare(const Executable &executable, BufferStore &parameters, ThreadPool &pool) {
    if (Status status = requireProgram(executable, "eval", program); !status)
      return status;
    if (Status status = requireTokens(*program, rows, context); !status)
      return status;
    if (Status status = local.addLocal(*program); !status)
      return status;
    Buffer *result = local.find(BindingKind::loss, "loss");
    if (!result)
      return Status::failure("@eval gives no loss");
    local.initialize(0);
    loss = result->as<float>();
    tokens = inputOrScratch(local, "tokens", rows * context, scratch);
    targets = inputOrScratch(local, "targets", rows * context, scratch);
    runner = std::make_unique<Runner>(executable, *program, pool);
    return runner->bind({&local, &parameters});
  }
};
} // namespace

Status moe::evaluate(const Executable &executable, BufferStore &parameters, ThreadPool &pool, const Vocabulary &vocabulary,
                     const TokenStream &text, Split split, const EvaluateOptions &options, Evaluation &evaluation) {
  return guarded("evaluation", [&] {
    auto begin = std::chrono::steady_clock::now();
    EvalProgram eval;
    BlockStream stream;
    if (Status status = checkVocabulary(executable, vocabulary); !status)
      return status;
    if (Status status = eval.prepare(executable, parameters, pool); !status)
      return status;
    if (Status status = BlockStream::create(text, eval.rows, eval.context, 0, stream); !status)
      return status;
    Unigram unigram(vocabulary);
    int64_t blocks = stream.getBlocks(), perBlock = eval.rows * eval.context, unknown = 0;
    if (options.maxBlocks)
      blocks = std::min(blocks, options.maxBlocks);
    double loss = 0, unigramLoss = 0;
    for (int64_t block = 0; block < blocks; ++block) {
      if (options.stop && *options.stop)
        return Status::failure("stopped after " + std::to_string(block) + " of " + std::to_string(blocks) + " blocks");
      stream.next(eval.tokens, eval.targets);
      if (Status status = eval.runner->run(); !status)
        return status;
      if (!std::isfinite(*eval.loss))
        return Status::failure("the loss of block " + std::to_string(block + 1) + " of " + text.path + " is " + nameNonFinite(*eval.loss));
      loss += *eval.loss;
      for (int64_t i = 0; i < perBlock; ++i) {
        unigramLoss += unigram.getLoss(eval.targets[i]);
        unknown += eval.targets[i] == vocabulary.getUnknown();
      }
      if (options.onBlock)
        options.onBlock(block + 1, blocks, loss / static_cast<double>(block + 1));
    }
    evaluation = {};
    evaluation.split = toString(split);
    evaluation.blocks = blocks;
    evaluation.rows = eval.rows;
    evaluation.context = eval.context;
    evaluation.tokens = blocks * perBlock;
    evaluation.loss = loss / static_cast<double>(blocks);
    evaluation.perplexity = std::exp(evaluation.loss);
    evaluation.unigramPerplexity = std::exp(unigramLoss / static_cast<double>(evaluation.tokens));
    evaluation.unknownShare = static_cast<double>(unknown) / static_cast<double>(evaluation.tokens);
    evaluation.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
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
  return object.dump();
}
