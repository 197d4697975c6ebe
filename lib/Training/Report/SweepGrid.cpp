//===- SweepGrid.cpp - the points of a grid ---------------------*- C++ -*-===//
#include "moe/Training/Sweep.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <set>

using namespace moe;

//===-- Axes -----------------------------------------------------------------------===//

static std::string_view trim(std::string_view text) {
  auto isBlank = [](char c) { return std::isspace(static_cast<unsigned char>(c)); };
  while (!text.empty() && isBlank(text.front()))
    text.remove_prefix(1);
  while (!text.empty() && isBlank(text.back()))
    text.remove_suffix(1);
  return text;
}

Status moe::parseSweepAxis(const std::string &text, SweepAxis &axis) {
  size_t equals = text.find('=');
  axis = {std::string(trim(text.substr(0, equals))), {}};
  if (equals == std::string::npos || axis.path.empty())
    return Status::failure("'" + text + "' is not of the form PATH=VALUE,VALUE");
  std::string value, open; // `open`: the brackets that must still be closed
  bool isQuoted = false;
  auto finish = [&] {
    axis.values.emplace_back(trim(value));
    value.clear();
  };
  for (size_t i = equals + 1; i < text.size(); ++i) {
    char c = text[i];
    if (c == '\\' && i + 1 < text.size() && (isQuoted || text[i + 1] == ',')) {
      value += isQuoted ? std::string{c, text[i + 1]} : std::string{text[i + 1]};
      ++i;
      continue;
    }
    if (c == '"')
      isQuoted = !isQuoted;
    if (!isQuoted && (c == '(' || c == '[' || c == '{'))
      open += c == '(' ? ')' : c == '[' ? ']' : '}';
    if (!isQuoted && !open.empty() && c == open.back())
      open.pop_back();
    if (c == ',' && !isQuoted && open.empty())
      finish();
    else
      value += c;
  }
  finish();
  if (isQuoted || !open.empty())
    return Status::failure("'" + text + "': " + (isQuoted ? "a quote" : "a bracket") + " is not closed");
  if (std::find(axis.values.begin(), axis.values.end(), "") != axis.values.end())
    return Status::failure("'" + text + "': a value is empty");
  std::set<std::string> distinct(axis.values.begin(), axis.values.end());
  if (distinct.size() != axis.values.size())
    return Status::failure("'" + text + "': a value is there twice");
  return Status::success();
}

//===-- Names ----------------------------------------------------------------------===//

/// What no shell or file system takes amiss.
static std::string fileName(const std::string &text) {
  constexpr size_t longest = 40;
  std::string name;
  for (char c : text)
    name += std::isalnum(static_cast<unsigned char>(c)) || std::string_view("._-+").find(c) != std::string_view::npos ? c : '_';
  return name.substr(0, longest);
}

/// The last component of a path, or all of it where another axis ends alike.
static std::string shortPath(const std::string &path, const std::vector<SweepAxis> &axes) {
  auto last = [](const std::string &text) { return text.substr(text.rfind('.') + 1); };
  bool isAmbiguous = std::count_if(axes.begin(), axes.end(), [&](const SweepAxis &axis) { return last(axis.path) == last(path); }) > 1;
  return isAmbiguous ? path : last(path);
}

static std::string configurationName(const std::vector<SweepAxis> &axes, const std::vector<std::string> &values) {
  std::string name;
  for (size_t i = 0; i < axes.size(); ++i)
    if (axes[i].values.size() > 1)
      name += (name.empty() ? "" : ",") + fileName(shortPath(axes[i].path, axes)) + "=" + fileName(values[i]);
  return name;
}

//===-- Points ---------------------------------------------------------------------===//

/// The values of the n-th configuration; the last axis moves fastest.
static std::vector<std::string> valuesAt(const std::vector<SweepAxis> &axes, size_t n) {
  std::vector<std::string> values(axes.size());
  for (size_t i = axes.size(); i-- > 0; n /= axes[i].values.size())
    values[i] = axes[i].values[n % axes[i].values.size()];
  return values;
}

Status Sweep::enumerate(const SweepDescription &description, std::vector<SweepPoint> &points) {
  constexpr size_t most = 10'000; // more is a slip of the finger
  points.clear();
  std::set<std::string> paths;
  size_t configurations = 1;
  for (const SweepAxis &axis : description.axes) {
    if (!paths.insert(axis.path).second)
      return Status::failure(axis.path + " is set twice; give all of its values at once, as " + axis.path + "=A,B");
    configurations *= axis.values.size();
    if (configurations * description.seeds.size() > most)
      return Status::failure("the grid has more than " + std::to_string(most) + " points");
  }
  std::map<std::string, int> used; // names that became the same
  for (size_t n = 0; n < configurations; ++n) {
    SweepPoint point;
    point.values = valuesAt(description.axes, n);
    for (size_t i = 0; i < description.axes.size(); ++i)
      point.overrides.push_back(description.axes[i].path + "=" + point.values[i]);
    point.configuration = configurationName(description.axes, point.values);
    if (int again = used[point.configuration]++)
      point.configuration += "-" + std::to_string(again + 1);
    for (uint64_t seed : description.seeds) {
      point.seed = seed;
      point.name = point.configuration + (point.configuration.empty() ? "" : ",") + "seed=" + std::to_string(seed);
      points.push_back(point);
    }
  }
  return Status::success();
}
