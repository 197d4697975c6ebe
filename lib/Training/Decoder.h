//===- Decoder.h - logits along a growing sequence --------------*- C++ -*-===//
#pragma once

#include "lib/Training/TokenProgram.h"

#include <functional>
#include <span>

namespace moe {

/// The `decode` program over one growing sequence. It computes whole blocks and moves its stream state by whole blocks: a block that is not
/// full yet is computed again whenever tokens are added, always from the stream as it was at the block's begin.
class Decoder {
public:
  /// All of these must outlive the decoder.
  Status prepare(const Executable &executable, BufferStore &parameters, ThreadPool &pool);

  int64_t getContext() const { return program.getContext(); }

  /// Begins a new sequence.
  void reset();
  /// Appends tokens. For each from the index `wanted` on, `take` gets the index and the logits of what follows; they stay until the next call.
  Status append(std::span<const int32_t> added, size_t wanted, const std::function<void(size_t, const float *)> &take);

private:
  Status runBlock();
  void keepStreams();

  DecodeProgram program;
  std::vector<std::vector<char>> atBlock; ///< each stream at the block's begin
  int64_t filled = 0;                     ///< tokens of the block
};

} // namespace moe
