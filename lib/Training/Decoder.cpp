//===- Decoder.cpp - logits along a growing sequence ------------*- C++ -*-===//
#include "lib/Training/Decoder.h"
#include "lib/Training/Programs.h"

#include <algorithm>
#include <cstring>

using namespace moe;

Status Decoder::prepare(const Executable &executable, BufferStore &parameters, ThreadPool &pool) {
  const Program *program = nullptr;
  int64_t rows = 0;
  if (Status status = requireProgram(executable, "decode", program); !status)
    return status;
  if (Status status = requireTokens(*program, rows, context); !status)
    return status;
  if (Status status = local.addLocal(*program); !status)
    return status;
  Buffer *result = local.find(BindingKind::logits, "logits");
  if (rows != 1 || !result || result->binding.shape.size() != 3)
    return Status::failure("@decode does not give the logits of one row");
  logits = result->as<float>();
  width = result->binding.shape[2];
  tokens = inputOrScratch(local, "tokens", context, scratch);
  streams = local.all(BindingKind::stream);
  local.initialize(0);
  reset();
  runner = std::make_unique<Runner>(executable, *program, pool);
  return runner->bind({&local, &parameters});
}

void Decoder::keepStreams() {
  atBlock.clear();
  for (Buffer *stream : streams) {
    const char *bytes = stream->as<char>();
    atBlock.emplace_back(bytes, bytes + stream->bytes());
  }
}

void Decoder::reset() {
  local.resetStreams();
  keepStreams();
  filled = 0;
}

/// Positions from `filled` on hold what a block before left there: no earlier position sees them.
Status Decoder::runBlock() {
  for (size_t i = 0; i < streams.size(); ++i)
    std::memcpy(streams[i]->memory.data(), atBlock[i].data(), atBlock[i].size());
  return runner->run();
}

Status Decoder::append(std::span<const int32_t> added, size_t wanted, const std::function<void(size_t, const float *)> &take) {
  for (size_t done = 0; done < added.size();) {
    size_t first = done, count = std::min(added.size() - done, static_cast<size_t>(context - filled));
    std::copy_n(added.begin() + static_cast<int64_t>(first), count, tokens + filled);
    const float *ofFirst = logits + filled * width;
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
