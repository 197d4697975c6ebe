//===- Model.cpp - executables, parameters, vocabulary together -*- C++ -*-===//
#include "lib/Training/Checkpoint.h"
#include "lib/Training/FolderAccess.h"
#include "lib/Training/Guard.h"
#include "lib/Training/Programs.h"
#include "lib/Training/RunFolder.h"

using namespace moe;

Status moe::requireProgram(const Executable &executable, const char *name, const Program *&program) {
  program = executable.find(name);
  return program ? Status::success() : Status::failure(std::string("the executable has no program '") + name + "'");
}

Status moe::requireTokens(const Program &program, int64_t &rows, int64_t &context) {
  const Binding *tokens = findBinding(program, BindingKind::input, "tokens");
  if (!tokens || tokens->type != DType::i32 || tokens->shape.size() != 2)
    return Status::failure("@" + program.name + " does not read tokens");
  rows = tokens->shape[0];
  context = tokens->shape[1];
  return Status::success();
}

Status moe::checkVocabulary(const Executable &executable, const Vocabulary &vocabulary) {
  TrainSettings settings;
  if (Status status = parseSettings(executable.settings, settings); !status)
    return status;
  std::string entries = "the vocabulary has " + std::to_string(vocabulary.size()) + " entries";
  if (settings.vocabulary && settings.vocabulary != vocabulary.size())
    return Status::failure("the program was compiled for a vocabulary of " + std::to_string(settings.vocabulary) + ", " + entries);
  const Program *decode = executable.find("decode");
  const Binding *logits = decode ? findBinding(*decode, BindingKind::logits, "logits") : nullptr;
  if (logits && !logits->shape.empty() && logits->shape.back() < vocabulary.size())
    return Status::failure("the model gives logits for " + std::to_string(logits->shape.back()) + " words, " + entries);
  return Status::success();
}

int32_t *moe::inputOrScratch(BufferStore &store, std::string_view name, int64_t elements, std::vector<int32_t> &scratch) {
  if (Buffer *buffer = store.find(BindingKind::input, name))
    return buffer->as<int32_t>();
  scratch.resize(static_cast<size_t>(elements));
  return scratch.data();
}

Status Model::load(const Executable &executable, const std::string &checkpoint, Model &model) {
  return guarded("the model", [&] {
    Model loaded;
    for (const Program &program : executable.programs)
      if (program.name == "eval" || program.name == "decode")
        if (Status status = loaded.store.addShared(program); !status)
          return status;
    TensorFile file;
    Manifest manifest;
    if (Status status = openCheckpoint(checkpoint, file, manifest); !status)
      return status;
    if (Status status = readBuffers(checkpoint, file, loaded.store, {BindingKind::param, BindingKind::state}); !status)
      return status;
    model = std::move(loaded);
    return Status::success();
  });
}

Status moe::loadNewest(const Executable &executable, const Run &run, Model &model, std::string &checkpoint,
                       std::vector<std::string> &skipped) {
  for (const std::string &path : run.checkpoints) {
    Status status = Model::load(executable, path, model);
    checkpoint = path;
    if (status)
      return status;
    skipped.push_back(status.error);
  }
  if (!skipped.empty())
    return Status::failure(skipped.front());
  Status status = requireListing(RunFolder(run.folder).getCheckpoints());
  return status ? Status::failure(run.folder + ": there is no checkpoint in it") : status;
}
