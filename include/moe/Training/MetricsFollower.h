//===- MetricsFollower.h - how far another process has come -----*- C++ -*-===//
#pragma once

#include "moe/Training/Trainer.h"

#include <cstdint>
#include <memory>
#include <string>

namespace moe {

/// Reads what is added to the metrics.jsonl of a run that another process trains.
class MetricsFollower {
public:
  /// `steps`: of the whole run, for the progress. The file need not be there yet.
  MetricsFollower(const std::string &runFolder, int64_t steps);
  ~MetricsFollower();
  /// Whether there was a step since the last call; then `progress` is as that process would show it.
  bool read(Progress &progress);

private:
  struct Impl;
  std::unique_ptr<Impl> impl;
};

} // namespace moe
