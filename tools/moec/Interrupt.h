//===- Interrupt.h - Ctrl-C, SIGTERM, SIGHUP -------------------*- C++ -*-===//
#pragma once

#include "tools/moec/Command.h"

#include <atomic>

namespace moe::cli {

/// From here on the first SIGINT, SIGTERM or SIGHUP (the terminal is gone) sets the flag; a second one of its kind ends the process at once. What the
/// process was told to ignore, as by nohup, it goes on ignoring.
const std::atomic<bool> &catchInterrupts();
/// The exit code for the signal that came; `done` when none did.
ExitCode interruptCode();

} // namespace moe::cli
