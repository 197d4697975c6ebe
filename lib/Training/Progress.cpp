//===- Progress.cpp - what a progress bar shows -----------------*- C++ -*-===//
#include "lib/Training/Progress.h"

#include <algorithm>
#include <cmath>

using namespace moe;

static constexpr double decay = 0.95; // a memory of 20 steps

const Progress &ProgressMeter::add(const StepMetrics &metrics) {
  weight = decay * weight + 1;
  loss = decay * loss + metrics.loss;
  seconds = decay * seconds + metrics.seconds;
  tokens = decay * tokens + metrics.tokensPerSecond * metrics.seconds;
  progress.step = metrics.step;
  progress.loss = loss / weight;
  progress.perplexity = std::exp(progress.loss);
  progress.tokensPerSecond = seconds > 0 ? tokens / seconds : 0;
  progress.secondsLeft = seconds / weight * static_cast<double>(progress.steps - metrics.step);
  readLoad(metrics.probes);
  return progress;
}

/// `probe load` of a router is the share of tokens that each expert gets; with several experts a token the shares sum to more than 1.
void ProgressMeter::readLoad(const std::vector<NamedValues> &probes) {
  progress.hasLoad = false;
  for (const NamedValues &probe : probes) {
    std::string_view last = std::string_view(probe.name).substr(probe.name.rfind('.') + 1);
    double sum = 0;
    for (float value : probe.values)
      sum += value;
    if (last != "load" || !(sum > 0))
      continue;
    auto [least, greatest] = std::minmax_element(probe.values.begin(), probe.values.end());
    progress.minLoad = progress.hasLoad ? std::min(progress.minLoad, *least / sum) : *least / sum;
    progress.maxLoad = progress.hasLoad ? std::max(progress.maxLoad, *greatest / sum) : *greatest / sum;
    progress.hasLoad = true;
  }
}
