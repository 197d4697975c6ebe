//===- Inflate.h - zlib streams in memory -----------------------*- C++ -*-===//
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace moe {

/// Unpacks the zlib stream at the beginning of `packed`, which must give `size` bytes; `used` gets its length. False when it is not such a stream.
bool inflateStream(std::string_view packed, size_t size, std::string &text, size_t &used);

/// The four bytes at `at` as a number; they must be there.
inline uint32_t littleEndian(std::string_view bytes, size_t at) {
  auto byte = [&](size_t i) { return static_cast<uint32_t>(static_cast<unsigned char>(bytes[at + i])); };
  return byte(0) | byte(1) << 8 | byte(2) << 16 | byte(3) << 24;
}
inline uint32_t bigEndian(std::string_view bytes, size_t at) { return __builtin_bswap32(littleEndian(bytes, at)); }

} // namespace moe
