//===- HalfFloats.h - elements of a safetensors file as f32 -----*- C++ -*-===//
#pragma once

#include <bit>
#include <cstdint>

namespace moe {

/// IEEE binary16, exactly.
inline float floatFromF16(uint16_t bits) {
  constexpr float leastSubnormal = 0x1p-24f;
  uint32_t sign = static_cast<uint32_t>(bits & 0x8000) << 16, exponent = bits >> 10 & 0x1f, fraction = bits & 0x3ff;
  if (exponent == 0) {
    float value = static_cast<float>(fraction) * leastSubnormal;
    return sign ? -value : value;
  }
  exponent = exponent == 0x1f ? 0xff : exponent + (127 - 15);
  return std::bit_cast<float>(sign | exponent << 23 | fraction << 13);
}

/// The upper half of an f32, exactly.
inline float floatFromBF16(uint16_t bits) { return std::bit_cast<float>(static_cast<uint32_t>(bits) << 16); }

} // namespace moe
