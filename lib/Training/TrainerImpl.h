//===- TrainerImpl.h - what a trainer is made of ----------------*- C++ -*-===//
#pragma once

#include "lib/Training/Checkpoint.h"
#include "lib/Training/MetricsLog.h"
#include "lib/Training/Progress.h"
#include "lib/Training/RunFolder.h"
#include "lib/Training/Snapshot.h"
#include "lib/Training/RollingValidation.h"
#include "lib/Training/UpdateCheck.h"

namespace moe {

struct Trainer::Impl {
  Impl(const Executable &executable, std::shared_ptr<const TextData> text, TrainOptions options, const TrainSettings &settings)
      : executable(executable), text(std::move(text)), data(*this->text), options(std::move(options)), settings(settings), pool(settings.threads),
        progress(settings.steps), folder(this->options.out) {}

  // Trainer.cpp: set-up and one step.
  static Status make(const Executable &executable, std::shared_ptr<const TextData> data, TrainOptions options, std::unique_ptr<Trainer> &trainer);
  Status prepare();
  Status bind(const Program &trainProgram, const Program &updateProgram);
  Status createFolder();
  void describe(RunDescription &run) const;
  Status step(StepMetrics &metrics);
  /// Lets the profile, if it records this step, be told of its launches.
  Status observeStep();
  /// The step, or what is wrong with it and its number. Afterwards model and stream state are those of the attempt.
  Status attempt(int64_t number, StepMetrics &metrics);
  Status compute(int64_t number, StepMetrics &metrics);
  Status runMicroBatches(int64_t number, StepMetrics &metrics);
  Status update(int64_t number, StepMetrics &metrics);
  Status requireFiniteUpdate(int64_t number, StepMetrics &metrics);
  /// Fails when the step has put the first infinity or nan into one of these buffers.
  Status requireFinite(const StepMetrics &metrics, const char *where, const std::vector<const Buffer *> &buffers, const Snapshot &earlier);

  // TrainLoop.cpp: steps, validations, checkpoints.
  Status run(TrainResult &result);
  Status advance(StepMetrics &metrics, TrainResult &result);
  Status afterStep(const StepMetrics &metrics, TrainResult &result);
  Status validateWhileTraining(TrainResult &result);
  Status validateAtEnd(Evaluation &evaluation);
  Status report(const Evaluation &evaluation, bool isFinal);
  bool isValidationDue() const;
  bool isPatienceOver() const { return settings.patience && state.worseValidations >= settings.patience; }
  SavedBuffers getSaved() const;
  Status save(const std::string &path);
  Status saveNumbered();
  Status keepState(Status failure, TrainResult &result);
  Status finish(TrainResult &result);
  int64_t validationBlocks() const;

  // Resume.cpp: a run that goes on.
  Status restore(const std::string &checkpoint);
  Status restoreNewest(std::vector<std::string> &skipped);
  Status reopenFolder(std::vector<std::string> &skipped);

  // Replay.cpp: one step, looked at.
  Status diagnose(const Executable &unfused, bool keepGiven, StepDiagnosis &diagnosis);
  Status restoreBefore(const Run &run, int64_t step, std::vector<std::string> &skipped);
  Status goTo(int64_t step);
  Status observe(const Executable &unfused, const char *name, BufferStore &local, RunObserver &observer, std::unique_ptr<Runner> &runner);
  std::string tryStep(StepMetrics &metrics);

  // Estimate.cpp
  Status estimate(RunEstimate &estimate);
  void countBytes(RunEstimate &estimate) const;

  bool isStopped() const { return options.stop && *options.stop; }
  bool hasFolder() const { return !options.out.empty(); }

  const Executable &executable;
  std::shared_ptr<const TextData> text;
  const TextData &data; ///< *text
  TrainOptions options;
  TrainSettings settings;
  ThreadPool pool;

  BufferStore shared, trainLocal, updateLocal;
  std::unique_ptr<Runner> train, updateRunner;
  int32_t *tokens = nullptr, *targets = nullptr;
  std::vector<int32_t> tokenScratch, targetScratch;
  BlockStream stream;
  UpdateCheck updateCheck;
  Snapshot before; ///< of what @train changes and a later step reads
  std::optional<RollingValidation> validation; ///< while training; none without eval_every

  Manifest state; ///< step, seed, position, validations
  ProgressMeter progress;
  RunFolder folder;
  RunLock lock;
  MetricsLog log;
  std::string lastCheckpoint; ///< the newest that holds a state of this run
};

/// Hash of the ids of each split, as run.json has it.
std::map<std::string, std::string> hashesOf(const TextData &data);
/// How a text differs from the one that a run was trained on, in words, counts or the order of its tokens; empty: not at all.
std::string describeDifference(const TextData &data, const Run &run);

} // namespace moe
