//===- Interrupt.cpp - Ctrl-C and SIGTERM -----------------------------------===//
#include "tools/moec/Interrupt.h"

#include <csignal>

namespace moe::cli {

static std::atomic<bool> flag{false};
static volatile std::sig_atomic_t received = 0;

static void onSignal(int signal) {
  received = signal;
  flag = true;
  std::signal(signal, SIG_DFL);
}

const std::atomic<bool> &catchInterrupts() {
  std::signal(SIGINT, onSignal);
  std::signal(SIGTERM, onSignal);
  return flag;
}

ExitCode interruptCode() { return received == SIGTERM ? terminated : received == SIGINT ? interrupted : done; }

} // namespace moe::cli
