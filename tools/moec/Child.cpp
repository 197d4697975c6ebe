//===- Child.cpp - moec as a process of its own -----------------------------===//
#include "tools/moec/Child.h"

#include "tools/moec/Command.h"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace moe::cli;

/// Between fork and exec: nothing here may allocate.
[[noreturn]] static void become(char *const *arguments, int output, pid_t parent) {
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (::getppid() != parent) // it died before it could be watched
    ::_exit(terminated);
  int input = ::open("/dev/null", O_RDONLY);
  ::dup2(input, STDIN_FILENO);
  ::dup2(output, STDOUT_FILENO);
  ::dup2(output, STDERR_FILENO);
  ::execv("/proc/self/exe", arguments);
  ::_exit(bug);
}

Child::Child(const std::vector<std::string> &arguments, const std::string &outputFile) {
  std::vector<std::string> texts = {"moec"};
  texts.insert(texts.end(), arguments.begin(), arguments.end());
  std::vector<char *> pointers;
  for (std::string &text : texts)
    pointers.push_back(text.data());
  pointers.push_back(nullptr);
  int output = ::open(outputFile.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (output < 0)
    throw Failure(badInput, "cannot write " + outputFile + ": " + std::strerror(errno));
  pid_t parent = ::getpid();
  process = ::fork();
  if (process == 0)
    become(pointers.data(), output, parent);
  int problem = errno;
  ::close(output);
  if (process < 0)
    throw Failure(failedRun, std::string("cannot start a process: ") + std::strerror(problem));
}

Child::~Child() {
  if (process < 0)
    return;
  signal(SIGTERM);
  ::waitpid(process, nullptr, 0);
}

bool Child::isRunning() {
  int status = 0;
  if (process < 0 || ::waitpid(process, &status, WNOHANG) == 0)
    return process >= 0;
  process = -1;
  constexpr int signalBase = 128;
  exitCode = WIFSIGNALED(status) ? signalBase + WTERMSIG(status) : WEXITSTATUS(status);
  return false;
}

void Child::signal(int number) {
  if (process >= 0)
    ::kill(process, number);
}
