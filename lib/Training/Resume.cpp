//===- Resume.cpp - a run that goes on --------------------------*- C++ -*-===//
#include "lib/Training/FolderAccess.h"
#include "lib/Training/Guard.h"
#include "lib/Training/TrainerImpl.h"

using namespace moe;

//===-- The state of a checkpoint ------------------------------------------------------===//

Status Trainer::Impl::restore(const std::string &checkpoint) {
  TensorFile file;
  Manifest manifest;
  if (Status status = openCheckpoint(checkpoint, file, manifest); !status)
    return status;
  if (manifest.vocabulary != state.vocabulary)
    return Status::failure(checkpoint + ": made with a vocabulary of " + std::to_string(manifest.vocabulary) + ", the data has " +
                           std::to_string(state.vocabulary));
  BlockStream there;
  if (Status status = BlockStream::create(data[Split::train], settings.batch, settings.context, manifest.seed, there); !status)
    return status;
  if (Status status = there.setPosition(manifest.position); !status)
    return Status::failure(checkpoint + ": " + status.error);
  if (Status status = readBuffers(checkpoint, file, shared, {BindingKind::param, BindingKind::state, BindingKind::opt}); !status)
    return status;
  if (Status status = readBuffers(checkpoint, file, trainLocal, {BindingKind::stream}); !status)
    return status;
  if (validation) {
    if (Status status = validation->setPosition(manifest.seed, manifest.validPosition); !status)
      return Status::failure(checkpoint + ": " + status.error);
    if (Status status = readValidation(checkpoint, file, validation->getStore()); !status)
      return status;
  }
  state = manifest;
  stream = there;
  return Status::success();
}

Status Trainer::restore(const std::string &checkpoint) {
  return guarded("a checkpoint", [&] { return impl->restore(checkpoint); });
}

Status Trainer::Impl::restoreNewest(std::vector<std::string> &skipped) {
  std::vector<std::string> found = folder.listCheckpoints();
  for (const std::string &path : found) {
    Status status = restore(path);
    if (!status) {
      skipped.push_back(status.error);
      continue;
    }
    lastCheckpoint = path;
    for (const std::string &newer : found) // else they would count among the `keep` that stay
      if (newer == path)
        break;
      else
        folder.putAside(newer);
    folder.prune(settings.keep); // the run may have been killed before it did
    return status;
  }
  // A run that was killed before its first checkpoint starts again: a trainer is made in the state of no step.
  return found.empty() ? requireListing(folder.getCheckpoints()) : Status::failure(options.out + ": none of its checkpoints can be read");
}

//===-- The folder -----------------------------------------------------------------------===//

Status Trainer::Impl::reopenFolder(std::vector<std::string> &skipped) {
  if (Status status = lock.acquire(folder.getLock()); !status)
    return status;
  folder.removeTemporaries();
  if (Status status = restoreNewest(skipped); !status)
    return status;
  if (options.profile)
    if (Status status = options.profile->requireSteps("the run", state.step, settings.steps); !status)
      return status;
  if (settings.steps < state.step)
    return Status::failure(options.out + ": the run has done " + std::to_string(state.step) + " steps already, more than " +
                           std::to_string(settings.steps));
  auto stays = [&](const MetricsLog::Line &line) {
    if (line.isValidation)
      return line.step <= state.validated && !line.isFinal;
    return line.step <= state.step && (line.step % settings.logEvery == 0 || line.step == settings.steps);
  };
  if (Status status = log.reopen(folder.getMetrics(), stays); !status)
    return status;
  if (options.tensorboard || EventFile::exists(options.out))
    if (Status status = log.openEvents(options.out, state.step + 1); !status)
      return status;
  describe(options.description);
  return folder.writeDescription(options.description);
}

/// In words or counts.
static std::string describeDifference(const Vocabulary &found, const Vocabulary &expected) {
  if (found.size() != expected.size())
    return "a vocabulary of " + std::to_string(found.size()) + ", the run has one of " + std::to_string(expected.size());
  for (int32_t id = 0; id < found.size(); ++id) {
    if (found.getWord(id) != expected.getWord(id))
      return "word " + std::to_string(id) + " is '" + std::string(found.getWord(id)) + "', in the run it is '" +
             std::string(expected.getWord(id)) + "'";
    if (found.getCount(id) != expected.getCount(id))
      return "'" + std::string(found.getWord(id)) + "' occurs " + std::to_string(found.getCount(id)) + " times in the training text, in the run's " +
             std::to_string(expected.getCount(id)) + " times";
  }
  return "";
}

std::map<std::string, std::string> moe::hashesOf(const TextData &data) {
  std::map<std::string, std::string> hashes;
  for (Split split : splits) {
    char text[17];
    std::snprintf(text, sizeof(text), "%016llx", static_cast<unsigned long long>(data[split].hash));
    hashes[toString(split)] = text;
  }
  return hashes;
}

std::string moe::describeDifference(const TextData &data, const Run &run) {
  if (std::string difference = ::describeDifference(data.vocabulary, run.vocabulary); !difference.empty())
    return difference;
  for (const auto &[split, hash] : hashesOf(data))
    if (auto it = run.description.text.find(split); it != run.description.text.end() && it->second != hash)
      return "the tokens of " + split + " are others, or in another order";
  return "";
}

Status Trainer::resume(const Executable &executable, TextData data, const Run &run, TrainOptions options, std::unique_ptr<Trainer> &trainer,
                       std::vector<std::string> &skipped) {
  return guarded("training", [&] {
    RunDescription description = run.description;
    if (!options.description.data.empty())
      description.data = options.description.data;
    if (std::string difference = describeDifference(data, run); !difference.empty())
      return Status::failure(description.data + ": not the text that the run was trained on: " + difference);
    options.out = run.folder;
    options.seed = description.seed;
    options.steps = options.steps.value_or(description.steps);
    options.threads = options.threads.value_or(description.threads);
    options.description = std::move(description);
    std::unique_ptr<Trainer> made;
    if (Status status = Impl::make(executable, std::make_shared<const TextData>(std::move(data)), std::move(options), made); !status)
      return status;
    if (Status status = made->impl->reopenFolder(skipped); !status)
      return status;
    trainer = std::move(made);
    return Status::success();
  });
}
