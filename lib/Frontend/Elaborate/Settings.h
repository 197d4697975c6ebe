//===- Settings.h - the train block, presets and --set ---------*- C++ -*-===//
#pragma once

#include "lib/Frontend/AST.h"
#include "lib/Frontend/Elaborate/Elaborate.h"

#include <map>

namespace moe::frontend {

/// What the `train` block, the presets and the overrides say, by path: `train.batch`, `model.R`, `TopK.k`. The file gives the defaults;
/// presets come over them, then --set, in order.
class Settings {
public:
  Settings(const ast::File &file, const std::vector<const ast::Definition *> &definitions, const ElaborateOptions &options,
           DiagnosticSink &sink);

  const ast::Definition *model() const { return modelDefinition; }
  /// The model's dimension whose extent is the data's vocabulary: the first parameter that nothing else gives a value. Or null.
  const ast::Parameter *vocabularyParameter() const;
  /// The value of a key of the `train` block, or null.
  const ast::Expr *train(const std::string &key) const;
  const std::map<std::string, const ast::Expr *> &trainKeys() const { return trainValues; }
  std::vector<std::string> overriddenTrainKeys() const;
  /// What replaces the default of a definition's parameter, or null.
  const ast::Expr *defaultOf(const ast::Definition &definition, const std::string &parameter) const;
  /// Reports every --set that no part of the model asked for. After the elaboration.
  void reportUnused(DiagnosticSink &sink) const;

  const ElaborateOptions &options;

private:
  struct Override {
    const ast::Expr *value;
    SourceRange range;
    std::string path;
    bool fromCommand;
    mutable bool used = false;
  };
  struct Target {
    const ast::Definition *definition = nullptr; ///< null: a key of the train block
    std::string name;
    bool operator<(const Target &other) const { return std::tie(definition, name) < std::tie(other.definition, other.name); }
  };

  /// `path=value` of a preset or of --set.
  struct Change {
    std::string path;
    const ast::Expr *value;
    SourceRange range;
    bool fromCommand;
  };

  void readTrain(const ast::File &file, DiagnosticSink &sink);
  void readPreset(const ast::File &file, const std::string &name, std::vector<Change> &changes, DiagnosticSink &sink);
  void readCommand(const std::string &text, std::vector<Change> &changes, DiagnosticSink &sink);
  void chooseModel(const ast::File &file, const std::vector<Change> &changes, DiagnosticSink &sink);
  void apply(const Change &change, DiagnosticSink &sink);
  void checkPresets(const ast::File &file, DiagnosticSink &sink) const;
  /// What a path means when that model is trained, with its full path; nothing after an error.
  std::optional<std::pair<std::string, Target>> resolve(const std::string &path, SourceRange range, const ast::Definition *model,
                                                        DiagnosticSink &sink) const;
  /// Everything that a path may name, by its full path.
  std::map<std::string, Target> targets(const ast::Definition *model) const;
  const ast::Expr *currentValue(const Target &target) const;

  const ast::Definition *modelDefinition = nullptr;
  std::vector<const ast::Definition *> definitions;
  std::map<std::string, const ast::Expr *> trainValues;
  std::map<Target, Override> overrides;
};

/// Checks how the data's format is written: its name, its arguments and their values.
void checkDataFormat(const ast::Expr &data, DiagnosticSink &sink);

} // namespace moe::frontend
