//===- Score.cpp - how likely continuations are -----------------*- C++ -*-===//
#include "moe/Training/Score.h"
#include "lib/Training/Guard.h"
#include "lib/Training/Programs.h"
#include "lib/Training/Prompt.h"
#include "lib/Training/WindowDecoder.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <deque>
#include <nlohmann/json.hpp>

using namespace moe;
using json = nlohmann::ordered_json;

namespace {
/// The tokens of a context and a continuation; the continuation's are those from `first` on, and there is at least one before it.
struct Sequence {
  std::vector<int32_t> tokens;
  size_t first = 0;
};

/// Items that are scored together: as many windows beside each other as @decode has rows.
class Batch {
public:
  Batch(WindowDecoder &decoder, const Vocabulary &vocabulary) : decoder(decoder), vocabulary(vocabulary) {}

  /// With one row every item is a batch, whose score is told at once. With more, windows of like length are found among some more of them.
  bool isFull() const {
    constexpr int64_t ahead = 16;
    return static_cast<int64_t>(windows.size()) >= (decoder.getRows() > 1 ? ahead * decoder.getRows() : 1);
  }
  Status add(const ScoreItem &item) {
    Entry &entry = entries.emplace_back(Entry{&item});
    entry.score.continuations.resize(item.continuations.size());
    entry.sequences.resize(item.continuations.size());
    for (size_t i = 0; i < item.continuations.size(); ++i)
      if (Status status = encode(item.context, item.continuations[i], entry.sequences[i]); !status) {
        entries.pop_back();
        return Status::failure(item.place + ": " + status.error);
      }
    entry.score.contextTokens = static_cast<int64_t>(entry.sequences.front().first);
    for (size_t i = 0; i < item.continuations.size(); ++i) {
      entry.score.continuations[i].bytes = static_cast<int64_t>(item.continuations[i].size());
      cut(entry, entry.sequences[i], entry.score.continuations[i]);
    }
    return Status::success();
  }
  /// Scores what was added and hands it over in its order.
  Status run(const std::function<void(const ScoreItem &, const ItemScore &)> &take) {
    std::stable_sort(windows.begin(), windows.end(), [&](const DecodeWindow &a, const DecodeWindow &b) {
      return a.countBlocks(decoder.getContext()) < b.countBlocks(decoder.getContext());
    });
    auto rows = static_cast<size_t>(decoder.getRows());
    for (size_t begin = 0; begin < windows.size(); begin += rows)
      if (Status status = decoder.run(std::span(windows).subspan(begin, std::min(rows, windows.size() - begin))); !status)
        return status;
    for (Entry &entry : entries) {
      if (!entry.isFinite)
        return Status::failure(entry.item->place + ": the logits of the continuation are not finite");
      choose(entry.score);
      take(*entry.item, entry.score);
    }
    return Status::success();
  }

private:
  struct Entry {
    const ScoreItem *item;
    ItemScore score = {};
    std::vector<Sequence> sequences = {}; ///< of the continuations
    bool isFinite = true;
  };

  Status encode(const std::string &context, const std::string &continuation, Sequence &sequence) const {
    std::vector<int32_t> before;
    if (Status status = checkPrompt(vocabulary, context, "the context"); !status)
      return status;
    if (Status status = checkPrompt(vocabulary, continuation, "the continuation"); !status)
      return status;
    if (Status status = vocabulary.encode(context, before); !status)
      return status;
    std::vector<int32_t> &all = sequence.tokens;
    if (Status status = vocabulary.encode(context + continuation, all); !status)
      return status;
    auto parting = std::mismatch(before.begin(), before.end(), all.begin(), all.end());
    sequence.first = static_cast<size_t>(parting.second - all.begin());
    if (sequence.first == all.size())
      return Status::failure("the continuation has no tokens");
    if (sequence.first > 0)
      return Status::success();
    std::vector<int32_t> begin;
    if (Status status = encodeBegin(vocabulary, begin); !status)
      return status;
    all.insert(all.begin(), begin.begin(), begin.end());
    sequence.first = begin.size();
    return Status::success();
  }

  /// Into windows. The token at i + 1 is predicted at the position i, so the last token is never read.
  void cut(Entry &entry, const Sequence &sequence, ContinuationScore &score) {
    size_t inputs = sequence.tokens.size() - 1, next = sequence.first - 1;
    auto block = static_cast<size_t>(decoder.getContext());
    if (decoder.hasStreams() || inputs <= block)
      return addWindow(entry, sequence, 0, inputs, next, score);
    if (inputs - next <= block)
      return addWindow(entry, sequence, inputs - block, inputs, next, score);
    size_t stride = std::max<size_t>(1, block / 2), begin = next > stride ? next - stride : 0;
    for (; next < inputs; begin += stride) {
      size_t end = std::min(inputs, begin + block);
      addWindow(entry, sequence, begin, end, next, score);
      next = end;
    }
  }

  /// Reads the positions [begin, end) and scores the predictions from `next` on.
  void addWindow(Entry &entry, const Sequence &sequence, size_t begin, size_t end, size_t next, ContinuationScore &score) {
    auto take = [this, &entry, &sequence, &score, begin](size_t at, const float *logits) {
      entry.isFinite = add(sequence.tokens[begin + at + 1], logits, score) && entry.isFinite;
    };
    windows.push_back({std::span(sequence.tokens).subspan(begin, end - begin), next - begin, take});
  }

