//===- FiniteCheck.cpp - looking for infinities and nan ---------*- C++ -*-===//
#include "lib/Training/FiniteCheck.h"

#include <algorithm>
#include <atomic>

using namespace moe;

static constexpr int64_t blockElements = 1 << 15;

/// Works on the bits, so that the loop stays free of branches and becomes vector code. args: the words, their number, the answer.
static void findNonFinite(void *const *args, int64_t begin, int64_t end) {
  auto *words = static_cast<const uint32_t *>(args[0]);
  int64_t last = std::min(end * blockElements, *static_cast<const int64_t *>(args[1]));
  constexpr uint32_t exponent = 0x7F800000;
  uint32_t found = 0;
  for (int64_t i = begin * blockElements; i < last; ++i)
    found |= (words[i] & exponent) == exponent;
  if (found)
    static_cast<std::atomic<bool> *>(args[2])->store(true, std::memory_order_relaxed);
}

bool moe::isFinite(const void *floats, int64_t count, ThreadPool &pool) {
  std::atomic<bool> found = false;
  void *args[] = {const_cast<void *>(floats), &count, &found};
  if (count)
    pool.launch(findNonFinite, args, (count + blockElements - 1) / blockElements);
  return !found;
}

bool moe::isFinite(const Buffer &buffer, ThreadPool &pool) {
  return buffer.binding.type != DType::f32 || isFinite(buffer.memory.data(), buffer.elements(), pool);
}
