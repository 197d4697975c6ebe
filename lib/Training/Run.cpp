//===- Run.cpp - run folders ------------------------------------*- C++ -*-===//
#include "lib/Support/AtomicFile.h"
#include "lib/Training/Guard.h"
#include "lib/Training/Json.h"
#include "lib/Training/RunFolder.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>

using namespace moe;
namespace fs = std::filesystem;
using json = nlohmann::ordered_json;

static constexpr int formatVersion = 1;
static constexpr std::string_view checkpointPrefix = "step-", checkpointExtension = ".safetensors";

//===-- Names ------------------------------------------------------------------===//

static std::string join(const std::string &folder, const std::string &name) { return (fs::path(folder) / name).string(); }

std::string RunFolder::getDescription() const { return join(folder, "run.json"); }
std::string RunFolder::getVocabulary() const { return join(folder, "vocabulary.txt"); }
std::string RunFolder::getMetrics() const { return join(folder, "metrics.jsonl"); }
std::string RunFolder::getCheckpoints() const { return join(folder, "checkpoints"); }
std::string RunFolder::getBest() const { return join(getCheckpoints(), "best.safetensors"); }

std::string RunFolder::getLock() const { return join(folder, "lock"); }

std::string RunFolder::getCheckpoint(int64_t step) const {
  char number[24];
  std::snprintf(number, sizeof(number), "%08lld", static_cast<long long>(step));
  return join(getCheckpoints(), std::string(checkpointPrefix) + number + std::string(checkpointExtension));
}

std::vector<std::string> RunFolder::listCheckpoints() const {
  std::vector<std::string> found;
  std::error_code error;
  for (fs::directory_iterator it(getCheckpoints(), error), end; !error && it != end; it.increment(error)) {
    std::string name = it->path().filename().string();
    if (name.starts_with(checkpointPrefix) && name.ends_with(checkpointExtension))
      found.push_back(it->path().string());
  }
  std::sort(found.begin(), found.end(), [](const std::string &a, const std::string &b) {
    return std::pair(b.size(), b) < std::pair(a.size(), a); // a ninth digit comes after eight
  });
  return found;
}

void RunFolder::prune(int64_t keep) const {
  std::vector<std::string> numbered = listCheckpoints();
  std::error_code ignored;
  for (size_t i = static_cast<size_t>(keep); i < numbered.size(); ++i)
    fs::remove(numbered[i], ignored);
}

void RunFolder::putAside(const std::string &checkpoint) const {
  std::error_code ignored;
  fs::rename(checkpoint, checkpoint + ".refused", ignored);
}

void RunFolder::removeTemporaries() const {
  std::error_code ignored;
  for (const std::string &where : {folder, getCheckpoints()})
    for (fs::directory_iterator it(where, ignored), end; !ignored && it != end; it.increment(ignored))
      if (std::error_code error; it->path().filename().string().find(temporaryMark) != std::string::npos)
        fs::remove(it->path(), error);
}

//===-- run.json -----------------------------------------------------------------===//

static json toJson(const RunDescription &run) {
  return {{"format", "moec-run"},
          {"version", formatVersion},
          {"versions", run.versions},
          {"file", run.fileName},
          {"source", run.source},
          {"overrides", run.overrides},
          {"presets", run.presets},
          {"target", run.target},
          {"code", run.code},
          {"data", run.data},
          {"text", run.text},
          {"seed", run.seed},
          {"threads", run.threads},
          {"steps", run.steps},
          {"parameters", run.parameters},
          {"vocabulary", {{"file", "vocabulary.txt"}, {"entries", run.vocabulary}}},
          {"settings", parseJson<json>(run.settings)},
          {"start", run.start}};
}

/// Nothing but what stands there before run.json is written: perhaps the checkpoint of a run that begins from weights.
static bool isLeftover(const fs::directory_entry &entry, const std::string &firstCheckpoint) {
  std::string name = entry.path().filename().string();
  if (name != "checkpoints")
    return name == "lock" || name == "vocabulary.txt" || name == "tokenizer.json" || name.find(temporaryMark) != std::string::npos;
  std::error_code error;
  for (fs::directory_iterator it(entry.path(), error), end; !error && it != end; it.increment(error))
    if (it->path() != firstCheckpoint && it->path().filename().string().find(temporaryMark) == std::string::npos)
      return false;
  return !error;
}

