//===- Attack.h - texts whose words were swapped ----------------*- C++ -*-===//
//
// The word-swap attack: some words of a text become one that says nothing. A model that leans on every single word loses more by it.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "moe/Training/Text.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace moe {

struct WordSwap {
  double rate = 0.025;                       ///< share of a line's words; a line with a word to swap loses at least one
  std::string token{Vocabulary::attack};     ///< what they become; in the vocabulary
  uint64_t seed = 0;
  std::optional<std::vector<std::string>> kept; ///< words that are never swapped, case counts; nothing: the stop words of English
};

/// A text after the attack.
struct AttackedText {
  TokenStream stream;     ///< token by token beside the text that it was made from
  int64_t words = 0;      ///< of the text: tokens with a letter or a digit, but not <eos>, <unk> and their like
  int64_t candidates = 0; ///< words that may be swapped: neither kept nor the attack's token already
  int64_t swapped = 0;

  double getRate() const { return words ? static_cast<double>(swapped) / static_cast<double>(words) : 0; }
};

/// Swaps max(1, floor(rate * words)) words of each line, chosen at random among its candidates, all of them where there are fewer. Which ones
/// depends on the seed, the number of the line and the line alone. `text` was read from files of words with `vocabulary`. With a path
/// `writeTo`, the attacked text is written there: the files as they are but for the words that were swapped, one after the other.
Status swapWords(const TokenStream &text, const Vocabulary &vocabulary, const WordSwap &attack, const std::string &writeTo,
                 AttackedText &attacked);

} // namespace moe
