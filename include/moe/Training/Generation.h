//===- Generation.h - text from a model -------------------------*- C++ -*-===//
//
// Sampling, one token after the other.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "moe/Training/Text.h"

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace moe {

struct GenerateOptions {
  std::string prompt;
  int64_t tokens = 100;
  double temperature = 1; ///< 0: the likeliest token, ties to the lowest id
  uint64_t seed = 0;
  const std::atomic<bool> *stop = nullptr;
  std::function<void(std::string_view piece)> onText; ///< what each token adds to the text
};
struct Generated {
  std::string text; ///< of the new tokens
  std::vector<int32_t> ids;
  std::vector<std::string> unknownWords; ///< of the prompt
};
Status generate(const Executable &executable, BufferStore &parameters, ThreadPool &pool, const Vocabulary &vocabulary,
                const GenerateOptions &options, Generated &generated);

} // namespace moe
