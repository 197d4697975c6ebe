//===- MetricsLog.h - metrics.jsonl -----------------------------*- C++ -*-===//
#pragma once

#include "lib/Support/AtomicFile.h"
#include "lib/Training/Report/EventFile.h"
#include "moe/Training.h"

#include <functional>

namespace moe {

/// One JSON object a line, each written out at once, and TensorBoard's events where they are wanted. Without a path nothing is written.
class MetricsLog {
public:
  /// What a line is about.
  struct Line {
    int64_t step = 0;
    bool isValidation = false;
    bool isFinal = false; ///< of the whole validation text, at the end of a run
  };

  Status open(const std::string &path);
  /// Goes on with a file of which only the whole lines that `stays` wants are kept.
  Status reopen(const std::string &path, const std::function<bool(const Line &)> &stays);
  /// From here on what is written goes to an event file in the folder as well.
  Status openEvents(const std::string &folder, int64_t firstStep) { return events.open(folder, firstStep); }
  Status write(const StepMetrics &metrics);
  Status write(int64_t step, const Evaluation &validation, bool isFinal);
  /// Makes what was written durable.
  Status sync();

private:
  RecordFile file;
  EventFile events;
};

} // namespace moe
