//===- Initialize.cpp - first values of buffers -----------------*- C++ -*-===//
#include "lib/Support/Philox.h"
#include "moe/Runtime.h"

#include <algorithm>
#include <cmath>
#include <numbers>

using namespace moe;

/// FNV-1a: the same on every machine and in every version.
static uint32_t stableHash(std::string_view name) {
  uint32_t hash = 2166136261u;
  for (unsigned char c : name)
    hash = (hash ^ c) * 16777619u;
  return hash;
}

namespace {
/// Element i of a parameter's random numbers, whatever the order in which elements are asked for.
class ElementRandom {
public:
  ElementRandom(uint64_t seed, std::string_view name)
      : key(siteKey(static_cast<uint32_t>(seed), static_cast<uint32_t>(seed >> 32), stableHash(name))) {}

  double uniform(int64_t i, double bound) const { return (2 * toUnit(words(i)[0]) - 1) * bound; }

  double normal(int64_t i, double deviation) const {
    auto [first, second] = words(i); // Box-Muller; 1 - u lies in (0, 1]
    return deviation * std::sqrt(-2 * std::log(1 - toUnit(first))) * std::cos(2 * std::numbers::pi * toUnit(second));
  }

private:
  /// The second counter word is where dropout has its micro-batch: counting it down from the top keeps the two apart.
  std::array<uint32_t, 2> words(int64_t i) const {
    return philox2x32(static_cast<uint32_t>(i), ~static_cast<uint32_t>(static_cast<uint64_t>(i) >> 32), key);
  }
  uint32_t key;
};
} // namespace

static void initializeFloats(float *data, int64_t count, const Initializer &init, const ElementRandom &random) {
  switch (init.kind) {
  case Initializer::Kind::constant:
    std::fill_n(data, count, static_cast<float>(init.value));
    break;
  case Initializer::Kind::normal:
    for (int64_t i = 0; i < count; ++i)
      data[i] = static_cast<float>(random.normal(i, init.value));
    break;
  case Initializer::Kind::uniform:
    for (int64_t i = 0; i < count; ++i)
      data[i] = static_cast<float>(random.uniform(i, init.value));
    break;
  }
}

/// Integers and booleans start as a constant: nothing random has these types.
void moe::initialize(Buffer &buffer, uint64_t seed) {
  const Binding &binding = buffer.binding;
  switch (binding.type) {
  case DType::f32:
    return initializeFloats(buffer.as<float>(), buffer.elements(), binding.init, ElementRandom(seed, binding.name));
  case DType::i32:
    std::fill_n(buffer.as<int32_t>(), buffer.elements(), static_cast<int32_t>(binding.init.value));
    return;
  case DType::i1:
    std::fill_n(buffer.as<uint8_t>(), buffer.elements(), static_cast<uint8_t>(binding.init.value != 0));
    return;
  case DType::bf16: // no binding has it
    return;
  }
}
