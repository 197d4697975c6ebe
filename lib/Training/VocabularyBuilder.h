//===- VocabularyBuilder.h - ids by first appearance -----------*- C++ -*-===//
#pragma once

#include "moe/Training.h"

namespace moe {

/// Numbers words while the text is read, each file once. What is known only at the end (how often a word occurs in train.txt) moves the
/// ids afterwards: `finish` gives the vocabulary and, for each provisional id, the final one.
class VocabularyBuilder {
public:
  explicit VocabularyBuilder(const DataFormat &format) : all(format) {}

  /// The provisional id; counted where `isTrain`.
  int32_t take(std::string_view word, bool isTrain) {
    int32_t id = all.find(word);
    if (id < 0) {
      id = static_cast<int32_t>(all.size());
      all.add(word, 0);
    }
    all.counts[id] += isTrain;
    return id;
  }

  Vocabulary finish(std::vector<int32_t> &finalIds);

private:
  Vocabulary all;
};

} // namespace moe
