//===- Command.cpp - running a program --------------------------*- C++ -*-===//
#include "lib/Training/Corpus/Command.h"
#include "lib/Support/AtomicFile.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

using namespace moe;

static std::string lastLine(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' '))
    text.pop_back();
  size_t begin = text.rfind('\n');
  return begin == std::string::npos ? text : text.substr(begin + 1);
}

/// Starts the program with both outputs in the write end of a pipe.
static int spawn(const std::vector<std::string> &words, const std::string &folder, const int (&ends)[2], pid_t &child) {
  std::vector<char *> args;
  for (const std::string &word : words)
    args.push_back(const_cast<char *>(word.c_str()));
  args.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
  posix_spawn_file_actions_addchdir_np(&actions, folder.c_str());
  int error = posix_spawnp(&child, args[0], &actions, nullptr, args.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  return error;
}

static void readAll(int descriptor, std::string &output) {
  char chunk[4096];
  while (true) {
    ssize_t got = ::read(descriptor, chunk, sizeof(chunk));
    if (got < 0 && errno == EINTR)
      continue;
    if (got <= 0)
      return;
    output.append(chunk, static_cast<size_t>(got));
  }
}

Status moe::runCommand(const std::vector<std::string> &words, const std::string &folder, std::string &output) {
  output.clear();
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0)
    return systemFailure(words[0]);
  pid_t child = 0;
  int error = spawn(words, folder, ends, child);
  ::close(ends[1]);
  if (error) {
    ::close(ends[0]);
    return Status::failure(words[0] + ": " + std::strerror(error));
  }
  readAll(ends[0], output);
  ::close(ends[0]);
  int state = 0;
  while (::waitpid(child, &state, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(state) && WEXITSTATUS(state) == 0)
    return Status::success();
  return Status::failure(words[0] + " failed: " + lastLine(output));
}
