//===- Curves.cpp - series made fit to be drawn -----------------*- C++ -*-===//
#include "lib/Training/Report/Curves.h"

#include <algorithm>
#include <cctype>
#include <cmath>

namespace moe::report {

//===-- Points ---------------------------------------------------------------------===//

static Series onlyFinite(const Series &series) {
  Series finite;
  for (size_t i = 0; i < series.size(); ++i)
    if (std::isfinite(series.values[i])) {
      finite.steps.push_back(series.steps[i]);
      finite.values.push_back(series.values[i]);
    }
  return finite;
}

Series thin(const Series &given, size_t buckets) {
  Series series = onlyFinite(given), thinned;
  size_t count = series.size();
  if (count <= 2 * buckets)
    return series;
  auto keep = [&](size_t i) {
    if (!thinned.empty() && thinned.steps.back() >= series.steps[i])
      return;
    thinned.steps.push_back(series.steps[i]);
    thinned.values.push_back(series.values[i]);
  };
  keep(0);
  for (size_t bucket = 0; bucket < buckets; ++bucket) {
    auto begin = series.values.begin() + static_cast<std::ptrdiff_t>(bucket * count / buckets);
    auto end = series.values.begin() + static_cast<std::ptrdiff_t>((bucket + 1) * count / buckets);
    auto [least, greatest] = std::minmax_element(begin, end);
    keep(static_cast<size_t>(std::min(least, greatest) - series.values.begin()));
    keep(static_cast<size_t>(std::max(least, greatest) - series.values.begin()));
  }
  keep(count - 1);
  return thinned;
}

Series smooth(const Series &given) {
  Series series = onlyFinite(given);
  double decay = 1 - 1 / std::max(1.0, static_cast<double>(series.size()) / 50), weight = 0, sum = 0;
  for (double &value : series.values) {
    weight = decay * weight + 1;
    sum = decay * sum + value;
    value = sum / weight; // else the first values would be drawn towards 0
  }
  return series;
}

//===-- Names ----------------------------------------------------------------------===//

static bool isDigit(char c) { return std::isdigit(static_cast<unsigned char>(c)); }

bool naturalLess(std::string_view a, std::string_view b) {
  size_t i = 0, j = 0;
  while (i < a.size() && j < b.size()) {
    if (!isDigit(a[i]) || !isDigit(b[j])) {
      if (a[i] != b[j])
        return a[i] < b[j];
      ++i, ++j;
      continue;
    }
    auto read = [](std::string_view text, size_t &at) {
      size_t begin = at;
      while (at < text.size() && isDigit(text[at]))
        ++at;
      while (begin + 1 < at && text[begin] == '0')
        ++begin;
      return text.substr(begin, at - begin);
    };
    std::string_view left = read(a, i), right = read(b, j);
    if (left != right)
      return left.size() != right.size() ? left.size() < right.size() : left < right;
  }
  return a.size() - i < b.size() - j;
}

/// The components that are numbers become stars in the pattern and together the label.
static std::pair<std::string, std::string> splitName(const std::string &name) {
  std::string pattern, label;
  for (size_t begin = 0; begin <= name.size();) {
    size_t end = std::min(name.find('.', begin), name.size());
    std::string part = name.substr(begin, end - begin);
    bool isNumber = !part.empty() && std::all_of(part.begin(), part.end(), isDigit);
    if (isNumber)
      label += (label.empty() ? "" : ".") + part;
    pattern += (begin ? "." : "") + (isNumber ? "*" : part);
    begin = end + 1;
  }
  return {pattern, label};
}

std::vector<Group> groupByLayer(const std::vector<std::string> &names) {
  std::vector<std::string> sorted = names;
  std::sort(sorted.begin(), sorted.end(), naturalLess);
  std::vector<Group> groups;
  for (const std::string &name : sorted) {
    auto [pattern, label] = splitName(name);
    auto group = std::find_if(groups.begin(), groups.end(), [&](const Group &g) { return g.pattern == pattern; });
    if (group == groups.end())
      group = groups.insert(groups.end(), Group{pattern, {}});
    group->members.push_back({label, name});
  }
  return groups;
}

} // namespace moe::report
