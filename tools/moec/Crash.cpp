//===- Crash.cpp - when moec itself is broken -------------------------------===//
#include "tools/moec/Crash.h"

#include "tools/moec/Command.h"

#include "llvm/Support/ErrorHandling.h"

#include <csignal>
#include <cstdlib>
#include <exception>
#include <new>
#include <unistd.h>

namespace moe::cli {

/// Only what is allowed in a signal handler. The command line is what shows the bug again.
static void onCrash(int) {
  static constexpr char message[] = "error: internal error; this is a bug in moec, please report it with the command and its file\n";
  [[maybe_unused]] ssize_t ignored = write(STDERR_FILENO, message, sizeof message - 1);
  _exit(bug);
}

/// Memory that ends where no exception can pass: in a thread of the pool, in code of LLVM.
static void onNoMemory() {
  static constexpr char message[] = "error: out of memory\n";
  [[maybe_unused]] ssize_t ignored = write(STDERR_FILENO, message, sizeof message - 1);
  _exit(failedRun);
}

static void onTerminate() {
  if (std::exception_ptr problem = std::current_exception()) {
    try {
      std::rethrow_exception(problem);
    } catch (const std::bad_alloc &) {
      onNoMemory();
    } catch (...) {
    }
  }
  std::abort();
}

void catchCrashes() {
  std::set_terminate(onTerminate);
  llvm::install_bad_alloc_error_handler([](void *, const char *, bool) { onNoMemory(); });
  std::signal(SIGXFSZ, SIG_IGN); // a file that may not grow is an error of `write` then
  static char stack[64 * 1024]; // a stack overflow leaves none of its own
  stack_t alternative = {};
  alternative.ss_sp = stack;
  alternative.ss_size = sizeof stack;
  sigaltstack(&alternative, nullptr);
  for (int signal : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT}) {
    struct sigaction present = {}, wanted = {};
    wanted.sa_handler = onCrash;
    wanted.sa_flags = SA_ONSTACK;
    if (sigaction(signal, nullptr, &present) == 0 && present.sa_handler == SIG_DFL)
      sigaction(signal, &wanted, nullptr);
  }
}

} // namespace moe::cli
