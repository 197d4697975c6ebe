//===- Score.cpp - how likely continuations are -----------------*- C++ -*-===//
#include "moe/Training/Score.h"
#include "lib/Training/Decoder.h"
#include "lib/Training/Guard.h"
#include "lib/Training/Programs.h"
#include "lib/Training/Prompt.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <nlohmann/json.hpp>

using namespace moe;
using json = nlohmann::ordered_json;

namespace {
/// The tokens of a context and a continuation; the continuation's are those from `first` on, and there is at least one before it.
struct Sequence {
  std::vector<int32_t> tokens;
  size_t first = 0;
};

class Scorer {
public:
  Scorer(Decoder &decoder, const Vocabulary &vocabulary) : decoder(decoder), vocabulary(vocabulary) {}

  Status run(const ScoreItem &item, ItemScore &score) {
    score = {};
    for (const std::string &continuation : item.continuations) {
      Sequence sequence;
      ContinuationScore &of = score.continuations.emplace_back();
      of.bytes = static_cast<int64_t>(continuation.size());
      if (Status status = encode(item.context, continuation, sequence); !status)
        return Status::failure(item.place + ": " + status.error);
      if (score.continuations.size() == 1)
        score.contextTokens = static_cast<int64_t>(sequence.first);
      if (Status status = run(sequence, of); !status)
        return Status::failure(item.place + ": " + status.error);
    }
    auto chooseBy = [&](auto &&value) {
      size_t best = 0;
      for (size_t i = 1; i < score.continuations.size(); ++i)
        if (value(score.continuations[i]) > value(score.continuations[best]))
          best = i;
      return best;
    };
    score.best = chooseBy([](const ContinuationScore &each) { return each.logLikelihood; });
    score.bestPerByte = chooseBy([](const ContinuationScore &each) { return each.perByte(); });
    return Status::success();
  }

private:
  Status encode(const std::string &context, const std::string &continuation, Sequence &sequence) {
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

  /// The token at i + 1 is predicted at the position i, so the last token is never read.
  Status run(const Sequence &sequence, ContinuationScore &score) {
    size_t inputs = sequence.tokens.size() - 1, next = sequence.first - 1;
    auto block = static_cast<size_t>(decoder.getContext());
    if (decoder.hasStreams() || inputs <= block)
      return runWindow(sequence, 0, inputs, next, score);
    if (inputs - next <= block)
      return runWindow(sequence, inputs - block, inputs, next, score);
    size_t stride = std::max<size_t>(1, block / 2), begin = next > stride ? next - stride : 0;
    for (; next < inputs; begin += stride) {
      size_t end = std::min(inputs, begin + block);
      if (Status status = runWindow(sequence, begin, end, next, score); !status)
        return status;
      next = end;
    }
    return Status::success();
  }

  /// Reads the positions [begin, end) from reset streams and scores the predictions from `next` on.
  Status runWindow(const Sequence &sequence, size_t begin, size_t end, size_t next, ContinuationScore &score) {
    decoder.reset();
    bool isFinite = true;
    Status status = decoder.append(std::span(sequence.tokens).subspan(begin, end - begin), next - begin, [&](size_t at, const float *logits) {
      isFinite = isFinite && add(sequence.tokens[begin + at + 1], logits, score);
    });
    if (status && !isFinite)
      return Status::failure("the logits of the continuation are not finite");
    return status;
  }

  bool add(int32_t token, const float *logits, ContinuationScore &score) {
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

  Decoder &decoder;
  const Vocabulary &vocabulary;
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
    Decoder decoder;
    if (Status status = checkVocabulary(executable, vocabulary); !status)
      return status;
    if (Status status = decoder.prepare(executable, parameters, pool); !status)
      return status;
    Scorer scorer(decoder, vocabulary);
    summary = {};
    for (const ScoreItem &item : items) {
      if (options.stop && *options.stop)
        return Status::failure("stopped after " + std::to_string(summary.items) + " of " + std::to_string(items.size()) + " items");
      ItemScore score;
      if (Status status = scorer.run(item, score); !status)
        return status;
      add(item, score, summary);
      if (options.onItem)
        options.onItem(item, score);
    }
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
