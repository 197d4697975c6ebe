//===- RunLock.h - one process trains a run ---------------------*- C++ -*-===//
#pragma once

#include "moe/Runtime.h"

namespace moe {

/// Holds the lock file of a run folder. The system lets go of it when the process ends, however it ends.
class RunLock {
public:
  RunLock() = default;
  ~RunLock();
  RunLock(const RunLock &) = delete;
  RunLock &operator=(const RunLock &) = delete;

  /// Fails when another process, or another trainer of this one, holds it.
  Status acquire(const std::string &path);
  /// Whether somebody holds it at this moment; what was never locked is not.
  static bool isHeld(const std::string &path);

private:
  int descriptor = -1;
};

} // namespace moe
