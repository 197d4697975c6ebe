//===- PreTokenizer.h - text to the pieces that BPE works on ----*- C++ -*-===//
#pragma once

#include "lib/Training/Tokenizer/Pattern.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace moe::bpe {

/// What becomes of a match and of the text between matches.
enum class Behavior : uint8_t { removed, isolated, mergedWithPrevious, mergedWithNext, contiguous };

/// One cut of every piece.
struct SplitStep {
  Pattern pattern;
  Behavior behavior = Behavior::isolated;
  bool invert = false; ///< matches and what lies between them change places
};

/// The steps of the file in their order. The last one is ByteLevel: a blank before each piece where it wants one, then its own pattern.
struct PreTokenizer {
  std::vector<SplitStep> splits;
  size_t prefixBefore = 0;   ///< the step before which the blank is put; splits.size(): behind all of them
  bool addPrefixSpace = false;
};

/// The pattern of GPT-2, which ByteLevel applies unless it is told not to.
extern const std::string_view byteLevelPattern;

/// Takes text apart; belongs to one thread.
class PreTokenizerRun {
public:
  explicit PreTokenizerRun(const PreTokenizer &steps);

  /// Calls `take(std::string_view)` for each piece that is not empty.
  template <typename Take>
  Status run(std::string_view text, Take &&take) {
    apply(0, text, take);
    for (const Matcher &matcher : matchers)
      if (!matcher.getProblem())
        return matcher.getProblem();
    return Status::success();
  }

private:
  template <typename Take>
  void apply(size_t step, std::string_view text, Take &take) {
    if (step == steps.prefixBefore && steps.addPrefixSpace && !text.starts_with(' ')) {
      std::string prefixed = " " + std::string(text);
      return cut(step, prefixed, take);
    }
    cut(step, text, take);
  }

  template <typename Take>
  void cut(size_t step, std::string_view text, Take &take);

  const PreTokenizer &steps;
  std::vector<Matcher> matchers; ///< one a step: a step calls itself only through later ones
};

/// Puts matches and gaps together as a behaviour says, one after the other: `emit(begin, end)` gets the pieces, empty ones too.
template <typename Emit>
class Joiner {
public:
  Joiner(Behavior behavior, Emit &emit) : behavior(behavior), emit(emit) {}

  void add(Span span, bool isMatch) {
    switch (behavior) {
    case Behavior::removed:
      if (!isMatch)
        emit(span);
      return;
    case Behavior::isolated:
      return emit(span);
    case Behavior::contiguous: // a run of matches, or of gaps, is one piece
      return join(span, isMatch, isMatch == before);
    case Behavior::mergedWithPrevious:
      return join(span, isMatch, isMatch && !before);
    case Behavior::mergedWithNext: // from right to left: a match goes with what follows unless that is a match too
      return join(span, isMatch, before && !isMatch);
    }
  }
  void finish() {
    if (isOpen)
      emit(open);
  }

private:
  void join(Span span, bool isMatch, bool goesWithOpen) {
    before = isMatch;
    if (isOpen && goesWithOpen) {
      open.end = span.end;
      return;
    }
    finish();
    open = span;
    isOpen = true;
  }

  Behavior behavior;
  Emit &emit;
  Span open;
  bool isOpen = false, before = false;
};

template <typename Take>
void PreTokenizerRun::cut(size_t step, std::string_view text, Take &take) {
  if (text.empty())
    return;
  if (step == steps.splits.size())
    return take(text);
  const SplitStep &split = steps.splits[step];
  Matcher &matcher = matchers[step];
  auto emit = [&](Span span) {
    if (span.begin < span.end)
      apply(step + 1, text.substr(span.begin, span.end - span.begin), take);
  };
  Joiner joiner(split.behavior, emit);
  size_t done = 0;
  matcher.restart(text);
  for (Span match; matcher.next(match); done = match.end) {
    if (done < match.begin)
      joiner.add({done, match.begin}, split.invert);
    joiner.add(match, !split.invert);
  }
  if (done < text.size())
    joiner.add({done, text.size()}, split.invert);
  joiner.finish();
}

} // namespace moe::bpe
