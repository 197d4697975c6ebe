//===- TrainLoop.cpp - steps, validations, checkpoints ----------*- C++ -*-===//
#include "lib/Training/TrainerImpl.h"

#include <algorithm>

using namespace moe;

//===-- Validation -------------------------------------------------------------------===//

int64_t Trainer::Impl::validationBlocks() const {
  if (settings.evalBlocks)
    return settings.evalBlocks;
  int64_t rowTokens = static_cast<int64_t>(data[Split::valid].ids.size()) / settings.batch;
  return std::max<int64_t>(1, (rowTokens - 1) / settings.context / 10);
}

Status Trainer::Impl::validate(int64_t blocks, bool isFinal, Evaluation &evaluation) {
  EvaluateOptions how;
  how.maxBlocks = blocks;
  how.stop = options.stop;
  Status status = evaluate(executable, shared, pool, data.vocabulary, data[Split::valid], Split::valid, how, evaluation);
  if (!status)
    return status;
  if (options.hooks.onValidation)
    options.hooks.onValidation(state.step, evaluation);
  return log.write(state.step, evaluation, isFinal);
}

bool Trainer::Impl::isValidationDue() const {
  return settings.evalEvery && state.step && state.step % settings.evalEvery == 0 && state.validated != state.step;
}

Status Trainer::Impl::validateWhileTraining(TrainResult &result) {
  Evaluation evaluation;
  if (Status status = validate(validationBlocks(), false, evaluation); !status)
    return isStopped() ? Status::success() : keepState(status, result); // a run that goes on makes up for it
  state.validated = state.step;
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

Status Trainer::Impl::run(TrainResult &result) {
  result = {};
  if (isValidationDue()) // the run was stopped in it
    if (Status status = validateWhileTraining(result); !status)
      return status;
  while (state.step < settings.steps && !isStopped() && !isPatienceOver()) {
    StepMetrics metrics;
    if (Status status = step(metrics); !status)
      return keepState(status, result);
    if (Status status = afterStep(metrics, result); !status)
      return status;
  }
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
    Status status = validate(0, true, evaluation);
    if (status)
      result.validation = evaluation;
    else if (!isStopped())
      return status;
  }
  result.stopped = isStopped();
  return Status::success();
}

//===-- Checkpoints --------------------------------------------------------------------===//

std::vector<const Buffer *> Trainer::Impl::getSaved() const {
  std::vector<const Buffer *> saved;
  for (BindingKind kind : {BindingKind::param, BindingKind::state, BindingKind::opt})
    for (const Buffer *buffer : shared.all(kind))
      saved.push_back(buffer);
  for (const Buffer *buffer : trainLocal.all(BindingKind::stream))
    saved.push_back(buffer);
  return saved;
}

Status Trainer::Impl::save(const std::string &path) {
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
