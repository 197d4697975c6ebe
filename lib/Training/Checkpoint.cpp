//===- Checkpoint.cpp - the state of training in one file -------*- C++ -*-===//
#include "lib/Training/Checkpoint.h"
#include "lib/Training/Json.h"

#include <cmath>
#include <limits>
#include <type_traits>

using namespace moe;
using nlohmann::json;

static constexpr const char *manifestKey = "moec";
static constexpr int formatVersion = 1;

static std::string nameOf(const Binding &binding) { return std::string(toString(binding.kind)) + "/" + binding.name; }
static std::string validNameOf(const Binding &binding) { return "valid/" + binding.name; }

static const char *dtypeOf(DType type) { return type == DType::f32 ? "F32" : type == DType::i32 ? "I32" : "BOOL"; }

static std::map<std::string, std::string> metadataOf(const Manifest &manifest) {
  json text = {{"version", formatVersion},
               {"step", manifest.step},
               {"seed", manifest.seed},
               {"offset", manifest.position.offset},
               {"restarts", manifest.position.restarts},
               {"valid_offset", manifest.validPosition.offset},
               {"valid_restarts", manifest.validPosition.restarts},
               {"vocabulary", manifest.vocabulary},
               {"validated", manifest.validated},
               {"worse_validations", manifest.worseValidations}};
  if (std::isfinite(manifest.bestLoss))
    text["best_loss"] = manifest.bestLoss;
  return {{manifestKey, text.dump()}};
}

static std::vector<TensorSource> tensorsOf(const SavedBuffers &buffers) {
  std::vector<TensorSource> tensors;
  auto add = [&](const Buffer &buffer, std::string name) {
    tensors.push_back({std::move(name), buffer.binding.type, buffer.binding.shape, buffer.memory.data()});
  };
  for (const Buffer *buffer : buffers.training)
    add(*buffer, nameOf(buffer->binding));
  for (const Buffer *buffer : buffers.validation)
    add(*buffer, validNameOf(buffer->binding));
  return tensors;
}

Status moe::writeCheckpoint(const std::string &path, const Manifest &manifest, const SavedBuffers &buffers) {
  return writeTensors(path, tensorsOf(buffers), metadataOf(manifest));
}

int64_t moe::checkpointBytes(const Manifest &manifest, const SavedBuffers &buffers) {
  return sizeOfTensors(tensorsOf(buffers), metadataOf(manifest));
}

static Status readManifest(const std::string &path, const TensorFile &file, Manifest &manifest) {
  auto stored = file.getMetadata().find(manifestKey);
  if (stored == file.getMetadata().end())
    return Status::failure(path + ": a safetensors file, but not a checkpoint of moec");
  json text = parseJson<json>(stored->second);
  if (!text.is_object() || text.value("version", json()) != formatVersion)
    return Status::failure(path + ": a checkpoint of another version of moec");
  auto count = [&](const char *key, auto &into) {
    auto it = text.find(key);
    constexpr auto most = static_cast<uint64_t>(std::numeric_limits<std::decay_t<decltype(into)>>::max());
    bool good = it != text.end() && it->is_number_unsigned() && it->template get<uint64_t>() <= most;
    if (good)
      it->get_to(into);
    return good;
  };
  bool good = count("step", manifest.step) && count("seed", manifest.seed) && count("offset", manifest.position.offset) &&
              count("restarts", manifest.position.restarts) && count("valid_offset", manifest.validPosition.offset) &&
              count("valid_restarts", manifest.validPosition.restarts) && count("vocabulary", manifest.vocabulary) &&
              count("validated", manifest.validated) && count("worse_validations", manifest.worseValidations);
  if (auto best = text.find("best_loss"); best != text.end() && best->is_number())
    best->get_to(manifest.bestLoss);
  return good ? Status::success() : Status::failure(path + ": the manifest is not complete");
}

Status moe::openCheckpoint(const std::string &path, TensorFile &file, Manifest &manifest) {
  if (Status status = TensorFile::open(path, file); !status)
    return status;
  if (Status status = readManifest(path, file, manifest); !status)
    return status;
  return file.isVerified() ? Status::success() : Status::failure(path + ": the checksum is missing: the file was altered after it was written");
}

static std::string describe(const std::string &dtype, const std::vector<int64_t> &shape) {
  return dtype + json(shape).dump();
}

/// Fills a buffer from the tensor of that name, which must have its type and shape.
static Status readBuffer(const std::string &path, const TensorFile &file, const std::string &name, Buffer &buffer) {
  std::string expected = describe(dtypeOf(buffer.binding.type), buffer.binding.shape);
  const TensorEntry *entry = file.find(name);
  if (!entry)
    return Status::failure(path + ": the model needs " + name + ", which is not in this checkpoint");
  if (std::string found = describe(entry->dtype, entry->shape); found != expected)
    return Status::failure(path + ": " + name + " is " + found + ", the model needs " + expected);
  return file.read(*entry, buffer.memory.data());
}

Status moe::readBuffers(const std::string &path, const TensorFile &file, BufferStore &store, std::initializer_list<BindingKind> kinds) {
  for (BindingKind kind : kinds)
    for (Buffer *buffer : store.all(kind))
      if (Status status = readBuffer(path, file, nameOf(buffer->binding), *buffer); !status)
        return status;
  return Status::success();
}

Status moe::readValidation(const std::string &path, const TensorFile &file, BufferStore &store) {
  for (Buffer *buffer : store.all(BindingKind::stream))
    if (Status status = readBuffer(path, file, validNameOf(buffer->binding), *buffer); !status)
      return status;
  return Status::success();
}
