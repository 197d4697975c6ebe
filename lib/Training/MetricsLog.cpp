//===- MetricsLog.cpp - metrics.jsonl ---------------------------*- C++ -*-===//
#include "lib/Training/MetricsLog.h"
#include "lib/Training/Json.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>

using namespace moe;
using json = nlohmann::ordered_json;

/// A probe of more values is written as its mean, least and greatest.
static constexpr size_t maxProbeValues = 64;

Status MetricsLog::open(const std::string &where) {
  Status status = file.open(where, RecordFile::Mode::overwrite);
  return status ? syncFolder(std::filesystem::path(where).parent_path()) : status;
}

/// Nothing for a line that is no whole object with a step.
static std::optional<MetricsLog::Line> parseLine(const std::string &text) {
  json object = parseJson<json>(text);
  auto step = object.is_object() ? object.find("step") : object.end();
  if (step == object.end() || !step->is_number_integer())
    return std::nullopt;
  return MetricsLog::Line{step->get<int64_t>(), object.contains("valid_loss"), object.contains("final")};
}

Status MetricsLog::reopen(const std::string &where, const std::function<bool(const Line &)> &stays) {
  AtomicFile kept;
  if (Status status = kept.open(where); !status)
    return status;
  std::ifstream in(where, std::ios::binary); // a run that was killed at its very beginning has none
  for (std::string text; std::getline(in, text) && !in.eof();) { // a last line without its end is not whole
    std::optional<Line> line = parseLine(text);
    if (!line || !stays(*line))
      continue;
    if (Status status = kept.write(text + "\n"); !status)
      return status;
  }
  if (in.bad())
    return systemFailure(where);
  if (Status status = kept.commit(); !status)
    return status;
  return file.open(where, RecordFile::Mode::append);
}

Status MetricsLog::sync() { return file.isOpen() ? file.sync() : Status::success(); }

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
  if (!file.isOpen())
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
  Status status = file.append(line.dump() + "\n");
  return status ? events.write(metrics) : status;
}

Status MetricsLog::write(int64_t step, const Evaluation &validation, bool isFinal) {
  if (!file.isOpen())
    return Status::success();
  json line = {{"step", step},
               {"valid_loss", validation.loss},
               {"valid_ppl", validation.perplexity},
               {"valid_unigram_ppl", validation.unigramPerplexity},
               {"valid_blocks", validation.blocks}};
  if (isFinal)
    line["final"] = true;
  Status status = file.append(line.dump() + "\n");
  return status ? events.write(step, validation, isFinal) : status;
}
