//===- Interrupt.h - Ctrl-C and SIGTERM ------------------------*- C++ -*-===//
#pragma once

#include "tools/moec/Command.h"

#include <atomic>

namespace moe::cli {

/// From here on the first SIGINT or SIGTERM sets the flag; a second one ends the process at once.
const std::atomic<bool> &catchInterrupts();
/// The exit code for the signal that came; `done` when none did.
ExitCode interruptCode();

} // namespace moe::cli
