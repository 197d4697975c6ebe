//===- TensorWriter.cpp - writing safetensors -------------------*- C++ -*-===//
#include "lib/Support/AtomicFile.h"
#include "lib/Training/Guard.h"
#include "lib/Training/TensorHash.h"
#include "moe/Training.h"

#include <nlohmann/json.hpp>

using namespace moe;

static const char *dtypeName(DType type) {
  switch (type) {
  case DType::f32:
    return "F32";
  case DType::i32:
    return "I32";
  case DType::i1:
    return "BOOL";
  case DType::bf16:
    return "BF16";
  }
  return "";
}

static int64_t bytesOf(const TensorSource &tensor) {
  int64_t bytes = byteWidth(tensor.type);
  for (int64_t extent : tensor.shape)
    bytes *= extent;
  return bytes;
}

static std::string hashOf(const std::vector<TensorSource> &tensors, const std::map<std::string, std::string> &metadata) {
  TensorHash hash(metadata);
  for (const TensorSource &tensor : tensors) {
    hash.add(tensor.name, dtypeName(tensor.type), tensor.shape);
    hash.add(tensor.data, static_cast<size_t>(bytesOf(tensor)));
  }
  return hash.getText();
}

/// Length in 8 bytes, then the JSON, padded so that the data is aligned as buffers are.
static std::string headerOf(const std::vector<TensorSource> &tensors, const std::map<std::string, std::string> &metadata) {
  using json = nlohmann::ordered_json; // looks for each new member among all of them: the many tensors are joined as text
  std::string text = "{\"__metadata__\":" + json(metadata).dump(), bytes;
  int64_t offset = 0;
  for (const TensorSource &tensor : tensors) {
    int64_t end = offset + bytesOf(tensor);
    json entry = {{"dtype", dtypeName(tensor.type)}, {"shape", tensor.shape}, {"data_offsets", {offset, end}}};
    text += "," + json(tensor.name).dump() + ":" + entry.dump();
    offset = end;
  }
  text += "}";
  text.append((64 - (text.size() + 8) % 64) % 64, ' ');
  for (int i = 0; i < 8; ++i)
    bytes += static_cast<char>(text.size() >> (8 * i));
  return bytes + text;
}

Status moe::writeTensors(const std::string &path, const std::vector<TensorSource> &tensors, std::map<std::string, std::string> metadata) {
  return guarded("a safetensors file", [&] {
    metadata[std::string(TensorHash::key)] = hashOf(tensors, metadata);
    AtomicFile file;
    if (Status status = file.open(path); !status)
      return status;
    if (Status status = file.write(headerOf(tensors, metadata)); !status)
      return status;
    for (const TensorSource &tensor : tensors)
      if (Status status = file.write(tensor.data, static_cast<size_t>(bytesOf(tensor))); !status)
        return status;
    return file.commit();
  });
}

int64_t moe::sizeOfTensors(const std::vector<TensorSource> &tensors, std::map<std::string, std::string> metadata) {
  metadata[std::string(TensorHash::key)] = TensorHash(metadata).getText();
  auto bytes = static_cast<int64_t>(headerOf(tensors, metadata).size());
  for (const TensorSource &tensor : tensors)
    bytes += bytesOf(tensor);
  return bytes;
}