Status RunFolder::requireVacant() const {
  std::error_code error;
  if (fs::exists(getDescription(), error) || fs::exists(getMetrics(), error))
    return Status::failure(folder + ": there is a run in this folder already; choose a new one");
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
    if (!isLeftover(*it, getCheckpoint(0)))
      return Status::failure(folder + ": this is there already and is not empty; choose a new folder");
  return Status::success();
}

Status RunFolder::create(const Vocabulary &vocabulary, RunLock &lock) const {
  std::error_code error;
  if (Status status = requireVacant(); !status)
    return status;
  bool isNew = fs::create_directories(folder, error);
  if (error)
    return systemFailure(folder, error.value());
  Status status = lock.acquire(getLock());
  if (status)
    status = fill(vocabulary);
  if (status.isMachines && isNew) // nothing half made stays; a lock that another holds is not the machine's
    fs::remove_all(folder, error);
  return status;
}

/// What a run has before its first step. The lock is held.
Status RunFolder::fill(const Vocabulary &vocabulary) const {
  std::error_code error;
  if (Status status = requireVacant(); !status) // another process may have been here before the lock
    return status;
  removeTemporaries();
  fs::remove(getCheckpoint(0), error); // of a run that had no run.json yet
  fs::create_directories(getCheckpoints(), error);
  if (error)
    return systemFailure(folder, error.value());
  return vocabulary.save(getVocabulary());
}

Status RunFolder::writeDescription(const RunDescription &run) const { return writeFile(getDescription(), ::toJson(run).dump(1) + "\n"); }

/// Throws what nlohmann throws when something is missing or of another kind.
static RunDescription fromJson(const json &object) {
  RunDescription run;
  object.at("versions").get_to(run.versions);
  object.at("file").get_to(run.fileName);
  object.at("source").get_to(run.source);
  object.at("overrides").get_to(run.overrides);
  object.at("presets").get_to(run.presets);
  object.at("target").get_to(run.target);
  object.at("data").get_to(run.data);
  run.code = object.value("code", run.code);
  run.text = object.value("text", run.text);
  object.at("seed").get_to(run.seed);
  object.at("threads").get_to(run.threads);
  object.at("steps").get_to(run.steps);
  object.at("vocabulary").at("entries").get_to(run.vocabulary);
  run.parameters = object.value("parameters", int64_t(0));
  run.settings = object.at("settings").dump();
  run.start = object.value("start", run.start);
  return run;
}

Status RunFolder::readDescription(RunDescription &run) const {
  std::error_code ignored;
  if (!fs::is_directory(folder, ignored))
    return Status::failure(folder + ": there is no such run folder");
  std::string path = getDescription(), text;
  if (Status status = readFile(path, text); !status)
    return status;
  json object = parseJson<json>(text);
  if (!object.is_object() || object.value("format", json()) != "moec-run")
    return Status::failure(path + ": this is not the description of a run");
  if (object.value("version", json()) != formatVersion)
    return Status::failure(path + ": the run was written by another version of moec");
  try {
    run = fromJson(object);
  } catch (const json::exception &problem) {
    return Status::failure(path + ": " + problem.what());
  }
  return Status::success();
}

Status Run::open(const std::string &folder, Run &run) {
  return guarded("the run", [&] {
    RunFolder where(folder);
    if (Status status = where.readDescription(run.description); !status)
      return status;
    if (Status status = Vocabulary::load(where.getVocabulary(), run.vocabulary); !status)
      return status;
    if (run.vocabulary.size() != run.description.vocabulary)
      return Status::failure(where.getVocabulary() + ": " + std::to_string(run.vocabulary.size()) + " entries, the run was made with " +
                             std::to_string(run.description.vocabulary));
    run.folder = folder;
    run.checkpoints = where.listCheckpoints();
    return Status::success();
  });
}
