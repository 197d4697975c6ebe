//===- TrainLoop.cpp - steps, validations, checkpoints ----------*- C++ -*-===//
#include "lib/Training/TrainerImpl.h"

#include <algorithm>

using namespace moe;

//===-- Validation -------------------------------------------------------------------===//

/// As in the papers' code a validation has a tenth of the blocks that are trained on between two, and no more than one pass has.
int64_t Trainer::Impl::validationBlocks() const {
  if (!validation)
    return 0;
  int64_t blocks = settings.evalBlocks ? settings.evalBlocks : std::max<int64_t>(1, settings.evalEvery / 10);
  return std::min(blocks, validation->getPassBlocks());
}

Status Trainer::Impl::report(const Evaluation &evaluation, bool isFinal) {
  if (options.hooks.onValidation)
    options.hooks.onValidation(state.step, evaluation);
  return log.write(state.step, evaluation, isFinal);
}

Status Trainer::Impl::validateAtEnd(Evaluation &evaluation) {
  EvaluateOptions how;
  how.stop = options.stop;
  Profile::Phase phase(options.profile, "validation");
  Status status = evaluate(executable, shared, pool, data.vocabulary, data[Split::valid], Split::valid, how, evaluation);
  return status ? report(evaluation, true) : status;
}

bool Trainer::Impl::isValidationDue() const {
  return settings.evalEvery && state.step && state.step % settings.evalEvery == 0 && state.validated != state.step;
}

Status Trainer::Impl::validateWhileTraining(TrainResult &result) {
  Evaluation evaluation;
  EvaluateOptions how;
  how.stop = options.stop;
  how.observer = options.profile ? options.profile->getObserver() : nullptr;
  Profile::Phase phase(options.profile, "validation");
  if (Status status = validation->run(validationBlocks(), how, evaluation); !status)
    return isStopped() ? Status::success() : keepState(status, result); // a run that goes on makes up for it
  state.validated = state.step;
  state.validPosition = validation->getPosition();
  if (Status status = report(evaluation, false); !status)
    return keepState(status, result);
  if (evaluation.loss >= state.bestLoss) {
    ++state.worseValidations;
    return Status::success();
  }
  state.bestLoss = evaluation.loss;
  state.worseValidations = 0;
  return hasFolder() ? save(folder.getBest()) : Status::success();
}

//===-- The loop ---------------------------------------------------------------------===//

Status Trainer::Impl::afterStep(const StepMetrics &metrics, TrainResult &result) {
  int64_t step = metrics.step;
  if (step % settings.logEvery == 0 || step == settings.steps)
    if (Status status = log.write(metrics); !status)
      return status;
  const Progress &shown = progress.add(metrics);
  if (options.hooks.onStep)
    options.hooks.onStep(metrics, shown);
  if (isValidationDue())
    if (Status status = validateWhileTraining(result); !status)
      return status;
  if (settings.checkpointEvery && step % settings.checkpointEvery == 0)
    return saveNumbered();
  return Status::success();
}

Status Trainer::Impl::advance(StepMetrics &metrics, TrainResult &result) {
  metrics = {};
  if (isValidationDue()) // the run was stopped in it
    if (Status status = validateWhileTraining(result); !status)
      return status;
  if (state.step >= settings.steps || isStopped() || isPatienceOver())
    return Status::success();
  if (Status status = step(metrics); !status)
    return keepState(status, result);
  return afterStep(metrics, result);
}

Status Trainer::Impl::run(TrainResult &result) {
  result = {};
  StepMetrics metrics;
  do
    if (Status status = advance(metrics, result); !status)
      return status;
  while (metrics.step);
  return finish(result);
}

Status Trainer::Impl::keepState(Status failure, TrainResult &result) {
  result.steps = state.step;
  if (hasFolder() && saveNumbered().ok())
    result.checkpoint = lastCheckpoint;
  return failure;
}

Status Trainer::Impl::finish(TrainResult &result) {
  result.steps = state.step;
  result.patienceOver = isPatienceOver();
  if (hasFolder())
    if (Status status = saveNumbered(); !status)
      return status;
  result.checkpoint = lastCheckpoint;
  Evaluation evaluation;
  if (!isStopped()) {
    Status status = validateAtEnd(evaluation);
    if (status)
      result.validation = evaluation;
    else if (!isStopped())
      return status;
  }
  result.stopped = isStopped();
  return Status::success();
}

//===-- Checkpoints --------------------------------------------------------------------===//

SavedBuffers Trainer::Impl::getSaved() const {
  SavedBuffers saved;
  for (BindingKind kind : {BindingKind::param, BindingKind::state, BindingKind::opt})
    for (const Buffer *buffer : shared.all(kind))
      saved.training.push_back(buffer);
  for (const Buffer *buffer : trainLocal.all(BindingKind::stream))
    saved.training.push_back(buffer);
  if (validation)
    saved.validation = validation->getStreams();
  return saved;
}

Status Trainer::Impl::save(const std::string &path) {
  Profile::Phase phase(options.profile, "checkpoint");
  // No checkpoint is to know of a step that metrics.jsonl does not.
  if (Status status = log.sync(); !status)
    return status;
  if (Status status = writeCheckpoint(path, state, getSaved()); !status)
    return status;
  if (options.hooks.onCheckpoint)
    options.hooks.onCheckpoint(state.step, path);
  return Status::success();
}

Status Trainer::Impl::saveNumbered() {
  std::string path = folder.getCheckpoint(state.step);
  if (!hasFolder() || path == lastCheckpoint)
    return Status::success();
  if (Status status = save(path); !status)
    return status;
  lastCheckpoint = path;
  folder.prune(settings.keep);
  return Status::success();
}
