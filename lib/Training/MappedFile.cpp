//===- MappedFile.cpp - a file as memory ------------------------*- C++ -*-===//
#include "lib/Training/MappedFile.h"
#include "lib/Support/AtomicFile.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace moe;

MappedFile::~MappedFile() {
  if (begin)
    ::munmap(const_cast<std::byte *>(begin), bytes);
}

static Status map(int descriptor, const std::string &path, const std::byte *&begin, size_t &bytes) {
  struct stat info;
  if (::fstat(descriptor, &info) != 0)
    return systemFailure(path);
  if (S_ISDIR(info.st_mode)) {
    errno = EISDIR;
    return systemFailure(path);
  }
  if (!S_ISREG(info.st_mode))
    return Status::failure(path + ": not a file that can be mapped");
  if (!info.st_size)
    return Status::success();
  void *memory = ::mmap(nullptr, static_cast<size_t>(info.st_size), PROT_READ, MAP_PRIVATE, descriptor, 0);
  if (memory == MAP_FAILED)
    return systemFailure(path);
  begin = static_cast<const std::byte *>(memory);
  bytes = static_cast<size_t>(info.st_size);
  return Status::success();
}

Status MappedFile::open(const std::string &path, std::shared_ptr<const MappedFile> &file) {
  int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0)
    return systemFailure(path);
  std::shared_ptr<MappedFile> mapped(new MappedFile);
  Status status = map(descriptor, path, mapped->begin, mapped->bytes);
  ::close(descriptor);
  if (status)
    file = std::move(mapped);
  return status;
}
