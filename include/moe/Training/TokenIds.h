//===- TokenIds.h - a text as numbers ---------------------------*- C++ -*-===//
//
// Token ids, in memory or in mapped files, and what is known of how they are stored.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "moe/Runtime.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace moe {

/// How an id is stored; little-endian.
enum class IdType : uint8_t { u16, u32, i32, i64 };
constexpr int64_t sizeOf(IdType type) { return type == IdType::u16 ? 2 : type == IdType::i64 ? 8 : 4; }
const char *toString(IdType type);

/// A sequence of token ids that does not change: pieces of memory or of mapped files, one after the other. Copies share them.
class TokenIds {
public:
  struct Piece {
    const std::byte *data = nullptr; ///< need not be aligned
    IdType type = IdType::i32;
    int64_t count = 0;
    std::shared_ptr<const void> owner; ///< keeps `data` where it is
  };

  TokenIds() = default;
  TokenIds(std::vector<int32_t> ids);
  explicit TokenIds(std::vector<Piece> pieces);

  int64_t size() const { return ends.empty() ? 0 : ends.back(); }
  bool empty() const { return size() == 0; }
  int32_t operator[](int64_t at) const {
    int32_t id;
    copy(at, 1, &id);
    return id;
  }
  /// Ids [from, from + count) as 32-bit numbers.
  void copy(int64_t from, int64_t count, int32_t *into) const;
  /// Tells the system that these ids are read soon: what lies in files is read ahead while something else is computed.
  void willRead(int64_t from, int64_t count) const;

  /// Hands out all ids in order, `take(const int32_t *ids, int64_t count)`.
  template <typename Take>
  void forEachChunk(Take &&take) const {
    std::array<int32_t, 1 << 14> chunk;
    for (int64_t at = 0, count; at < size(); at += count) {
      count = std::min<int64_t>(static_cast<int64_t>(chunk.size()), size() - at);
      copy(at, count, chunk.data());
      take(static_cast<const int32_t *>(chunk.data()), count);
    }
  }
  std::vector<int32_t> toVector() const;
  /// XXH3 of the ids as 32-bit numbers: the same however they are stored. Reads them all.
  uint64_t hash() const;

private:
  size_t pieceAt(int64_t id) const;

  std::vector<Piece> pieces;   ///< none is empty
  std::vector<int64_t> ends;   ///< of each piece, in the whole
};

/// The same ids, however they are stored.
inline bool operator==(const TokenIds &a, const TokenIds &b) { return a.size() == b.size() && a.toVector() == b.toVector(); }

} // namespace moe
