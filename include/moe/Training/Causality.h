//===- Causality.h - does a token move what comes before it? ----*- C++ -*-===//
//
// In a language model the output at a position depends on the tokens up to it, and on those of its own batch row alone. A model in which
// a token moves an earlier output, or another row's, has seen its targets in training, or its loss depends on its neighbours in the batch.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "moe/Runtime.h"

#include <atomic>
#include <cstdint>
#include <optional>

namespace moe {

/// An output that moved and should not have.
struct Leak {
  int64_t changedRow = 0, changedPosition = 0; ///< of the token
  int64_t row = 0, position = 0;               ///< of the output
  double distance = 0; ///< the largest change at that position, in relation to the root mean square of all outputs
};

struct CausalityReport {
  int64_t rows = 0, context = 0;
  int64_t changes = 0;          ///< tokens that were changed, one at a time
  int64_t moved = 0;            ///< changes that moved an output that they may move
  std::optional<Leak> earlier;  ///< the earliest position of the same row that moved
  std::optional<Leak> otherRow; ///< the output of another row that moved the most
  bool isCausal() const { return !earlier && !otherRow; }
};

/// Runs `decode`, compiled for two rows or more, over two blocks of random tokens, from freshly initialised parameters and without dropout; then
/// again with one token of the first block changed, for some positions of the first and the last row. What counts as moved is more than
/// rounding explains.
Status checkCausality(const Executable &executable, ThreadPool &pool, uint64_t seed, const std::atomic<bool> *stop, CausalityReport &report);

} // namespace moe
