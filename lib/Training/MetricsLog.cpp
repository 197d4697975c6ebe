//===- MetricsLog.cpp - metrics.jsonl ---------------------------*- C++ -*-===//
#include "lib/Training/MetricsLog.h"
#include "lib/Training/AtomicFile.h"

#include <algorithm>
#include <nlohmann/json.hpp>

using namespace moe;
using json = nlohmann::ordered_json;

/// A probe of more values is written as its mean, least and greatest.
static constexpr size_t maxProbeValues = 64;

Status MetricsLog::open(const std::string &where) {
  path = where;
  file.reset(std::fopen(where.c_str(), "wbe"));
  return file ? Status::success() : systemFailure(path);
}

static json valueOf(const NamedValues &probe) {
  const std::vector<float> &values = probe.values;
  if (values.size() == 1)
    return values[0];
  if (values.size() <= maxProbeValues)
    return values;
  double sum = 0;
  for (float value : values)
    sum += value;
  auto [least, greatest] = std::minmax_element(values.begin(), values.end());
  return {{"mean", sum / static_cast<double>(values.size())}, {"min", *least}, {"max", *greatest}, {"values", values.size()}};
}

Status MetricsLog::write(const StepMetrics &metrics) {
  if (!file)
    return Status::success();
  json line = {{"step", metrics.step}, {"loss", metrics.loss}, {"ppl", metrics.perplexity}};
  for (const auto &[name, value] : metrics.metrics)
    line[name] = value;
  line["seconds"] = metrics.seconds;
  line["tokens_per_s"] = metrics.tokensPerSecond;
  for (const auto &[name, value] : metrics.aux)
    line["aux"][name] = value;
  for (const NamedValues &probe : metrics.probes)
    line["probes"][probe.name] = valueOf(probe);
  return writeLine(line.dump());
}

Status MetricsLog::write(int64_t step, const Evaluation &validation) {
  if (!file)
    return Status::success();
  json line = {{"step", step},
               {"valid_loss", validation.loss},
               {"valid_ppl", validation.perplexity},
               {"valid_unigram_ppl", validation.unigramPerplexity},
               {"valid_blocks", validation.blocks}};
  return writeLine(line.dump());
}

Status MetricsLog::writeLine(const std::string &line) {
  std::fputs((line + "\n").c_str(), file.get());
  bool failed = std::fflush(file.get()) != 0 || std::ferror(file.get());
  return failed ? systemFailure(path) : Status::success();
}
