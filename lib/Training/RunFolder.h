//===- RunFolder.h - what lies where in a run folder ------------*- C++ -*-===//
#pragma once

#include "moe/Training.h"

namespace moe {

class RunFolder {
public:
  explicit RunFolder(std::string folder) : folder(std::move(folder)) {}

  std::string getDescription() const;
  std::string getVocabulary() const;
  std::string getMetrics() const;
  std::string getCheckpoints() const;
  std::string getCheckpoint(int64_t step) const;
  std::string getBest() const;

  /// Makes the folder; run.json is written last. Fails when a run is there already.
  Status create(const RunDescription &run, const Vocabulary &vocabulary) const;

  /// The numbered checkpoints, newest first.
  std::vector<std::string> listCheckpoints() const;
  /// Removes all but the newest.
  void prune(int64_t keep) const;

private:
  std::string folder;
};

} // namespace moe
