//===- Estimate.cpp - what a run would cost ---------------------*- C++ -*-===//
#include "lib/Training/Guard.h"
#include "lib/Training/TrainerImpl.h"

#include <algorithm>

using namespace moe;

static constexpr int64_t measuredSteps = 2, measuredBlocks = 2;

static int64_t bytesOf(const BufferStore &store, std::initializer_list<BindingKind> kinds) {
  int64_t bytes = 0;
  for (BindingKind kind : kinds)
    for (const Buffer *buffer : store.all(kind))
      bytes += buffer->bytes();
  return bytes;
}

void Trainer::Impl::countBytes(RunEstimate &estimate) const {
  estimate.parameterBytes = bytesOf(shared, {BindingKind::param});
  estimate.gradientBytes = bytesOf(shared, {BindingKind::grad});
  estimate.optimizerBytes = bytesOf(shared, {BindingKind::opt});
  estimate.stateBytes = bytesOf(shared, {BindingKind::state, BindingKind::tally}) + bytesOf(trainLocal, {BindingKind::stream});
  estimate.snapshotBytes = before.getBytes();
  if (validation)
    for (const Buffer *buffer : validation->getStreams()) {
      estimate.stateBytes += buffer->bytes();
      estimate.snapshotBytes += buffer->bytes();
    }
  for (const Program &program : executable.programs)
    if (program.name != "decode") // @eval has an arena of its own while it runs
      estimate.arenaBytes += program.temporaryBytes();
  estimate.checkpointBytes = checkpointBytes(state, getSaved());
}

Status Trainer::Impl::estimate(RunEstimate &estimate) {
  estimate = {};
  countBytes(estimate);
  double seconds = 0;
  for (int64_t i = 0; i <= measuredSteps; ++i) { // the first one finds its memory untouched and is not counted
    StepMetrics metrics;
    if (Status status = step(metrics); !status)
      return status;
    seconds += i ? metrics.seconds : 0;
  }
  estimate.secondsPerStep = seconds / measuredSteps;
  estimate.tokensPerSecond = static_cast<double>(settings.batch * settings.context) / estimate.secondsPerStep;

  BlockStream valid;
  Evaluation measured;
  EvaluateOptions how;
  how.maxBlocks = measuredBlocks;
  if (Status status = BlockStream::create(data[Split::valid], settings.batch, settings.context, 0, valid); !status)
    return status;
  if (Status status = evaluate(executable, shared, pool, data.vocabulary, data[Split::valid], Split::valid, how, measured); !status)
    return status;
  int64_t partial = settings.evalEvery ? settings.steps / settings.evalEvery : 0;
  estimate.steps = settings.steps;
  estimate.validations = partial + 1;
  estimate.stepSeconds = estimate.secondsPerStep * static_cast<double>(settings.steps);
  estimate.validationSeconds = measured.seconds / static_cast<double>(measured.blocks) *
                               static_cast<double>(partial * validationBlocks() + valid.getBlocks());
  int64_t every = settings.checkpointEvery, numbered = every ? std::max<int64_t>(1, (settings.steps + every - 1) / every) : 1;
  estimate.checkpointsKept = std::min(numbered, settings.keep) + (partial ? 1 : 0);
  return Status::success();
}

Status Trainer::estimate(RunEstimate &estimate) {
  return guarded("training", [&] { return impl->estimate(estimate); });
}
