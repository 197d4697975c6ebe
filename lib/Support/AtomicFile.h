//===- AtomicFile.h - files that appear whole or not at all -----*- C++ -*-===//
#pragma once

#include "moe/Status.h"

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

/// A file that grows by whole records: of one that could not be written whole nothing stays behind.
class RecordFile {
public:
  enum class Mode { create, overwrite, append }; ///< `create` fails when the file is there
  RecordFile() = default;
  ~RecordFile();
  RecordFile(const RecordFile &) = delete;
  RecordFile &operator=(const RecordFile &) = delete;

  Status open(const std::string &path, Mode mode);
  bool isOpen() const { return descriptor >= 0; }
  Status append(std::string_view record);
  /// Makes what was appended durable.
  Status sync();

private:
  void close();

  std::string path;
  int descriptor = -1;
};

Status writeFile(const std::string &path, std::string_view text);
Status readFile(const std::string &path, std::string &text);

/// `PATH: what the system says of errno`. A full disk is the machine's failure, a missing folder is not.
Status systemFailure(const std::string &path);
Status systemFailure(const std::string &path, int error);
/// Makes the entries of a folder durable.
Status syncFolder(const std::string &folder);

} // namespace moe
