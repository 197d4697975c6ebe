//===- RunFolder.h - what lies where in a run folder ------------*- C++ -*-===//
#pragma once

#include "lib/Training/RunLock.h"
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
  std::string getLock() const;

  /// Makes the folder and locks it; `writeDescription` makes it a run. Fails when something else is there; what a process left that was killed
  /// before it wrote run.json is no run and is written over.
  Status create(const Vocabulary &vocabulary, RunLock &lock) const;
  Status writeDescription(const RunDescription &run) const;
  Status readDescription(RunDescription &run) const;

  /// The numbered checkpoints, newest first.
  std::vector<std::string> listCheckpoints() const;
  /// Removes all but the newest.
  void prune(int64_t keep) const;
  /// Renames a checkpoint that cannot be read, so that it no longer counts as one.
  void putAside(const std::string &checkpoint) const;
  /// Removes the files that a killed process was writing. The lock must be held.
  void removeTemporaries() const;

private:
  Status requireVacant() const;
  Status fill(const Vocabulary &vocabulary) const;
  std::string folder;
};

} // namespace moe
