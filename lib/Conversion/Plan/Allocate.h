//===- Allocate.h - offsets in the arena -----------------------*- C++ -*-===//
#pragma once

#include "llvm/ADT/ArrayRef.h"
#include <cstdint>

namespace moe::plan {

constexpr int64_t bufferAlignment = 64;

/// Bytes that must exist from launch `first` to launch `last`, both included.
struct ArenaBuffer {
  int64_t bytes = 0;
  int64_t first = 0, last = 0;
  int64_t offset = 0;

  bool livesWith(const ArenaBuffer &other) const { return first <= other.last && other.first <= last; }
};

/// Sets all offsets so that buffers that live together do not overlap; returns the arena's size.
///
/// Large buffers are placed first, each into the smallest gap that holds it between those it lives with: the plan is made once
/// for the whole program, so that order of size does better than order of time.
int64_t allocate(llvm::MutableArrayRef<ArenaBuffer> buffers);

} // namespace moe::plan
