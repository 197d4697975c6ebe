//===- Curves.h - series made fit to be drawn -------------------*- C++ -*-===//
#pragma once

#include "moe/Training/RunLog.h"

namespace moe::report {

/// At most about twice as many points as there are buckets: of each stretch of steps the least and the greatest value, so that no spike is
/// lost, and the first and the last of all. Values that are not finite go.
Series thin(const Series &series, size_t buckets);

/// An exponential mean that reaches back over a fiftieth of the series; values that are not finite are passed over.
Series smooth(const Series &series);

/// `groups` is a pattern like `layers.*.moe.norm` of all names that differ in their numbers alone, with the numbers as label and the members
/// in their order.
struct Group {
  std::string pattern;
  struct Member {
    std::string label, name;
  };
  std::vector<Member> members;
};
std::vector<Group> groupByLayer(const std::vector<std::string> &names);

/// 2 comes before 10.
bool naturalLess(std::string_view a, std::string_view b);

} // namespace moe::report
