//===- WindowDecoder.cpp - logits of sequences beside each other -*- C++ -*-===//
#include "lib/Training/WindowDecoder.h"
#include "lib/Training/Programs.h"

#include <algorithm>

using namespace moe;

Status WindowDecoder::prepare(const Executable &executable, BufferStore &parameters, ThreadPool &pool) {
  const Program *program = nullptr;
  if (Status status = requireProgram(executable, "decode", program); !status)
    return status;
  if (Status status = requireTokens(*program, rows, context); !status)
    return status;
  if (Status status = local.addLocal(*program); !status)
    return status;
  Buffer *result = local.find(BindingKind::logits, "logits");
  if (!result || result->binding.shape.size() != 3)
    return Status::failure("@decode does not give logits");
  logits = result->as<float>();
  width = result->binding.shape[2];
  tokens = inputOrScratch(local, "tokens", rows * context, scratch);
  isStreaming = !local.all(BindingKind::stream).empty();
  local.initialize(0);
  runner = std::make_unique<Runner>(executable, *program, pool);
  return runner->bind({&local, &parameters});
}

Status WindowDecoder::run(std::span<const DecodeWindow> windows) {
  local.resetStreams();
  size_t longest = 0, block = static_cast<size_t>(context);
  for (const DecodeWindow &window : windows)
    longest = std::max(longest, window.tokens.size());
  for (size_t begin = 0; begin < longest; begin += block) {
    auto endOf = [&](const DecodeWindow &window) { return std::min(begin + block, window.tokens.size()); };
    for (size_t row = 0; row < windows.size(); ++row)
      for (size_t i = begin; i < endOf(windows[row]); ++i)
        tokens[row * block + i - begin] = windows[row].tokens[i];
    if (Status status = runner->run(); !status)
      return status;
    for (size_t row = 0; row < windows.size(); ++row)
      for (size_t i = std::max(begin, windows[row].wanted); i < endOf(windows[row]); ++i)
        windows[row].take(i, logits + (row * block + i - begin) * static_cast<size_t>(width));
  }
  return Status::success();
}
