//===- WindowDecoder.h - logits of sequences beside each other --*- C++ -*-===//
#pragma once

#include "lib/Training/TokenProgram.h"

#include <functional>
#include <span>

namespace moe {

/// A sequence that is known as a whole.
struct DecodeWindow {
  std::span<const int32_t> tokens;
  size_t wanted = 0; ///< from this index on `take` gets, for each token, the index and the logits of what follows it, in order
  std::function<void(size_t at, const float *logits)> take;

  /// How often the program runs for it.
  size_t countBlocks(int64_t context) const { return (tokens.size() + static_cast<size_t>(context) - 1) / static_cast<size_t>(context); }
};

/// The `decode` program over as many sequences at a time as it has rows.
class WindowDecoder {
public:
  /// All of these must outlive the decoder.
  Status prepare(const Executable &executable, BufferStore &parameters, ThreadPool &pool) { return program.prepare(executable, parameters, pool); }

  int64_t getRows() const { return program.getRows(); }
  int64_t getContext() const { return program.getContext(); }
  /// How many logits a token has.
  int64_t getWidth() const { return program.getWidth(); }
  /// Whether a block knows anything of the blocks before it.
  bool hasStreams() { return !program.getStreams().empty(); }

  /// At most getRows() windows, each in a row of its own from reset streams, block by block. Rows without a window, or behind the end of theirs, compute
  /// what nobody looks at.
  Status run(std::span<const DecodeWindow> windows);

private:
  DecodeProgram program;
};

} // namespace moe
