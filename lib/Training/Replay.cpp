//===- Replay.cpp - a step of a run, looked at ------------------*- C++ -*-===//
#include "moe/Training/Replay.h"

#include "lib/Training/Guard.h"
#include "lib/Training/NonFiniteTrace.h"
#include "lib/Training/Programs.h"
#include "lib/Training/TrainerImpl.h"

#include <limits>

using namespace moe;

//===-- To the step before ---------------------------------------------------------------===//

Status Trainer::Impl::restoreBefore(const Run &run, int64_t step, std::vector<std::string> &skipped) {
  for (const std::string &path : run.checkpoints) {
    TensorFile file;
    Manifest manifest;
    if (Status status = openCheckpoint(path, file, manifest); !status) {
      skipped.push_back(status.error);
      continue;
    }
    if (manifest.step < step)
      return restore(path);
  }
  if (!run.description.start.empty())
    return Status::failure(run.folder + ": begun from weights of elsewhere, and no checkpoint is from before step " + std::to_string(step));
  return Status::success(); // a trainer is made in the state of no step
}

Status Trainer::Impl::goTo(int64_t step) {
  while (state.step + 1 < step) {
    if (isStopped())
      return Status::failure("stopped before step " + std::to_string(state.step + 1));
    StepMetrics metrics;
    if (Status status = this->step(metrics); !status)
      return status;
    if (options.hooks.onStep)
      options.hooks.onStep(metrics, progress.add(metrics));
  }
  return Status::success();
}

Status Trainer::openBefore(const Executable &executable, TextData data, const Run &run, std::optional<int64_t> step, TrainOptions options,
                           std::unique_ptr<Trainer> &trainer, std::vector<std::string> &skipped, bool &failedRun) {
  failedRun = false;
  return guarded("training", [&] {
    const RunDescription &description = run.description;
    if (std::string difference = describeDifference(data, run); !difference.empty())
      return Status::failure((options.description.data.empty() ? description.data : options.description.data) +
                             ": not the text that the run was trained on: " + difference);
    options.out.clear();
    options.seed = description.seed;
    options.steps = description.steps;
    options.threads = options.threads.value_or(description.threads);
    std::unique_ptr<Trainer> made;
    if (Status status = Impl::make(executable, std::make_shared<const TextData>(std::move(data)), std::move(options), made); !status)
      return status;
    if (Status status = made->impl->restoreBefore(run, step.value_or(std::numeric_limits<int64_t>::max()), skipped); !status)
      return status;
    if (Status status = made->impl->goTo(step.value_or(0)); !status) {
      failedRun = true;
      return status;
    }
    trainer = std::move(made);
    return Status::success();
  });
}

//===-- The step -----------------------------------------------------------------------===//

namespace {
/// Two runners change places for as long as it lives.
class Exchange {
public:
  Exchange(std::unique_ptr<Runner> &a, std::unique_ptr<Runner> &b) : a(a), b(b) { std::swap(a, b); }
  ~Exchange() { std::swap(a, b); }
  Exchange(const Exchange &) = delete;
  Exchange &operator=(const Exchange &) = delete;

private:
  std::unique_ptr<Runner> &a, &b;
};
} // namespace

Status Trainer::Impl::observe(const Executable &unfused, const char *name, BufferStore &local, RunObserver &observer,
                              std::unique_ptr<Runner> &runner) {
  const Program *program = nullptr;
  if (Status status = requireProgram(unfused, name, program); !status)
    return status;
  runner = std::make_unique<Runner>(unfused, *program, pool);
  if (Status status = runner->bind({&local, &shared}); !status)
    return status;
  return runner->observe(&observer);
}

/// What is wrong with the next step; empty: nothing. Afterwards everything is as before.
std::string Trainer::Impl::tryStep(StepMetrics &metrics) {
  BlockStream streamBefore = stream;
  std::vector<Buffer *> changed = updatedBuffers(shared);
  for (Buffer *buffer : trainLocal.all(BindingKind::stream))
    changed.push_back(buffer);
  Snapshot all;
  all.watch(changed);
  all.take(pool);
  before.take(pool);
  Status status = attempt(state.step + 1, metrics);
  all.restore(pool);
  stream = streamBefore;
  return status.error;
}

Status Trainer::Impl::diagnose(const Executable &unfused, bool keepGiven, StepDiagnosis &diagnosis) {
  NonFiniteTrace trace(pool, keepGiven);
  std::unique_ptr<Runner> observedTrain, observedUpdate;
  if (Status status = observe(unfused, "train", trainLocal, trace, observedTrain); !status)
    return status;
  if (Status status = observe(unfused, "update", updateLocal, trace, observedUpdate); !status)
    return status;
  diagnosis.step = state.step + 1;
  StepMetrics asRun;
  diagnosis.failure = tryStep(asRun);
  std::unique_ptr<Runner> unfusedCheck;
  if (Status status = updateCheck.makeRunner(unfused, unfusedCheck); !status)
    return status;
  Exchange trains(train, observedTrain), updates(updateRunner, observedUpdate), checks(updateCheck.runner, unfusedCheck);
  diagnosis.unfusedFailure = tryStep(diagnosis.metrics);
  trace.report(diagnosis);
  return Status::success();
}
