//===- Names.cpp - patterns of names, and the name that was meant ----------===//
#include "lib/Support/Names.h"

#include <algorithm>
#include <cctype>
#include <numeric>

using namespace moe;

/// A mismatch moves the latest star one character on; earlier ones need no second try.
static bool matchesOne(std::string_view name, std::string_view pattern) {
  size_t n = 0, p = 0, star = std::string_view::npos, resume = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = n;
    } else if (p < pattern.size() && pattern[p] == name[n]) {
      ++p;
      ++n;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      n = ++resume;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

bool moe::matchesPatterns(std::string_view name, std::string_view patterns) {
  while (true) {
    size_t bar = patterns.find('|');
    if (matchesOne(name, patterns.substr(0, bar)))
      return true;
    if (bar == std::string_view::npos)
      return false;
    patterns.remove_prefix(bar + 1);
  }
}

static bool equalsInAnyCase(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

/// Insertions, deletions and replacements from one to the other; more than `limit` is all the same.
static size_t editDistance(std::string_view a, std::string_view b, size_t limit) {
  if (std::max(a.size(), b.size()) - std::min(a.size(), b.size()) > limit)
    return limit + 1;
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      size_t replaced = diagonal + (a[i - 1] != b[j - 1]);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return std::min(row.back(), limit + 1);
}

std::string moe::nearestName(std::string_view name, const std::vector<std::string> &candidates) {
  size_t limit = name.size() <= 2 ? 1 : (name.size() + 2) / 3;
  std::string best;
  for (const std::string &candidate : candidates) {
    if (candidate == name || (candidate.size() == 1 && name.size() == 1))
      continue;
    size_t distance = equalsInAnyCase(name, candidate) ? 0 : editDistance(name, candidate, limit);
    if (distance < limit || (distance == limit && best.empty())) {
      best = candidate;
      limit = distance;
    }
  }
  return best;
}
