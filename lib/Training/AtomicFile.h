//===- AtomicFile.h - files that appear whole or not at all -----*- C++ -*-===//
#pragma once

#include "moe/Runtime.h"

#include <string>
#include <string_view>

namespace moe {

/// What a temporary name has before the number of the process that writes it.
inline constexpr std::string_view temporaryMark = ".tmp-";

/// A file under a temporary name beside its place. `commit` syncs and renames; without it nothing stays behind.
class AtomicFile {
public:
  AtomicFile() = default;
  ~AtomicFile();
  AtomicFile(const AtomicFile &) = delete;
  AtomicFile &operator=(const AtomicFile &) = delete;

  Status open(const std::string &path);
  Status write(const void *data, size_t bytes);
  Status write(std::string_view text) { return write(text.data(), text.size()); }
  Status commit();

private:
  void discard();

  std::string path, temporary;
  int descriptor = -1;
};

Status writeFile(const std::string &path, std::string_view text);
Status readFile(const std::string &path, std::string &text);

/// `PATH: what the system says of errno`.
Status systemFailure(const std::string &path);
/// Makes the entries of a folder durable.
Status syncFolder(const std::string &folder);

} // namespace moe
