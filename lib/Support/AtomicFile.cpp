//===- AtomicFile.cpp - files that appear whole or not at all --*- C++ -*-===//
#include "lib/Support/AtomicFile.h"

#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

using namespace moe;

/// What no other path or permission would have helped against.
static bool isMachines(int error) {
  switch (error) {
  case ENOSPC:
  case EDQUOT:
  case EFBIG:
  case EIO:
  case ENOMEM:
  case EMFILE:
  case ENFILE:
    return true;
  default:
    return false;
  }
}

Status moe::systemFailure(const std::string &path, int error) {
  std::string message = path + ": " + std::generic_category().message(error);
  return isMachines(error) ? Status::machineFailure(message) : Status::failure(message);
}

Status moe::systemFailure(const std::string &path) { return systemFailure(path, errno); }

Status moe::syncFolder(const std::string &folder) {
  int descriptor = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0)
    return systemFailure(folder);
  // Some file systems cannot sync folders: that is no reason to fail.
  bool failed = ::fsync(descriptor) != 0 && errno != EINVAL && errno != ENOTSUP;
  Status status = failed ? systemFailure(folder) : Status::success();
  ::close(descriptor);
  return status;
}

AtomicFile::~AtomicFile() { discard(); }

void AtomicFile::discard() {
  if (descriptor >= 0)
    ::close(descriptor);
  descriptor = -1;
  if (!temporary.empty())
    ::unlink(temporary.c_str());
  temporary.clear();
}

Status AtomicFile::open(const std::string &where) {
  discard();
  path = where;
  std::string name = where + std::string(temporaryMark) + std::to_string(::getpid());
  descriptor = ::open(name.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (descriptor < 0)
    return systemFailure(path);
  temporary = name;
  return Status::success();
}

static Status writeAll(int descriptor, const std::string &path, const void *data, size_t bytes) {
  const char *at = static_cast<const char *>(data);
  while (bytes) {
    ssize_t written = ::write(descriptor, at, bytes);
    if (written < 0 && errno == EINTR)
      continue;
    if (written < 0)
      return systemFailure(path);
    at += written;
    bytes -= static_cast<size_t>(written);
  }
  return Status::success();
}

Status AtomicFile::write(const void *data, size_t bytes) { return writeAll(descriptor, path, data, bytes); }

Status AtomicFile::commit() {
  if (::fsync(descriptor) != 0)
    return systemFailure(path);
  int closing = std::exchange(descriptor, -1);
  if (::close(closing) != 0 || ::rename(temporary.c_str(), path.c_str()) != 0)
    return systemFailure(path);
  temporary.clear();
  return syncFolder(std::filesystem::path(path).parent_path());
}

RecordFile::~RecordFile() { close(); }

void RecordFile::close() {
  if (descriptor >= 0)
    ::close(descriptor);
  descriptor = -1;
}

Status RecordFile::open(const std::string &where, Mode mode) {
  close();
  path = where;
  int flags = mode == Mode::create ? O_EXCL : mode == Mode::overwrite ? O_TRUNC : 0;
  descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | flags, 0666);
  return isOpen() ? Status::success() : systemFailure(path);
}

Status RecordFile::append(std::string_view record) {
  struct stat before;
  if (::fstat(descriptor, &before) != 0)
    return systemFailure(path);
  Status status = writeAll(descriptor, path, record.data(), record.size());
  if (!status)
    [[maybe_unused]] int shortened = ::ftruncate(descriptor, before.st_size); // readers skip half a record too
  return status;
}

Status RecordFile::sync() { return ::fdatasync(descriptor) == 0 ? Status::success() : systemFailure(path); }

Status moe::writeFile(const std::string &path, std::string_view text) {
  AtomicFile file;
  if (Status status = file.open(path); !status)
    return status;
  if (Status status = file.write(text); !status)
    return status;
  return file.commit();
}

Status moe::readFile(const std::string &path, std::string &text) {
  std::FILE *file = std::fopen(path.c_str(), "rbe");
  if (!file)
    return systemFailure(path);
  text.clear();
  char chunk[1 << 16];
  while (size_t got = std::fread(chunk, 1, sizeof(chunk), file))
    text.append(chunk, got);
  Status status = std::ferror(file) ? systemFailure(path) : Status::success(); // a folder opens, but does not read
  std::fclose(file);
  return status;
}
