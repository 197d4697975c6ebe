//===- Philox.h - counter-based random numbers -----------------*- C++ -*-===//
//
// Philox2x32-10 (Salmon et al., SC 2011): a function of a counter and a key, so that any element of a tensor of random
// numbers can be computed again at any time and in any order.
//
//===----------------------------------------------------------------------===//
#ifndef MOE_SUPPORT_PHILOX_H
#define MOE_SUPPORT_PHILOX_H

#include <array>
#include <bit>
#include <cstdint>

namespace moe {

/// Both words of Philox2x32-10.
constexpr std::array<uint32_t, 2> philox2x32(uint32_t counter0, uint32_t counter1, uint32_t key) {
  for (int round = 0; round < 10; ++round) {
    uint64_t product = uint64_t(0xD256D193) * counter0;
    counter0 = static_cast<uint32_t>(product >> 32) ^ key ^ counter1;
    counter1 = static_cast<uint32_t>(product);
    key += 0x9E3779B9;
  }
  return {counter0, counter1};
}

// The known answers of Random123.
static_assert(philox2x32(0, 0, 0) == std::array<uint32_t, 2>{0xff1dae59, 0x6cd10df2});
static_assert(philox2x32(0xffffffff, 0xffffffff, 0xffffffff) == std::array<uint32_t, 2>{0x2c3f628b, 0xab4fd7ad});
static_assert(philox2x32(0x243f6a88, 0x85a308d3, 0x13198a2e) == std::array<uint32_t, 2>{0xdd7ce038, 0xf62a4c12});

/// A word as a number in [0, 1): multiples of 2^-24, exact in f32.
constexpr double toUnit(uint32_t word) { return (word >> 8) * 0x1p-24; }

/// The key word of `moe.uniform` and `kernel.random`.
constexpr uint32_t siteKey(uint32_t seed0, uint32_t seed1, uint32_t site) {
  return seed0 ^ std::rotl(seed1, 16) ^ site;
}

} // namespace moe

#endif // MOE_SUPPORT_PHILOX_H
