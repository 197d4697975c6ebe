//===- Tensors.h - safetensors files ----------------------------*- C++ -*-===//
//
// Reading and writing safetensors. A file that is read is checked before anything is allocated.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "moe/Runtime.h"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace moe {

struct TensorEntry {
  std::string name;
  std::string dtype; ///< as in the file: F32, I32, BOOL are those of DType
  std::vector<int64_t> shape;
  int64_t offset = 0, bytes = 0; ///< in the data part of the file
};

/// A safetensors file whose header has been checked: known types, sizes that agree with the shapes, offsets that tile the file.
class TensorFile {
public:
  TensorFile();
  ~TensorFile();
  TensorFile(TensorFile &&) noexcept;
  TensorFile &operator=(TensorFile &&) noexcept;

  /// The reason of a refusal names the path. `verify`: also compares the checksum, where the file has one.
  static Status open(const std::string &path, TensorFile &file, bool verify = true);
  /// True when there was a checksum and it was right.
  bool isVerified() const;
  const std::vector<TensorEntry> &getTensors() const;
  const TensorEntry *find(std::string_view name) const;
  const std::map<std::string, std::string> &getMetadata() const;
  /// `into` holds `entry.bytes`.
  Status read(const TensorEntry &entry, void *into) const;

private:
  struct Impl;
  std::unique_ptr<Impl> impl;
};

/// Whether `readFloats` reads it: F32, F16, BF16 or F64.
bool isFloat(const TensorEntry &entry);
/// The elements rounded to f32, to the nearest. Fails when a finite one is beyond the range of f32. `path` is for the message.
Status readFloats(const std::string &path, const TensorFile &file, const TensorEntry &entry, std::vector<float> &values);

struct TensorSource {
  std::string name;
  DType type;
  std::vector<int64_t> shape;
  const void *data;
};
/// Writes to a temporary name, syncs, renames. A checksum over tensors and metadata is added to the metadata.
Status writeTensors(const std::string &path, const std::vector<TensorSource> &tensors, std::map<std::string, std::string> metadata);
/// The length of that file.
int64_t sizeOfTensors(const std::vector<TensorSource> &tensors, std::map<std::string, std::string> metadata);

} // namespace moe
