//===- WindowDecoder.cpp - logits of sequences beside each other -*- C++ -*-===//
#include "lib/Training/WindowDecoder.h"

#include <algorithm>

using namespace moe;

Status WindowDecoder::run(std::span<const DecodeWindow> windows) {
  program.resetStreams();
  size_t longest = 0, block = static_cast<size_t>(getContext());
  for (const DecodeWindow &window : windows)
    longest = std::max(longest, window.tokens.size());
  for (size_t begin = 0; begin < longest; begin += block) {
    auto endOf = [&](const DecodeWindow &window) { return std::min(begin + block, window.tokens.size()); };
    for (size_t row = 0; row < windows.size(); ++row)
      for (size_t i = begin; i < endOf(windows[row]); ++i)
        program.getTokens()[row * block + i - begin] = windows[row].tokens[i];
    if (Status status = program.run(); !status)
      return status;
    for (size_t row = 0; row < windows.size(); ++row)
      for (size_t i = std::max(begin, windows[row].wanted); i < endOf(windows[row]); ++i)
        windows[row].take(i, program.getLogits() + (row * block + i - begin) * static_cast<size_t>(getWidth()));
  }
  return Status::success();
}
