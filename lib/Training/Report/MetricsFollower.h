//===- MetricsFollower.h - how far another process has come -----*- C++ -*-===//
#pragma once

#include "lib/Training/Progress.h"

#include <string>

namespace moe {

/// Reads what is added to the metrics.jsonl of a run that another process trains.
class MetricsFollower {
public:
  MetricsFollower(const std::string &runFolder, int64_t steps);
  /// Whether there was a step since the last call; then `progress` is as that process would show it.
  bool read(Progress &progress);

private:
  void takeLine(const std::string &text);

  std::string path;
  int64_t offset = 0; ///< of the first byte not yet read
  std::string rest;   ///< of a line whose end is not there yet
  ProgressMeter meter;
  Progress last;
  bool hasNew = false;
};

} // namespace moe
