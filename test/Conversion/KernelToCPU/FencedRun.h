//===- FencedRun.h - kernels between unreadable pages ----------*- C++ -*-===//
#pragma once

#include "lib/Conversion/Plan/Plan.h"
#include "moe/Runtime.h"

namespace moe {

/// Runs the launches of `program` with every argument in memory of its own that ends at an unreadable page, the blocks one at a time
/// from the last to the first. A kernel that reads or writes beyond its buffers ends the process; one whose blocks depend on each
/// other gives other bits.
void runFenced(const Executable &executable, const Program &program, const plan::PlannedProgram &planned, BufferStore &store);

} // namespace moe
