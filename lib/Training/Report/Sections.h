//===- Sections.h - what a report says --------------------------*- C++ -*-===//
#pragma once

#include "moe/Training/RunLog.h"

#include <string>
#include <vector>

namespace moe::report {

/// The runs of a report, the first in the first colour.
struct Runs {
  const std::vector<RunLog> &logs;
  const std::vector<std::string> &names;
  size_t size() const { return logs.size(); }
};

/// How many of the last recorded values `the end` of a curve is the mean of.
inline constexpr size_t endValues = 20;
/// Curves of each layer are drawn for so many runs, the first ones; a page says so when there are more.
inline constexpr size_t runsInDetail = 8;

// Each gives a section, or nothing when there is nothing to show.
std::string summarySection(const Runs &runs);
std::string curvesSection(const Runs &runs);
std::string loadSection(const Runs &runs);
std::string probesSection(const Runs &runs);
std::string sourceSection(const Runs &runs);

} // namespace moe::report
