//===- Compare.cpp - in what runs differ ------------------------*- C++ -*-===//
#include "lib/Support/AtomicFile.h"
#include "lib/Training/Guard.h"
#include "lib/Training/Json.h"
#include "lib/Training/Report/Curves.h"
#include "lib/Training/Report/TextDiff.h"
#include "lib/Training/RunFolder.h"
#include "moe/Training/Report.h"
#include "moe/Training/SameTokens.h"

#include <algorithm>
#include <filesystem>
#include <map>

using namespace moe;
using json = nlohmann::json;

//===-- Names ----------------------------------------------------------------------===//

std::vector<std::string> moe::shortNames(const std::vector<std::string> &folders) {
  std::vector<std::vector<std::string>> parts; // from the last on
  for (const std::string &folder : folders) {
    parts.emplace_back();
    for (const std::filesystem::path &part : std::filesystem::path(folder).lexically_normal())
      if (!part.empty())
        parts.back().insert(parts.back().begin(), part.string());
  }
  std::vector<std::string> names(folders.size());
  for (size_t depth = 1;; ++depth) {
    bool isDeeper = false;
    for (size_t i = 0; i < folders.size(); ++i) {
      isDeeper |= parts[i].size() > depth;
      names[i].clear();
      for (size_t part = std::min(depth, parts[i].size()); part-- > 0;)
        names[i] += (names[i].empty() || names[i] == "/" ? "" : "/") + parts[i][part];
    }
    std::vector<std::string> sorted = names;
    std::sort(sorted.begin(), sorted.end());
    if (!isDeeper || std::adjacent_find(sorted.begin(), sorted.end()) == sorted.end())
      return names;
  }
}

//===-- Settings -------------------------------------------------------------------===//

static std::string join(const std::vector<std::string> &texts) {
  std::string joined;
  for (const std::string &text : texts)
    joined += (joined.empty() ? "" : " ") + text;
  return joined;
}

namespace {
/// What is said of the runs, in the order in which it was first said.
class Facts {
public:
  explicit Facts(size_t runs) : runs(runs) {}
  void add(Difference::Kind kind, const std::string &name, size_t run, const std::string &value) {
    auto [it, isNew] = index.try_emplace({kind, name}, facts.size());
    if (isNew)
      facts.push_back({kind, name, std::vector<std::string>(runs)});
    facts[it->second].values[run] = value;
  }
  std::vector<Difference> takeDifferences() {
    std::erase_if(facts, [](const Difference &fact) {
      return std::all_of(fact.values.begin(), fact.values.end(), [&](const std::string &value) { return value == fact.values.front(); });
    });
    std::stable_sort(facts.begin(), facts.end(), [](const Difference &a, const Difference &b) { return a.kind < b.kind; });
    return std::move(facts);
  }

private:
  size_t runs;
  std::map<std::pair<Difference::Kind, std::string>, size_t> index;
  std::vector<Difference> facts;
};
} // namespace

static void addSettings(Facts &facts, size_t run, const std::string &text) {
  json settings = parseJson<json>(text);
  if (!settings.is_object())
    return;
  json flat = settings.flatten();
  for (const auto &[path, value] : flat.items()) {
    std::string name = path.substr(std::min<size_t>(1, path.size()));
    std::replace(name.begin(), name.end(), '/', '.');
    facts.add(Difference::Kind::setting, name, run, value.is_string() ? value.get<std::string>() : value.dump());
  }
}

std::vector<Difference> moe::findDifferences(const std::vector<const RunLog *> &runs) {
  Facts facts(runs.size());
  std::vector<std::string> sources;
  for (size_t i = 0; i < runs.size(); ++i) {
    const RunDescription &run = runs[i]->description;
    auto choice = [&](const std::string &name, const std::string &value) { facts.add(Difference::Kind::choice, name, i, value); };
    choice("file", run.fileName);
    auto source = std::find(sources.begin(), sources.end(), run.source);
    choice("source", "text " + std::to_string(source - sources.begin() + 1));
    if (source == sources.end())
      sources.push_back(run.source);
    choice("presets", join(run.presets));
    for (const std::string &override : run.overrides) {
      size_t equals = std::min(override.find('='), override.size());
      choice(override.substr(0, equals), override.substr(std::min(equals + 1, override.size())));
    }
    choice("seed", std::to_string(run.seed));
    choice("steps", std::to_string(run.steps));
    choice("data", run.data);
    choice("vocabulary", std::to_string(run.vocabulary));
    choice("target", run.target);
    addSettings(facts, i, run.settings);
    for (const auto &[name, version] : run.versions)
      facts.add(Difference::Kind::build, name, i, version);
    facts.add(Difference::Kind::build, "threads", i, std::to_string(run.threads));
  }
  return facts.takeDifferences();
}

//===-- Two runs ----------------------------------------------------------------------===//

static std::string unifiedDiff(const std::string &before, const std::string &after) {
  std::string text;
  for (const DiffLine &line : diffLines(before, after))
    text += (line.kind == DiffLine::Kind::gap ? "@@ " + line.text + " @@" : static_cast<char>(line.kind) + line.text) + "\n";
  return text;
}

static void compareLosses(const Series &first, const Series &second, RunComparison &comparison) {
  std::vector<RunComparison::Point> common;
  for (size_t i = 0, j = 0; i < first.size() && j < second.size();) {
    if (first.steps[i] != second.steps[j]) {
      first.steps[i] < second.steps[j] ? ++i : ++j;
      continue;
    }
    common.push_back({first.steps[i], first.values[i], second.values[j]});
    if (!comparison.firstDifferentStep && first.values[i] != second.values[j])
      comparison.firstDifferentStep = first.steps[i];
    ++i, ++j;
  }
  comparison.commonSteps = static_cast<int64_t>(common.size());
  if (common.empty())
    return;
  comparison.lastCommonStep = common.back().step;
  constexpr size_t most = 10;
  size_t shown = std::min(most, common.size());
  for (size_t i = 0; i < shown; ++i)
    comparison.losses.push_back(common[shown > 1 ? i * (common.size() - 1) / (shown - 1) : 0]);
}

std::optional<std::vector<std::string>> moe::findOtherSplits(const RunDescription &first, const RunDescription &second) {
  if (first.text.empty() || second.text.empty())
    return std::nullopt;
  auto hashOf = [](const RunDescription &run, Split split) {
    auto hash = run.text.find(toString(split));
    return hash == run.text.end() ? std::string() : hash->second;
  };
  std::vector<std::string> others;
  for (Split split : splits)
    if (hashOf(first, split) != hashOf(second, split))
      others.push_back(toString(split));
  return others;
}

Status moe::compareRuns(const RunLog &first, const RunLog &second, RunComparison &comparison) {
  return guarded("comparing runs", [&] {
    comparison = {};
    comparison.differences = findDifferences({&first, &second});
    comparison.sourceDiff = unifiedDiff(first.description.source, second.description.source);
    // A vocabulary has the words of the data in their order, with the counts of train.txt.
    std::string vocabularies[2];
    for (auto [log, text] : {std::pair(&first, &vocabularies[0]), {&second, &vocabularies[1]}})
      if (Status status = readFile(RunFolder(log->folder).getVocabulary(), *text); !status)
        return status;
    comparison.isSameData = vocabularies[0] == vocabularies[1];
    if (const Series *a = first.find("loss"), *b = second.find("loss"); a && b)
      compareLosses(*a, *b, comparison);
    return Status::success();
  });
}
