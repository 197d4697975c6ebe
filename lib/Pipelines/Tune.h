//===- Tune.h - what is best on this machine --------------------*- C++ -*-===//
#pragma once

#include "lib/Conversion/KernelToCPU/KernelToCPU.h"
#include "moe/Compiler.h"

namespace moe {

/// This machine, with the tile that is fastest in products: the candidates are timed once, which takes a second, and the choice is kept in the cache of programs. Without
/// a cache nothing is timed. No result depends on the tile, so a choice that noise has made costs a little time and nothing else.
CPUTarget getTunedHost(const CompileOptions &options);

} // namespace moe
