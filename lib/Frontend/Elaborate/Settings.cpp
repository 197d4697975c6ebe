//===- Settings.cpp - the train block, presets and --set ------------------===//
#include "lib/Frontend/Elaborate/Settings.h"

#include "lib/Frontend/Elaborate/Elaborator.h"
#include "lib/Frontend/Parse.h"
#include "lib/Support/Names.h"

#include <mutex>

namespace moe::frontend {

/// Keys of the train block.
static const char *const trainKeyNames[] = {"data",  "batch",     "context",   "micro_batches", "loss",       "optimizer",        "steps",
                                            "model", "seed",      "eval_every", "eval_blocks",  "log_every",  "checkpoint_every", "patience",
                                            "keep",  "precision", "threads",   "freeze",       "memory"};

static std::string joined(const std::vector<ast::Identifier> &path) {
  std::string text;
  for (const ast::Identifier &part : path)
    text += (text.empty() ? "" : ".") + part.text;
  return text;
}

/// Texts of --set values. Trees and diagnostics point into them, so they live as long as the process.
static const SourceFile &keepText(std::string name, std::string text) {
  static SourceManager manager;
  static std::mutex mutex;
  std::lock_guard<std::mutex> lock(mutex);
  return manager.add(std::move(name), std::move(text));
}

static const ast::Expr *keepTree(ast::ExprPtr tree) {
  static std::vector<ast::ExprPtr> trees;
  static std::mutex mutex;
  std::lock_guard<std::mutex> lock(mutex);
  trees.push_back(std::move(tree));
  return trees.back().get();
}

Settings::Settings(const ast::File &file, const std::vector<const ast::Definition *> &definitions, const ElaborateOptions &options,
                   DiagnosticSink &sink)
    : options(options), definitions(definitions) {
  readTrain(file, sink);
  std::vector<Change> changes;
  for (const std::string &preset : options.presets)
    readPreset(file, preset, changes, sink);
  for (const std::string &command : options.overrides)
    readCommand(command, changes, sink);
  chooseModel(file, changes, sink);
  for (const Change &change : changes)
    apply(change, sink);
  checkPresets(file, sink);
  if (const ast::Expr *data = train("data"))
    checkDataFormat(*data, sink);
}

static std::vector<const ast::Definition *> modelsOf(const ast::File &file) {
  std::vector<const ast::Definition *> models;
  for (const auto &definition : file.definitions)
    if (definition->kind == ast::DefinitionKind::Model)
      models.push_back(definition.get());
  return models;
}

/// Before anything is applied, because `model.d` depends on it.
void Settings::chooseModel(const ast::File &file, const std::vector<Change> &changes, DiagnosticSink &sink) {
  std::vector<const ast::Definition *> models = modelsOf(file);
  const ast::Expr *chosen = train("model");
  for (const Change &change : changes)
    if (change.path == "train.model" || change.path == "model")
      chosen = change.value;
  for (const ast::Definition *model : models)
    if (!modelDefinition && (!chosen || Elaborator::text(*chosen) == model->name.text))
      modelDefinition = model;
  if (models.size() > 1 && !chosen) {
    Diagnostic &d = sink.error(models[1]->name.range, "a file with several models says which one is trained: train { model=" + models[0]->name.text + " }");
    d.note(models[0]->name.range, "the first one is here");
  } else if (!modelDefinition && chosen) {
    sink.error(chosen->range, "there is no model '" + Elaborator::text(*chosen) + "'");
  }
}

/// Also the presets that are not chosen now have to name what exists, in one of the models.
void Settings::checkPresets(const ast::File &file, DiagnosticSink &sink) const {
  std::map<std::string, SourceRange> names;
  for (const ast::Settings &preset : file.presets) {
    auto first = names.insert({preset.name.text, preset.name.range});
    if (!first.second)
      sink.error(preset.name.range, "the preset '" + preset.name.text + "' is written twice").note(first.first->second, "the first time is here");
    if (llvm::is_contained(options.presets, preset.name.text))
      continue;
    for (const ast::Setting &setting : preset.settings) {
      std::string path = joined(setting.path);
      DiagnosticSink unheard;
      auto exists = [&](const ast::Definition *model) { return resolve(path, setting.range, model, unheard).has_value(); };
      if (modelDefinition && llvm::none_of(modelsOf(file), exists))
        resolve(path, setting.range, modelDefinition, sink);
    }
  }
}

void Settings::readTrain(const ast::File &file, DiagnosticSink &sink) {
  if (file.trainBlocks.size() > 1)
    sink.error(file.trainBlocks[1].range, "there is more than one train block").note(file.trainBlocks[0].range, "the first one is here");
  if (file.trainBlocks.empty())
    return;
  std::vector<std::string> known(std::begin(trainKeyNames), std::end(trainKeyNames));
  std::map<std::string, SourceRange> seen;
  for (const ast::Setting &setting : file.trainBlocks[0].settings) {
    std::string key = joined(setting.path);
    if (!llvm::is_contained(known, key)) {
      Diagnostic &d = sink.error(setting.path[0].range, "there is no setting '" + key + "'");
      if (std::string near = nearestName(key, known); !near.empty())
        d.suggest("did you mean '" + near + "'?");
      continue;
    }
    auto first = seen.insert({key, setting.range});
    if (!first.second)
      sink.error(setting.range, "'" + key + "' is set twice").note(first.first->second, "the first time is here");
    trainValues[key] = setting.value.get();
  }
}

const ast::Expr *Settings::train(const std::string &key) const {
  auto changed = overrides.find({nullptr, key});
  if (changed != overrides.end()) {
    changed->second.used = true;
    return changed->second.value;
  }
  auto it = trainValues.find(key);
  return it == trainValues.end() ? nullptr : it->second;
}

const ast::Expr *Settings::defaultOf(const ast::Definition &definition, const std::string &parameter) const {
  auto it = overrides.find({&definition, parameter});
  if (it == overrides.end())
    return nullptr;
  it->second.used = true;
  return it->second.value;
}

const ast::Parameter *Settings::vocabularyParameter() const {
  for (const ast::Parameter &parameter : modelDefinition->parameters) {
    auto *type = llvm::dyn_cast_or_null<ast::NamedType>(parameter.type.get());
    bool isDim = type && type->path.size() == 1 && type->path[0].text == "dim";
    if (isDim && !parameter.defaultValue && !overrides.count({modelDefinition, parameter.name.text}))
      return &parameter;
  }
  return nullptr;
}

std::map<std::string, Settings::Target> Settings::targets(const ast::Definition *model) const {
  std::map<std::string, Target> result;
  for (const char *key : trainKeyNames)
    result["train." + std::string(key)] = {nullptr, key};
  for (const ast::Definition *definition : definitions)
    for (const ast::Parameter &parameter : definition->parameters)
      if (bool isModel = definition == model; isModel || parameter.defaultValue)
        result[(isModel ? "model" : definition->name.text) + "." + parameter.name.text] = {definition, parameter.name.text};
  return result;
}

const ast::Expr *Settings::currentValue(const Target &target) const {
  if (auto it = overrides.find(target); it != overrides.end())
    return it->second.value;
  if (!target.definition) {
    auto it = trainValues.find(target.name);
    return it == trainValues.end() ? nullptr : it->second;
  }
  for (const ast::Parameter &parameter : target.definition->parameters)
    if (parameter.name.text == target.name)
      return parameter.defaultValue.get();
  return nullptr;
}

std::optional<std::pair<std::string, Settings::Target>> Settings::resolve(const std::string &path, SourceRange range,
                                                                         const ast::Definition *model, DiagnosticSink &sink) const {
  std::map<std::string, Target> known = targets(model);
  std::string full = path;
  if (model && llvm::StringRef(path).starts_with(model->name.text + "."))
    full = "model" + path.substr(model->name.text.size());
  if (path.find('.') == std::string::npos) {
    std::vector<std::string> candidates;
    for (const auto &entry : known) {
      // A key that the file does not use is not what a bare name means.
      if (entry.second.name == path && (entry.second.definition || trainValues.count(path)))
        candidates.push_back(entry.first);
    }
    if (candidates.empty() && known.count("train." + path))
      candidates.push_back("train." + path);
    if (candidates.size() > 1) {
      sink.error(range, "'" + path + "' is not unique; there are " + llvm::join(candidates, ", "));
      return std::nullopt;
    }
    if (candidates.size() == 1)
      full = candidates.front();
  }
  auto target = known.find(full);
  if (target != known.end())
    return *target;
  std::vector<std::string> paths;
  for (const auto &entry : known) {
    paths.push_back(entry.first);
    paths.push_back(entry.second.name);
  }
  Diagnostic &d = sink.error(range, "there is nothing to set under '" + path + "'");
  if (std::string near = nearestName(path, paths); !near.empty())
    d.suggest("did you mean '" + near + "'?");
  return std::nullopt;
}

void Settings::apply(const Change &change, DiagnosticSink &sink) {
  auto resolved = resolve(change.path, change.range, modelDefinition, sink);
  if (!resolved)
    return;
  const auto &[full, target] = *resolved;
  const ast::Expr *before = currentValue(target);
  if (change.fromCommand && before && Elaborator::text(*before) == Elaborator::text(*change.value)) {
    sink.error(change.range, full + " is " + Elaborator::text(*change.value) + " already: this --set changes nothing");
    return;
  }
  overrides[target] = {change.value, change.range, full, change.fromCommand, false};
}

void Settings::readPreset(const ast::File &file, const std::string &name, std::vector<Change> &changes, DiagnosticSink &sink) {
  for (const ast::Settings &preset : file.presets)
    if (preset.name.text == name) {
      for (const ast::Setting &setting : preset.settings)
        changes.push_back({joined(setting.path), setting.value.get(), setting.range, false});
      return;
    }
  std::vector<std::string> known;
  for (const ast::Settings &preset : file.presets)
    known.push_back(preset.name.text);
  Diagnostic &d = sink.error({}, "there is no preset '" + name + "'" + (known.empty() ? "" : "; there are " + llvm::join(known, ", ")));
  if (std::string near = nearestName(name, known); !near.empty())
    d.suggest("did you mean '" + near + "'?");
}

void Settings::readCommand(const std::string &text, std::vector<Change> &changes, DiagnosticSink &sink) {
  const SourceFile &whole = keepText("--set", text);
  size_t equals = text.find('=');
  SourceRange range{&whole, whole.getLoc(0), whole.getLoc(std::min(equals, text.size()))};
  if (equals == std::string::npos || equals == 0) {
    sink.error(range, "--set takes path=value, such as model.d=64");
    return;
  }
  auto trim = [](llvm::StringRef part) { return part.trim().str(); };
  std::string path = trim(llvm::StringRef(text).take_front(equals));
  ast::ExprPtr value = parseExpression(keepText("--set " + path, trim(llvm::StringRef(text).drop_front(equals + 1))), sink);
  if (value)
    changes.push_back({path, keepTree(std::move(value)), range, true});
}

void Settings::reportUnused(DiagnosticSink &sink) const {
  for (const auto &entry : overrides)
    if (entry.second.fromCommand && !entry.second.used && entry.first.definition)
      sink.error(entry.second.range, "this --set changes nothing: the model never asks for the default of " + entry.second.path);
}

std::vector<std::string> Settings::overriddenTrainKeys() const {
  std::vector<std::string> keys;
  for (const auto &entry : overrides)
    if (!entry.first.definition)
      keys.push_back(entry.first.name);
  return keys;
}

} // namespace moe::frontend
