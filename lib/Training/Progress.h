//===- Progress.h - what a progress bar shows -------------------*- C++ -*-===//
#pragma once

#include "moe/Training.h"

namespace moe {

/// Follows the steps and smooths what they say.
class ProgressMeter {
public:
  explicit ProgressMeter(int64_t steps) { progress.steps = steps; }
  const Progress &add(const StepMetrics &metrics);

private:
  void readLoad(const std::vector<NamedValues> &probes);

  Progress progress;
  double weight = 0, loss = 0, seconds = 0, tokens = 0; ///< decaying sums
};

} // namespace moe
