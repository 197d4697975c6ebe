//===- Interrupt.cpp - Ctrl-C and SIGTERM -----------------------------------===//
#include "tools/moec/Interrupt.h"

#include <csignal>

namespace moe::cli {

static std::atomic<bool> flag{false};
static volatile std::sig_atomic_t received = 0;

static void onSignal(int signal) {
  received = signal;
  flag = true;
}

const std::atomic<bool> &catchInterrupts() {
  for (int signal : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction present = {}, wanted = {};
    wanted.sa_handler = onSignal;
    wanted.sa_flags = SA_RESETHAND | SA_RESTART; // the second one finds the default
    if (sigaction(signal, nullptr, &present) == 0 && present.sa_handler == SIG_DFL)
      sigaction(signal, &wanted, nullptr);
  }
  return flag;
}

ExitCode interruptCode() {
  switch (received) {
  case SIGINT:
    return interrupted;
  case SIGTERM:
    return terminated;
  case SIGHUP:
    return hungUp;
  default:
    return done;
  }
}

} // namespace moe::cli
