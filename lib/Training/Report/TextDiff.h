//===- TextDiff.h - what changed from one text to another -------*- C++ -*-===//
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace moe {

struct DiffLine {
  enum class Kind : char { same = ' ', removed = '-', added = '+', gap = '@' } kind; ///< gap: lines that are the same are left out
  std::string text;
};

/// The changed lines with `context` lines around them; nothing when the texts are the same. Texts so different that comparing every pair of
/// lines would take long are given as removed and added whole.
std::vector<DiffLine> diffLines(std::string_view before, std::string_view after, size_t context = 3);

} // namespace moe
