//===- RunLog.h - what a run has said so far --------------------*- C++ -*-===//
//
// run.json and metrics.jsonl as series of numbers, for reports and comparisons.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "moe/Training/Run.h"

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace moe {

/// A number over the steps; steps increase. A value that was not finite is nan.
struct Series {
  std::vector<int64_t> steps;
  std::vector<double> values;

  bool empty() const { return steps.empty(); }
  size_t size() const { return steps.size(); }
  void add(int64_t step, double value);
};

/// `width` numbers a step.
struct ArraySeries {
  size_t width = 0;
  std::vector<int64_t> steps;
  std::vector<float> values; ///< [steps, width]

  std::span<const float> operator[](size_t i) const { return {values.data() + i * width, width}; }
  void add(int64_t step, std::span<const float> row);
};

struct ValidationPoint {
  int64_t step = 0;
  double loss = 0, perplexity = 0, unigramPerplexity = 0;
};

struct RunLog {
  enum class State {
    finished, ///< the whole validation text was evaluated at the end
    running,  ///< a process holds its lock
    stopped,
  };

  std::string folder;
  RunDescription description;
  State state = State::stopped;
  /// `loss`, `ppl`, `lr`, `tokens_per_s`, ...; `aux/NAME`; `probes/NAME` of one value; `probes/NAME/mean`, `/min` and `/max` of many.
  std::map<std::string, Series> scalars;
  std::map<std::string, ArraySeries> arrays; ///< `probes/NAME` of several values
  std::vector<ValidationPoint> validations;       ///< while training
  std::optional<ValidationPoint> final;           ///< of the whole validation text
  int64_t brokenLines = 0;                   ///< of metrics.jsonl: cut short, or no metrics

  /// Fails without a run.json. metrics.jsonl may be missing, be written at the moment, or end anywhere.
  static Status read(const std::string &folder, RunLog &log);

  /// Nothing when there is no such series.
  const Series *find(const std::string &name) const;
  int64_t getStep() const; ///< the last one recorded
};
const char *toString(RunLog::State state);

/// A run in a few numbers.
struct RunSummary {
  int64_t step = 0, steps = 0; ///< done, to do
  std::optional<ValidationPoint> best;
  double tokensPerSecond = 0;  ///< median over the steps
  double seconds = 0;          ///< in steps, from the recorded ones
};
RunSummary summarize(const RunLog &log);

/// What the last component of a probe's name says: `layers.0.moe.router.load` is of kind `load`.
std::string_view probeKind(std::string_view name);

} // namespace moe
