//===- MappedFile.h - a file as memory --------------------------*- C++ -*-===//
#pragma once

#include "moe/Runtime.h"

#include <cstddef>
#include <memory>
#include <string>

namespace moe {

/// A file mapped for reading. Its pages come from the disk when they are touched, and cost no memory that other processes could not have. It
/// must not be cut short while it is mapped: reading past its new end is a signal, not an error.
class MappedFile {
public:
  /// An empty file is one without data.
  static Status open(const std::string &path, std::shared_ptr<const MappedFile> &file);
  ~MappedFile();
  MappedFile(const MappedFile &) = delete;

  const std::byte *data() const { return begin; }
  size_t size() const { return bytes; }

private:
  MappedFile() = default;
  const std::byte *begin = nullptr;
  size_t bytes = 0;
};

} // namespace moe
