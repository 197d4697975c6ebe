//===- Sweep.cpp - one model at the points of a grid ------------*- C++ -*-===//
#include "moe/Training/Sweep.h"
#include "lib/Support/AtomicFile.h"
#include "lib/Training/Guard.h"
#include "lib/Training/RunLock.h"
#include "moe/Training/RunLog.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>

using namespace moe;
namespace fs = std::filesystem;
using json = nlohmann::ordered_json;

static constexpr int formatVersion = 1;

struct Sweep::Impl {
  std::string folder;
  SweepDescription description;
  std::vector<SweepPoint> points;
  RunLock lock;

  std::string path(const std::string &name) const { return (fs::path(folder) / name).string(); }
  Status takeUp();
  Status requireSame(const json &manifest) const;
  void look(SweepPoint &point) const;
  Status write() const;
  std::string toCsv() const;
  json toJson() const;
};

Sweep::Sweep() : impl(std::make_unique<Impl>()) {}
Sweep::~Sweep() = default;

const std::vector<SweepPoint> &Sweep::getPoints() const { return impl->points; }
std::string Sweep::getRunFolder(const SweepPoint &point) const { return impl->path(point.name); }
std::string Sweep::getLogFile(const SweepPoint &point) const { return impl->path("logs/" + point.name + ".txt"); }
std::string Sweep::getSourceFile() const { return impl->path("source.moe"); }

const char *moe::toString(SweepPoint::State state) {
  switch (state) {
  case SweepPoint::State::waiting:
    return "waiting";
  case SweepPoint::State::stopped:
    return "stopped";
  case SweepPoint::State::finished:
    return "finished";
  case SweepPoint::State::failed:
    return "failed";
  }
  return "";
}

//===-- The manifest ------------------------------------------------------------------===//

json Sweep::Impl::toJson() const {
  json axes = json::array(), list = json::array();
  for (const SweepAxis &axis : description.axes)
    axes.push_back({{"path", axis.path}, {"values", axis.values}});
  for (const SweepPoint &point : points) {
    list.push_back({{"name", point.name}, {"overrides", point.overrides}, {"seed", point.seed}, {"state", toString(point.state)}});
    if (!point.problem.empty())
      list.back()["problem"] = point.problem;
  }
  return {{"format", "moec-sweep"},
          {"version", formatVersion},
          {"file", description.fileName},
          {"source", description.source},
          {"data", description.data},
          {"presets", description.presets},
          {"steps", description.steps ? json(*description.steps) : json()},
          {"axes", axes},
          {"seeds", description.seeds},
          {"points", list}};
}

static std::string quoteCsv(const std::string &text) {
  if (text.find_first_of(",\"\n\r") == std::string::npos)
    return text;
  std::string quoted = "\"";
  for (char c : text)
    quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + "\"";
}

std::string Sweep::Impl::toCsv() const {
  auto optional = [](const std::optional<double> &value) { return value ? json(*value).dump() : std::string(); };
  std::string csv = "run";
  for (const SweepAxis &axis : description.axes)
    csv += "," + quoteCsv(axis.path);
  csv += ",seed,state,step,valid_loss,valid_ppl,best_valid_ppl,tokens_per_s,seconds\n";
  for (const SweepPoint &point : points) {
    csv += quoteCsv(point.name);
    for (const std::string &value : point.values)
      csv += "," + quoteCsv(value);
    csv += "," + std::to_string(point.seed) + "," + toString(point.state) + "," + std::to_string(point.step) + "," + optional(point.loss) + "," +
           optional(point.perplexity) + "," + optional(point.bestPerplexity) + "," + json(point.tokensPerSecond).dump() + "," +
           json(point.seconds).dump() + "\n";
  }
  return csv;
}

Status Sweep::Impl::write() const {
  if (Status status = writeFile(path("sweep.json"), toJson().dump(1, ' ', false, json::error_handler_t::replace) + "\n"); !status)
    return status;
  return writeFile(path("sweep.csv"), toCsv());
}

//===-- What is there already -----------------------------------------------------------===//

/// A setting of one value is fixed: it is part of every point's meaning but of no point's name.
static json fixedAxes(const json &axes) {
  json fixed = json::array();
  for (const json &axis : axes)
    if (axis.at("values").size() == 1)
      fixed.push_back(axis);
  return fixed;
}

Status Sweep::Impl::requireSame(const json &manifest) const {
  json wanted = toJson();
  for (const char *key : {"source", "data", "presets", "steps"})
    if (manifest.at(key) != wanted.at(key))
      return Status::failure(folder + ": the sweep in this folder was begun with " +
                             (std::string(key) == "source" ? "another source text" : std::string(key) + " " + manifest.at(key).dump()) +
                             "; choose a new folder");
  if (fixedAxes(manifest.at("axes")) != fixedAxes(wanted.at("axes")))
    return Status::failure(folder + ": the sweep in this folder has other fixed settings; choose a new folder");
  for (const json &there : manifest.at("points")) {
    auto known = std::find_if(points.begin(), points.end(), [&](const SweepPoint &point) { return there.at("name") == point.name; });
    if (known == points.end())
      return Status::failure(folder + ": the sweep in this folder also has " + there.at("name").get<std::string>() +
                             "; give all of its values and seeds, or choose a new folder");
    if (there.at("overrides") != json(known->overrides) || there.at("seed") != json(known->seed))
      return Status::failure(folder + ": " + known->name + " stands for other settings in this folder; choose a new one");
  }
  return Status::success();
}

