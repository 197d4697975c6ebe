//===- Child.h - moec as a process of its own ------------------*- C++ -*-===//
#pragma once

#include <string>
#include <sys/types.h>
#include <vector>

namespace moe::cli {

/// Another moec, whose output goes to a file. It is in a process group of its own: a Ctrl-C in the terminal reaches this process alone, which hands
/// it on. Should this process die, the other one gets SIGTERM.
class Child {
public:
  /// Throws Failure when it cannot be started.
  Child(const std::vector<std::string> &arguments, const std::string &outputFile);
  ~Child();
  Child(const Child &) = delete;
  Child &operator=(const Child &) = delete;

  /// False once it has ended.
  bool isRunning();
  void signal(int number);
  /// As a shell has it: 128 and the signal after one.
  int getExitCode() const { return exitCode; }

private:
  pid_t process = -1;
  int exitCode = 0;
};

} // namespace moe::cli
