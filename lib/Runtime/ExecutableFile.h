//===- ExecutableFile.h - executables on disk ------------------*- C++ -*-===//
#pragma once

#include "moe/Runtime.h"

#include <string>
#include <string_view>

namespace moe {

/// An executable and the object code of its kernels, as they are stored.
struct ExecutableFile {
  Executable executable; ///< functions not set
  std::string object;
};

/// The bytes of a file: magic, format version and checksum; then the schedule as JSON, the constants, the object code.
std::string serialize(const ExecutableFile &file);

/// Reads what `serialize` gave. Fails on another version, a wrong checksum, or a schedule that points outside its buffers.
Status deserialize(std::string_view bytes, ExecutableFile &file);

} // namespace moe
