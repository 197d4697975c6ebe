//===- Score.h - how likely continuations are -------------------*- C++ -*-===//
//
// Log-likelihoods of given continuations, the form in which language-model benchmarks are scored.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "moe/Training/Text.h"

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace moe {

/// A context and what may follow it: one continuation, or several to choose from.
struct ScoreItem {
  std::string context;
  std::vector<std::string> continuations;
  bool isQuestion = false;  ///< was given as `choices`
  int64_t answer = -1;      ///< the right choice; -1: not said
  std::string id;           ///< JSON, as the file has it; empty: none
  std::string place;        ///< of messages, `items.jsonl:3`
  int64_t line = 0;
};
/// Reads a file with an object a line: `context` and either `continuation` or `choices`, with it perhaps `answer` (the index of the right one);
/// perhaps `id`. Other members are left alone. Messages begin with the file and the line.
Status readScoreItems(const std::string &path, std::vector<ScoreItem> &items);

struct ContinuationScore {
  double logLikelihood = 0; ///< nats: sum over the tokens
  int64_t tokens = 0, bytes = 0;
  int64_t unknown = 0;      ///< of the tokens
  bool greedy = true;       ///< every token is the likeliest one
  double perByte() const { return logLikelihood / static_cast<double>(bytes); }
};
struct ItemScore {
  std::vector<ContinuationScore> continuations;
  int64_t contextTokens = 0; ///< before the first continuation
  size_t best = 0, bestPerByte = 0; ///< the first of the likeliest: as a whole, for each byte
};
struct ScoreSummary {
  int64_t items = 0, continuations = 0, tokens = 0, unknown = 0;
  int64_t answered = 0;  ///< questions whose answer was said; of them
  int64_t right = 0;     ///< chosen by the log-likelihood
  int64_t rightPerByte = 0; ///< by that for each byte
  int64_t greedy = 0;    ///< continuations
  double logLikelihood = 0;
  double seconds = 0;
};
std::string toJson(const ScoreItem &item, const ItemScore &score);
std::string toJson(const ScoreSummary &summary);

struct ScoreOptions {
  const std::atomic<bool> *stop = nullptr;
  std::function<void(const ScoreItem &item, const ItemScore &score)> onItem; ///< in the order of the file
};

/// Every continuation from reset streams. Context and continuation are encoded as one text; tokens that reach into the continuation belong to it.
/// A sequence longer than a block is fed block by block where the model carries something from block to block; where it does not, the last block of
/// it that fits is used, and a continuation longer than a block is scored in windows that overlap by half.
Status score(const Executable &executable, BufferStore &parameters, ThreadPool &pool, const Vocabulary &vocabulary,
             const std::vector<ScoreItem> &items, const ScoreOptions &options, ScoreSummary &summary);

} // namespace moe
