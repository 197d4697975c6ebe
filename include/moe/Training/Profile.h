//===- Profile.h - where the time of a step goes ----------------*- C++ -*-===//
//
// A trace of some steps of a run, or of some blocks of an evaluation, in the Trace Event format that Perfetto and Chrome show, and the sums of its launches.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "moe/Training/LaunchSums.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace moe {

struct ProfileSummary {
  int64_t steps = 0;
  double stepSeconds = 0;            ///< of all of them, without validations and checkpoints between
  std::vector<LaunchTimes> launches; ///< of the steps, most time first
};

/// What is recorded changes no result. Steps that are not recorded cost one test a phase, and nothing a launch.
class Profile {
public:
  struct Steps {
    int64_t first = 1, last = 1;
  };

  /// Makes a file beside `path` that becomes it when the profile is closed. Without `steps`: the first ten that the run does. `unit` is what it calls one:
  /// step, block.
  static Status open(const std::string &path, std::optional<Steps> steps, const std::string &unit, std::unique_ptr<Profile> &profile);
  ~Profile();

  /// Fails when `what`, which has done `done` of `total` steps, has none of the steps left.
  Status requireSteps(const std::string &what, int64_t done, int64_t total);
  /// Who is to be told of launches; null when they are not recorded.
  RunObserver *getObserver();
  /// Writes the rest. When anything could not be written, no file is left.
  Status close();
  ProfileSummary getSummary() const;

  /// A part of the work, from here to the end of the scope. Scopes nest.
  class Phase {
  public:
    Phase(Profile *profile, const char *name);
    ~Phase();
    Phase(const Phase &) = delete;
    Phase &operator=(const Phase &) = delete;

  private:
    Profile *profile; ///< null: not recorded
    const char *name;
    std::chrono::steady_clock::time_point begin;
  };

  /// A step. What follows it is recorded as well, up to the next one.
  class Step {
  public:
    Step(Profile *profile, int64_t number);
    ~Step();
    Step(const Step &) = delete;
    Step &operator=(const Step &) = delete;

  private:
    Profile *profile; ///< null: not recorded
    int64_t number;
    std::chrono::steady_clock::time_point begin;
  };

private:
  struct Impl;
  explicit Profile(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl;
};

} // namespace moe