  bool add(int32_t token, const float *logits, ContinuationScore &score) const {
    const float *end = logits + decoder.getWidth(), *likeliest = std::max_element(logits, end);
    double sum = 0;
    for (const float *each = logits; each != end; ++each)
      sum += std::exp(static_cast<double>(*each) - *likeliest);
    double logLikelihood = static_cast<double>(logits[token]) - *likeliest - std::log(sum);
    score.logLikelihood += logLikelihood;
    score.greedy = score.greedy && likeliest - logits == token;
    score.unknown += token == vocabulary.getUnknown();
    ++score.tokens;
    return std::isfinite(logLikelihood);
  }

  static void choose(ItemScore &score) {
    auto chooseBy = [&](auto &&value) {
      size_t best = 0;
      for (size_t i = 1; i < score.continuations.size(); ++i)
        if (value(score.continuations[i]) > value(score.continuations[best]))
          best = i;
      return best;
    };
    score.best = chooseBy([](const ContinuationScore &each) { return each.logLikelihood; });
    score.bestPerByte = chooseBy([](const ContinuationScore &each) { return each.perByte(); });
  }

  WindowDecoder &decoder;
  const Vocabulary &vocabulary;
  std::deque<Entry> entries; ///< a deque: windows point into them
  std::vector<DecodeWindow> windows;
};
} // namespace

static void add(const ScoreItem &item, const ItemScore &score, ScoreSummary &summary) {
  ++summary.items;
  for (const ContinuationScore &each : score.continuations) {
    ++summary.continuations;
    summary.tokens += each.tokens;
    summary.unknown += each.unknown;
    summary.greedy += each.greedy;
    summary.logLikelihood += each.logLikelihood;
  }
  if (item.answer < 0)
    return;
  ++summary.answered;
  summary.right += score.best == static_cast<size_t>(item.answer);
  summary.rightPerByte += score.bestPerByte == static_cast<size_t>(item.answer);
}

Status moe::score(const Executable &executable, BufferStore &parameters, ThreadPool &pool, const Vocabulary &vocabulary,
                  const std::vector<ScoreItem> &items, const ScoreOptions &options, ScoreSummary &summary) {
  return guarded("scoring", [&] {
    auto begin = std::chrono::steady_clock::now();
    WindowDecoder decoder;
    if (Status status = checkVocabulary(executable, vocabulary); !status)
      return status;
    if (Status status = decoder.prepare(executable, parameters, pool); !status)
      return status;
    summary = {};
    auto take = [&](const ScoreItem &item, const ItemScore &score) {
      add(item, score, summary);
      if (options.onItem)
        options.onItem(item, score);
    };
    Status unfit; // an item that cannot be scored: the ones before it are told first
    for (size_t next = 0; next < items.size() && unfit;) {
      if (options.stop && *options.stop)
        return Status::failure("stopped after " + std::to_string(summary.items) + " of " + std::to_string(items.size()) + " items");
      Batch batch(decoder, vocabulary);
      while (next < items.size() && unfit && !batch.isFull())
        unfit = batch.add(items[next++]);
      if (Status status = batch.run(take); !status)
        return status;
    }
    if (!unfit)
      return unfit;
    summary.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    return Status::success();
  });
}

//===-- JSON -------------------------------------------------------------------------------===//

static json describe(const ContinuationScore &score) {
  json object = {{"log_likelihood", score.logLikelihood}, {"per_byte", score.perByte()}, {"tokens", score.tokens}, {"bytes", score.bytes},
                 {"greedy", score.greedy}};
  if (score.unknown)
    object["unknown"] = score.unknown;
  return object;
}

std::string moe::toJson(const ScoreItem &item, const ItemScore &score) {
  json object = {{"line", item.line}};
  if (!item.id.empty())
    object["id"] = json::parse(item.id, nullptr, false);
  object["context_tokens"] = score.contextTokens;
  if (!item.isQuestion) {
    object.update(describe(score.continuations.front()));
    return object.dump();
  }
  object["choices"] = json::array();
  for (const ContinuationScore &each : score.continuations)
    object["choices"].push_back(describe(each));
  object["best"] = score.best;
  object["best_per_byte"] = score.bestPerByte;
  if (item.answer >= 0)
    object["answer"] = item.answer;
  return object.dump();
}

std::string moe::toJson(const ScoreSummary &summary) {
  json object = {{"items", summary.items},
                 {"continuations", summary.continuations},
                 {"tokens", summary.tokens},
                 {"unknown", summary.unknown},
                 {"log_likelihood", summary.logLikelihood},
                 {"greedy", summary.greedy}};
  if (auto answered = static_cast<double>(summary.answered); summary.answered) {
    object["answered"] = summary.answered;
    object["acc"] = static_cast<double>(summary.right) / answered;
    object["acc_norm"] = static_cast<double>(summary.rightPerByte) / answered;
  }
  object["seconds"] = summary.seconds;
  return object.dump();
}
