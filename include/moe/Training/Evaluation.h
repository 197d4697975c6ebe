//===- Evaluation.h - a model of a run, perplexity --------------*- C++ -*-===//
//
// The weights of a checkpoint, and what they are worth on a text.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "moe/Training/Profile.h"
#include "moe/Training/Text.h"

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace moe {

/// The parameters and the model state of a run, bound to no program.
class Model {
public:
  /// Buffers for every parameter and state of the executable, read from a checkpoint.
  static Status load(const Executable &executable, const std::string &checkpoint, Model &model);
  BufferStore &getStore() { return store; }

private:
  BufferStore store;
};

struct Evaluation {
  std::string split;
  double loss = 0;              ///< nats: mean over blocks of the block's mean loss
  double perplexity = 0;
  double unigramPerplexity = 0; ///< of the training counts plus one, on the same targets
  int64_t blocks = 0, rows = 0, context = 0, tokens = 0; ///< tokens: targets evaluated
  double unknownShare = 0;      ///< of the targets
  /// `loss` in bits for each byte of the files that the targets were read from: blanks and words that are <unk> to the model count with all their
  /// bytes. Nothing for data that is ids, which do not say what text they were made of.
  std::optional<double> bitsPerByte;
  double seconds = 0;
};
std::string toJson(const Evaluation &evaluation);

struct EvaluateOptions {
  int64_t maxBlocks = 0; ///< 0: all
  const TokenStream *inputs = nullptr; ///< what the model reads instead of the text, whose tokens stay the targets; as long as the text
  const std::atomic<bool> *stop = nullptr;
  std::function<void(int64_t done, int64_t blocks, double loss)> onBlock;
  RunObserver *observer = nullptr; ///< is told of every launch, if there is no profile
  Profile *profile = nullptr;      ///< its steps are the blocks
};

/// Runs `eval` from reset streams over the full blocks of a split, as many rows as the training batch.
Status evaluate(const Executable &executable, BufferStore &parameters, ThreadPool &pool, const Vocabulary &vocabulary,
                const TokenStream &text, Split split, const EvaluateOptions &options, Evaluation &evaluation);

} // namespace moe
