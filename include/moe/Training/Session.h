//===- Session.h - a model driven by its host -------------------*- C++ -*-===//
//
// The programs of an executable bound to buffers of their own: a host writes token ids into them, runs a step and reads losses and tensors where
// they are. The trainer does the same over a text and adds validations, metrics and checkpoints.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "moe/Training/Settings.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace moe {

struct SessionOptions {
  std::optional<uint64_t> seed; ///< instead of the file's
  std::optional<int> threads;
};

/// Any number of sessions share one executable. A session is used by one thread at a time.
class Session {
public:
  /// The executable must outlive the session. Parameters start as the trainer's with the same seed do.
  static Status create(const Executable &executable, const SessionOptions &options, std::unique_ptr<Session> &session);
  ~Session();

  const TrainSettings &getSettings() const;
  int64_t getStep() const; ///< steps done
  int64_t getMicroBatches() const; ///< done since the last update

  /// What `program` (train, update, eval, decode) reads or writes under this name; null when there is no such buffer. @train and @update share
  /// parameters, state, optimiser state, gradients and tallies with the others; inputs, streams and results are each program's own. Buffers stay
  /// where they are while the session lives. A gradient holds what the last micro-batch left, until the next one runs.
  Buffer *find(std::string_view program, BindingKind kind, std::string_view name);
  bool hasProgram(std::string_view program) const;

  /// Fails when an id of the program's inputs is not one of the vocabulary. Whatever runs a program looks first.
  Status checkInputs(std::string_view program) const;

  /// One step on what is in @train's inputs, batch x context ids each: all micro-batches and the update. A step that fails leaves nothing behind.
  /// `loss` is the mean over the micro-batches.
  Status step(double &loss);
  /// The parts of a step, for hosts that look between them: the next micro-batch (`getMicroBatches` says which), then, after the last one, the
  /// update. Nothing undoes these; a loss that is not finite fails.
  Status runMicroBatch(double &loss);
  Status update();
  /// Runs @eval or @decode on its inputs.
  Status run(std::string_view program);
  /// Who is told of every launch of every program; null: nobody. Must outlive what is run.
  Status observe(RunObserver *observer);
  /// Gives a program's streams their first value, as a text that starts anew needs it.
  Status resetStreams(std::string_view program);

  /// Checkpoints as the trainer's, without a position in a text. After `load` the next step is the one after it.
  Status save(const std::string &path) const;
  Status load(const std::string &path);

private:
  Session();
  struct Impl;
  std::unique_ptr<Impl> impl;
};

} // namespace moe
