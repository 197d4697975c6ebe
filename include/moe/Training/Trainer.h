//===- Trainer.h - the training loop ----------------------------*- C++ -*-===//
//
// Steps, validations, metrics and checkpoints; runs that go on; what a run will take.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "moe/Training/Profile.h"
#include "moe/Training/Run.h"

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace moe {

struct NamedValues {
  std::string name;
  std::vector<float> values; ///< means over the micro-batches
};

struct StepMetrics {
  int64_t step = 0; ///< from 1
  double loss = 0, perplexity = 0;
  std::map<std::string, double> metrics; ///< of the update: lr, grad_norm
  std::map<std::string, double> aux;
  std::vector<NamedValues> probes;
  double seconds = 0, tokensPerSecond = 0;
};

/// What a progress bar shows, from what the steps said.
struct Progress {
  int64_t step = 0, steps = 0;
  double loss = 0, perplexity = 0;     ///< smoothed over about 20 steps
  double tokensPerSecond = 0, secondsLeft = 0;
  bool hasLoad = false;
  double minLoad = 0, maxLoad = 0;     ///< smallest and largest share of an expert over all `load` probes; they sum to 1 in each
};

struct TrainHooks {
  std::function<void(const StepMetrics &, const Progress &)> onStep;
  std::function<void(int64_t step, const Evaluation &)> onValidation;
  std::function<void(int64_t step, const std::string &path)> onCheckpoint;
};

struct TrainOptions {
  std::string out; ///< run folder; empty: nothing is written
  RunDescription description;
  std::optional<int64_t> steps;   ///< instead of the file's
  std::optional<uint64_t> seed;
  std::optional<int> threads;
  bool tensorboard = false; ///< write TensorBoard's event files too; a run that has some goes on with them
  /// Gives parameters and model state other values than their initialisers do. A run folder then has a checkpoint before the first step.
  std::function<Status(BufferStore &)> start;
  const std::atomic<bool> *stop = nullptr; ///< when it becomes true, the step is finished, a checkpoint written, and `run` returns
  TrainHooks hooks;
  Profile *profile = nullptr; ///< is told what the steps do; must outlive the trainer
};

struct TrainResult {
  int64_t steps = 0;        ///< done
  bool stopped = false;     ///< by the flag
  bool patienceOver = false;
  std::string checkpoint;   ///< of the state after the last step, also when the run failed
  std::optional<Evaluation> validation; ///< of the whole validation text at the end; none when stopped
};

/// What a run will take.
struct RunEstimate {
  int64_t steps = 0, validations = 0;
  double secondsPerStep = 0, tokensPerSecond = 0;   ///< measured
  double stepSeconds = 0, validationSeconds = 0;    ///< of the whole run
  int64_t parameterBytes = 0, gradientBytes = 0, optimizerBytes = 0, stateBytes = 0; ///< state: of the model and of its streams
  int64_t snapshotBytes = 0;                        ///< the copy that a failed step is undone from
  int64_t arenaBytes = 0;                           ///< activations and temporaries of @train, @update and @eval
  int64_t checkpointBytes = 0, checkpointsKept = 0;

  int64_t memoryBytes() const {
    return parameterBytes + gradientBytes + optimizerBytes + stateBytes + snapshotBytes + arenaBytes;
  }
};

struct StepDiagnosis; // Replay.h

/// A step that fails leaves nothing behind: parameters, optimiser, model and stream state stay those of the step before.
class Trainer {
public:
  /// The executable must outlive the trainer. Makes the run folder and locks it.
  static Status create(const Executable &executable, TextData data, TrainOptions options, std::unique_ptr<Trainer> &trainer);
  /// The same over a text that others use too.
  static Status create(const Executable &executable, std::shared_ptr<const TextData> data, TrainOptions options, std::unique_ptr<Trainer> &trainer);
  /// Goes on with a run, bit for bit as if it had not ended, on any number of threads: locks its folder, takes up its newest whole
  /// checkpoint (before the first one: starts again) and cuts metrics.jsonl back to it. `executable` is that of the run's description.
  /// Of the options count steps (the total), threads, stop, hooks and, where the data folder has moved, description.data. `skipped` gets
  /// the reasons why newer checkpoints were refused.
  static Status resume(const Executable &executable, TextData data, const Run &run, TrainOptions options, std::unique_ptr<Trainer> &trainer,
                       std::vector<std::string> &skipped);
  /// A trainer in the state before `step` of a run: from its newest whole checkpoint before it, or the start, and on from there step by step; without
  /// `step`, in that of the newest checkpoint. Nothing in the run's folder is touched. Of the options count threads, stop, hooks.onStep and description.data. `skipped` gets the reasons why
  /// checkpoints were refused; `failedRun` tells a step that failed on the way from what was wrong before.
  static Status openBefore(const Executable &executable, TextData data, const Run &run, std::optional<int64_t> step, TrainOptions options,
                           std::unique_ptr<Trainer> &trainer, std::vector<std::string> &skipped, bool &failedRun);
  ~Trainer();

  /// Takes up the state of a checkpoint: the next step is the one after it, bit for bit as if training had not ended.
  Status restore(const std::string &checkpoint);
  /// One step: all micro-batches and the update.
  Status step(StepMetrics &metrics);
  /// Steps to the end, with validations, metrics and checkpoints.
  Status run(TrainResult &result);
  /// `run` in pieces, for a host that has its own loop: one step with the validation, the line of metrics and the checkpoint that are due after it.
  /// At the end, which `metrics.step` = 0 says, nothing is run; then `finish` writes the last checkpoint and validates.
  Status advance(StepMetrics &metrics, TrainResult &result);
  Status finish(TrainResult &result);
  Status saveCheckpoint(const std::string &path) const;
  /// The next step once as training runs it, and once with the programs of `unfused`, the same source compiled with CompileOptions::fuse = false,
  /// looking at every value. Whatever it finds, the state is afterwards as before. `keepGiven`: keep what the failing program was given.
  Status diagnose(const Executable &unfused, bool keepGiven, StepDiagnosis &diagnosis);
  /// Runs three steps, of which it measures two, and a little validation; for a trainer without a folder that does nothing else.
  Status estimate(RunEstimate &estimate);

  const TrainSettings &getSettings() const;
  std::shared_ptr<const TextData> getText() const;
  BufferStore &getParameters();
  int64_t getStep() const;

private:
  Trainer();
  struct Impl;
  std::unique_ptr<Impl> impl;
};

} // namespace moe
