//===- MetricsLog.h - metrics.jsonl -----------------------------*- C++ -*-===//
#pragma once

#include "moe/Training.h"

#include <cstdio>

namespace moe {

/// One JSON object a line, each written out at once. Without a path nothing is written.
class MetricsLog {
public:
  Status open(const std::string &path);
  Status write(const StepMetrics &metrics);
  Status write(int64_t step, const Evaluation &validation);

private:
  Status writeLine(const std::string &line);

  struct Close {
    void operator()(std::FILE *file) const { std::fclose(file); }
  };
  std::string path;
  std::unique_ptr<std::FILE, Close> file;
};

} // namespace moe
