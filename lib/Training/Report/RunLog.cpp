//===- RunLog.cpp - what a run has said so far ------------------*- C++ -*-===//
#include "moe/Training/RunLog.h"
#include "lib/Training/Guard.h"
#include "lib/Training/Json.h"
#include "lib/Training/RunFolder.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>

using namespace moe;
using json = nlohmann::ordered_json;

//===-- Series ---------------------------------------------------------------------===//

/// A step that comes again replaces what was said of it and of later ones.
void Series::add(int64_t step, double value) {
  while (!steps.empty() && steps.back() >= step) {
    steps.pop_back();
    values.pop_back();
  }
  steps.push_back(step);
  values.push_back(value);
}

void ArraySeries::add(int64_t step, std::span<const float> row) {
  if (steps.empty())
    width = row.size();
  if (row.size() != width)
    return;
  while (!steps.empty() && steps.back() >= step)
    steps.pop_back();
  values.resize(steps.size() * width);
  steps.push_back(step);
  values.insert(values.end(), row.begin(), row.end());
}

std::string_view moe::probeKind(std::string_view name) { return name.substr(name.find_last_of("./") + 1); }

//===-- metrics.jsonl -----------------------------------------------------------------===//

namespace {
class LogReader {
public:
  explicit LogReader(RunLog &log) : log(log) {}
  void readLine(const std::string &text);

private:
  void readStep(int64_t step, const json &object);
  void readValidation(int64_t step, const json &object);
  void readProbe(int64_t step, const std::string &name, const json &value);

  RunLog &log;
};
} // namespace

/// JSON has no nan: the log says null.
static double numberOf(const json &value) { return value.is_number() ? value.get<double>() : std::numeric_limits<double>::quiet_NaN(); }

void LogReader::readLine(const std::string &text) {
  json object = parseJson<json>(text);
  auto step = object.is_object() ? object.find("step") : object.end();
  if (step == object.end() || !step->is_number_integer()) {
    ++log.brokenLines;
    return;
  }
  if (object.contains("valid_loss"))
    readValidation(step->get<int64_t>(), object);
  else
    readStep(step->get<int64_t>(), object);
}

void LogReader::readValidation(int64_t step, const json &object) {
  auto number = [&](const char *key) {
    auto it = object.find(key);
    return it == object.end() ? std::numeric_limits<double>::quiet_NaN() : numberOf(*it);
  };
  ValidationPoint validation{step, number("valid_loss"), number("valid_ppl"), number("valid_unigram_ppl")};
  if (object.contains("final")) {
    log.final = validation;
    return;
  }
  while (!log.validations.empty() && log.validations.back().step >= step)
    log.validations.pop_back();
  log.validations.push_back(validation);
}

void LogReader::readStep(int64_t step, const json &object) {
  for (const auto &[key, value] : object.items()) {
    if (key == "step")
      continue;
    if (value.is_number() || value.is_null())
      log.scalars[key].add(step, numberOf(value));
    else if (key == "aux" && value.is_object())
      for (const auto &[name, loss] : value.items())
        log.scalars["aux/" + name].add(step, numberOf(loss));
    else if (key == "probes" && value.is_object())
      for (const auto &[name, probe] : value.items())
        readProbe(step, "probes/" + name, probe);
  }
}

void LogReader::readProbe(int64_t step, const std::string &name, const json &value) {
  if (value.is_array()) {
    std::vector<float> row;
    for (const json &element : value)
      row.push_back(static_cast<float>(numberOf(element)));
    log.arrays[name].add(step, row);
  } else if (value.is_object()) {
    for (const char *what : {"mean", "min", "max"})
      if (auto it = value.find(what); it != value.end())
        log.scalars[name + "/" + what].add(step, numberOf(*it));
  } else {
    log.scalars[name].add(step, numberOf(value));
  }
}

//===-- A run --------------------------------------------------------------------------===//

Status RunLog::read(const std::string &folder, RunLog &log) {
  return guarded("the metrics of a run", [&] {
    RunFolder where(folder);
    log = {};
    log.folder = folder;
    if (Status status = where.readDescription(log.description); !status)
      return status;
    std::ifstream in(where.getMetrics(), std::ios::binary);
    LogReader reader(log);
    for (std::string text; std::getline(in, text);)
      reader.readLine(text);
    log.state = RunLock::isHeld(where.getLock()) ? State::running : log.final ? State::finished : State::stopped;
    return Status::success();
  });
}

const char *moe::toString(RunLog::State state) {
  switch (state) {
  case RunLog::State::finished:
    return "finished";
  case RunLog::State::running:
    return "running";
  case RunLog::State::stopped:
    return "stopped";
  }
  return "";
}

const Series *RunLog::find(const std::string &name) const {
  auto it = scalars.find(name);
  return it == scalars.end() || it->second.empty() ? nullptr : &it->second;
}

int64_t RunLog::getStep() const {
  const Series *loss = find("loss");
  return loss ? loss->steps.back() : 0;
}

static double median(std::vector<double> values) {
  std::erase_if(values, [](double value) { return !std::isfinite(value); });
  if (values.empty())
    return 0;
  auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

RunSummary moe::summarize(const RunLog &log) {
  RunSummary summary;
  summary.step = log.getStep();
  summary.steps = log.description.steps;
  for (const ValidationPoint &validation : log.validations)
    if (!summary.best || validation.loss < summary.best->loss)
      summary.best = validation;
  if (const Series *speed = log.find("tokens_per_s"))
    summary.tokensPerSecond = median(speed->values);
  if (const Series *seconds = log.find("seconds")) {
    double sum = 0;
    for (double value : seconds->values)
      sum += std::isfinite(value) ? value : 0;
    summary.seconds = sum / static_cast<double>(seconds->size()) * static_cast<double>(summary.step); // a line may stand for several steps
  }
  return summary;
}
