//===- TextDiff.cpp - what changed from one text to another -----*- C++ -*-===//
#include "lib/Training/Report/TextDiff.h"

#include <algorithm>
#include <cstdint>

using namespace moe;

using Lines = std::vector<std::string_view>;

static Lines splitLines(std::string_view text) {
  Lines lines;
  while (!text.empty()) {
    size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

/// All lines of both, from a longest common subsequence.
static void alignMiddle(const Lines &before, const Lines &after, std::vector<DiffLine> &out) {
  constexpr size_t mostPairs = 16'000'000;
  size_t rows = before.size(), columns = after.size(), i = 0, j = 0;
  auto remove = [&] { out.push_back({DiffLine::Kind::removed, std::string(before[i++])}); };
  auto add = [&] { out.push_back({DiffLine::Kind::added, std::string(after[j++])}); };
  if (rows * columns <= mostPairs) {
    std::vector<uint32_t> length((rows + 1) * (columns + 1)); // of the longest one of what follows
    auto at = [&](size_t r, size_t c) -> uint32_t & { return length[r * (columns + 1) + c]; };
    for (size_t r = rows; r-- > 0;)
      for (size_t c = columns; c-- > 0;)
        at(r, c) = before[r] == after[c] ? at(r + 1, c + 1) + 1 : std::max(at(r + 1, c), at(r, c + 1));
    while (i < rows && j < columns)
      if (before[i] == after[j]) {
        out.push_back({DiffLine::Kind::same, std::string(before[i++])});
        ++j;
      } else if (at(i + 1, j) >= at(i, j + 1))
        remove();
      else
        add();
  }
  while (i < rows)
    remove();
  while (j < columns)
    add();
}

/// Leaves out what is far from every change.
static std::vector<DiffLine> cutContext(const std::vector<DiffLine> &all, size_t context) {
  std::vector<bool> stays(all.size(), false);
  for (size_t i = 0; i < all.size(); ++i)
    if (all[i].kind != DiffLine::Kind::same)
      for (size_t near = i > context ? i - context : 0; near < std::min(all.size(), i + context + 1); ++near)
        stays[near] = true;
  std::vector<DiffLine> cut;
  size_t before = 0, after = 0; // lines of the texts passed
  bool isOpen = false;
  for (size_t i = 0; i < all.size(); ++i) {
    if (stays[i] && !isOpen)
      cut.push_back({DiffLine::Kind::gap, "line " + std::to_string(before + 1) + " / " + std::to_string(after + 1)});
    isOpen = stays[i];
    if (stays[i])
      cut.push_back(all[i]);
    before += all[i].kind != DiffLine::Kind::added;
    after += all[i].kind != DiffLine::Kind::removed;
  }
  return cut;
}

std::vector<DiffLine> moe::diffLines(std::string_view beforeText, std::string_view afterText, size_t context) {
  Lines before = splitLines(beforeText), after = splitLines(afterText);
  auto mismatch = std::mismatch(before.begin(), before.end(), after.begin(), after.end());
  auto prefix = static_cast<size_t>(mismatch.first - before.begin());
  size_t suffix = 0;
  while (suffix < std::min(before.size(), after.size()) - prefix && before[before.size() - 1 - suffix] == after[after.size() - 1 - suffix])
    ++suffix;
  if (prefix == before.size() && prefix == after.size())
    return {};
  auto middle = [&](const Lines &lines) {
    return Lines(lines.begin() + static_cast<std::ptrdiff_t>(prefix), lines.end() - static_cast<std::ptrdiff_t>(suffix));
  };
  std::vector<DiffLine> all;
  auto same = [&](size_t begin, size_t end) {
    for (size_t i = begin; i < end; ++i)
      all.push_back({DiffLine::Kind::same, std::string(before[i])});
  };
  same(0, prefix);
  alignMiddle(middle(before), middle(after), all);
  same(before.size() - suffix, before.size());
  return cutContext(all, context);
}
