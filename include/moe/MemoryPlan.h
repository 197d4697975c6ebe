//===- MemoryPlan.h - what training takes -----------------------*- C++ -*-===//
//
// A plan knows every buffer and every arena before one of them is made.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "moe/Executable.h"

#include <cstdint>
#include <vector>

namespace moe {

/// Bytes by use, beside the text and the process.
struct MemoryPlan {
  int64_t parameters = 0, gradients = 0, optimizer = 0;
  int64_t state = 0;    ///< of the model and of its streams, also the validation's
  int64_t snapshot = 0; ///< the copy that a failed step is undone from
  int64_t arena = 0;    ///< activations and temporaries of @train, @update and @eval

  int64_t total() const { return parameters + gradients + optimizer + state + snapshot + arena; }
};

/// What training with these programs takes, a step of so many micro-batches, with or without validations on the way.
MemoryPlan planMemory(const std::vector<const Program *> &programs, int64_t microBatches, bool validates);

} // namespace moe
