//===- Decoder.cpp - logits along a growing sequence ------------*- C++ -*-===//
#include "lib/Training/Decoder.h"

#include <algorithm>
#include <cstring>

using namespace moe;

Status Decoder::prepare(const Executable &executable, BufferStore &parameters, ThreadPool &pool) {
  if (Status status = program.prepare(executable, parameters, pool); !status)
    return status;
  if (program.getRows() != 1)
    return Status::failure("@decode does not give the logits of one row");
  reset();
  return Status::success();
}

void Decoder::keepStreams() {
  atBlock.clear();
  for (Buffer *stream : program.getStreams()) {
    const char *bytes = stream->as<char>();
    atBlock.emplace_back(bytes, bytes + stream->bytes());
  }
}

void Decoder::reset() {
  program.resetStreams();
  keepStreams();
  filled = 0;
}

/// Positions from `filled` on hold what a block before left there: no earlier position sees them.
Status Decoder::runBlock() {
  std::vector<Buffer *> streams = program.getStreams();
  for (size_t i = 0; i < streams.size(); ++i)
    std::memcpy(streams[i]->memory.data(), atBlock[i].data(), atBlock[i].size());
  return program.run();
}

Status Decoder::append(std::span<const int32_t> added, size_t wanted, const std::function<void(size_t, const float *)> &take) {
  const int64_t context = getContext(), width = program.getWidth();
  for (size_t done = 0; done < added.size();) {
    size_t first = done, count = std::min(added.size() - done, static_cast<size_t>(context - filled));
    std::copy_n(added.begin() + static_cast<int64_t>(first), count, program.getTokens() + filled);
    const float *ofFirst = program.getLogits() + filled * width;
    filled += static_cast<int64_t>(count);
    done += count;
    if (filled < context && done <= wanted)
      continue;
    if (Status status = runBlock(); !status)
      return status;
    for (size_t i = std::max(first, wanted); i < done; ++i)
      take(i, ofFirst + static_cast<int64_t>(i - first) * width);
    if (filled == context) {
      filled = 0;
      keepStreams();
    }
  }
  return Status::success();
}
