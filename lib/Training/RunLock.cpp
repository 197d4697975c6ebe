//===- RunLock.cpp - one process trains a run -------------------*- C++ -*-===//
#include "lib/Training/RunLock.h"
#include "lib/Support/AtomicFile.h"

#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <sys/file.h>
#include <unistd.h>

using namespace moe;

RunLock::~RunLock() {
  if (descriptor >= 0)
    ::close(descriptor);
}

static Status heldBy(const std::string &path) {
  std::string holder;
  bool isKnown = readFile(path, holder).ok() && !holder.empty() && holder.find_first_not_of("0123456789\n") == std::string::npos;
  std::string folder = std::filesystem::path(path).parent_path().string();
  return Status::failure(folder + ": this run is being trained by " +
                         (isKnown ? "process " + holder.substr(0, holder.find('\n')) : std::string("another process")));
}

bool RunLock::isHeld(const std::string &path) {
  int opened = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (opened < 0)
    return false;
  bool held = ::flock(opened, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  ::close(opened);
  return held;
}

Status RunLock::acquire(const std::string &path) {
  int opened = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (opened < 0)
    return systemFailure(path);
  if (::flock(opened, LOCK_EX | LOCK_NB) != 0) {
    Status status = errno == EWOULDBLOCK ? heldBy(path) : systemFailure(path);
    ::close(opened);
    return status;
  }
  descriptor = opened;
  // The number is for the message of whoever finds the run locked; the lock holds without it.
  std::string holder = std::to_string(::getpid()) + "\n";
  bool isWritten = ::ftruncate(opened, 0) == 0 && ::write(opened, holder.data(), holder.size()) == static_cast<ssize_t>(holder.size());
  return isWritten ? Status::success() : systemFailure(path);
}
