//===- Report.h - runs on one page ------------------------------*- C++ -*-===//
//
// What runs look like beside each other: an HTML page, and in which of their settings and results two of them differ.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "moe/Training/RunLog.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace moe {

/// One HTML page that needs nothing beside itself. `names` are what the runs are called in it, one a run.
std::string renderReport(const std::vector<RunLog> &runs, const std::vector<std::string> &names);

/// The last components of folders, as many as tell them apart.
std::vector<std::string> shortNames(const std::vector<std::string> &folders);

/// Something that is said of runs in other words; nothing stands for a run of which it is not said.
struct Difference {
  enum class Kind {
    choice,  ///< what somebody chose: overrides, presets, seed, steps, source file, data
    setting, ///< of the compiled program, a consequence of source and choices
    build,   ///< versions, threads
  } kind;
  std::string name;
  std::vector<std::string> values; ///< one a run
};
std::vector<Difference> findDifferences(const std::vector<const RunLog *> &runs);

/// Two runs.
struct RunComparison {
  std::vector<Difference> differences;
  std::string sourceDiff; ///< a unified diff; empty when the sources are the same
  bool isSameData = true; ///< the same words, each as often in train.txt
  /// Steps of which both have a loss.
  int64_t commonSteps = 0, lastCommonStep = 0;
  /// The first of these at which the losses are not the same number; nothing when they all are.
  std::optional<int64_t> firstDifferentStep;
  struct Point {
    int64_t step = 0;
    double first = 0, second = 0;
  };
  std::vector<Point> losses; ///< at up to ten common steps, from the first to the last
};
/// Fails when a vocabulary cannot be read.
Status compareRuns(const RunLog &first, const RunLog &second, RunComparison &comparison);

} // namespace moe