Status Sweep::Impl::takeUp() {
  std::string text, where = path("sweep.json");
  if (Status status = readFile(where, text); !status)
    return status;
  json manifest = json::parse(text, nullptr, false);
  if (!manifest.is_object() || manifest.value("format", json()) != "moec-sweep" || manifest.value("version", json()) != formatVersion)
    return Status::failure(where + ": not the manifest of a sweep of this version of moec");
  try {
    if (Status status = requireSame(manifest); !status)
      return status;
    for (const json &there : manifest.at("points"))
      for (SweepPoint &point : points)
        if (there.at("name") == point.name)
          point.problem = there.value("problem", std::string());
  } catch (const json::exception &problem) {
    return Status::failure(where + ": " + problem.what());
  }
  return Status::success();
}

void Sweep::Impl::look(SweepPoint &point) const {
  RunLog log;
  bool isThere = RunLog::read(path(point.name), log).ok();
  RunSummary summary = summarize(log);
  point.step = summary.step;
  point.steps = summary.steps;
  point.seconds = summary.seconds;
  point.tokensPerSecond = summary.tokensPerSecond;
  if (summary.best)
    point.bestPerplexity = summary.best->perplexity;
  if (log.final) {
    point.loss = log.final->loss;
    point.perplexity = log.final->perplexity;
    point.problem.clear();
  }
  point.state = log.final                ? SweepPoint::State::finished
                : !point.problem.empty() ? SweepPoint::State::failed
                : isThere                ? SweepPoint::State::stopped
                                         : SweepPoint::State::waiting;
}

Status Sweep::open(const std::string &folder, const SweepDescription &description, Sweep &sweep) {
  return guarded("a sweep", [&] {
    Impl &impl = *sweep.impl;
    impl.folder = folder;
    impl.description = description;
    if (Status status = enumerate(description, impl.points); !status)
      return status;
    std::error_code error;
    bool isThere = fs::exists(impl.path("sweep.json"), error);
    if (!isThere && fs::exists(folder, error) && !fs::is_empty(folder, error)) {
      bool hasLockOnly = std::all_of(fs::directory_iterator(folder, error), fs::directory_iterator(), [](const fs::directory_entry &entry) {
        std::string name = entry.path().filename().string();
        return name == "lock" || name == "logs" || name == "source.moe" || name.find(temporaryMark) != std::string::npos;
      });
      if (!hasLockOnly)
        return Status::failure(folder + ": this is there already and is no sweep; choose a new folder");
    }
    fs::create_directories(impl.path("logs"), error);
    if (error)
      return Status::failure(folder + ": " + error.message());
    if (Status status = impl.lock.acquire(impl.path("lock")); !status)
      return status;
    if (isThere)
      if (Status status = impl.takeUp(); !status)
        return status;
    for (SweepPoint &point : impl.points)
      impl.look(point);
    if (!isThere)
      if (Status status = writeFile(sweep.getSourceFile(), description.source); !status)
        return status;
    return impl.write();
  });
}

Status Sweep::settle(size_t index, const std::string &problem) {
  return guarded("a sweep", [&] {
    impl->points[index].problem = problem;
    impl->look(impl->points[index]);
    return impl->write();
  });
}

//===-- Results ----------------------------------------------------------------------===//

std::vector<SweepResult> Sweep::getResults() const {
  std::vector<SweepResult> results;
  std::map<std::string, std::vector<double>> perplexities;
  for (const SweepPoint &point : impl->points) {
    if (results.empty() || results.back().configuration != point.configuration)
      results.push_back({point.configuration, 0, 0, 0, 0});
    ++results.back().runs;
    if (point.perplexity)
      perplexities[point.configuration].push_back(*point.perplexity);
  }
  for (SweepResult &result : results) {
    const std::vector<double> &values = perplexities[result.configuration];
    result.finished = static_cast<int64_t>(values.size());
    for (double value : values)
      result.mean += value / static_cast<double>(values.size());
    for (double value : values)
      result.deviation += (value - result.mean) * (value - result.mean);
    result.deviation = values.size() > 1 ? std::sqrt(result.deviation / static_cast<double>(values.size() - 1)) : 0;
  }
  std::stable_sort(results.begin(), results.end(), [](const SweepResult &a, const SweepResult &b) {
    if (!a.finished || !b.finished)
      return a.finished > b.finished;
    return a.mean < b.mean;
  });
  return results;
}
