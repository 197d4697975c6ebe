//===- WordCache.h - pieces that were encoded before ------------*- C++ -*-===//
#pragma once

#ifndef XXH_INLINE_ALL
#define XXH_INLINE_ALL
#endif
#include <xxhash.h>

#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

namespace moe::bpe {

/// Pieces with their ids. Bounded: when it is full it is emptied.
class WordCache {
public:
  static constexpr size_t longest = 64; ///< longer pieces seldom come twice

  static uint64_t hash(std::string_view word) { return XXH3_64bits(word.data(), word.size()) | 1; }

  /// An empty span when the word is not there: no word has no ids.
  std::span<const int32_t> find(std::string_view word, uint64_t hash) const {
    for (size_t at = hash & (slots.size() - 1); !slots.empty() && slots[at].hash; at = (at + 1) & (slots.size() - 1)) {
      const Slot &slot = slots[at];
      if (slot.hash == hash && slot.length == word.size() && std::memcmp(bytes.data() + slot.word, word.data(), word.size()) == 0)
        return {ids.data() + slot.ids, slot.count};
    }
    return {};
  }

  void add(std::string_view word, uint64_t hash, std::span<const int32_t> encoded) {
    if (2 * (used + 1) > slots.size())
      grow();
    place({hash, static_cast<uint32_t>(bytes.size()), static_cast<uint32_t>(ids.size()), static_cast<uint16_t>(word.size()),
           static_cast<uint16_t>(encoded.size())});
    bytes.insert(bytes.end(), word.begin(), word.end());
    ids.insert(ids.end(), encoded.begin(), encoded.end());
    ++used;
  }

private:
  static constexpr size_t firstSlots = 1 << 10, mostSlots = 1 << 21;
  struct Slot {
    uint64_t hash = 0; ///< 0: free
    uint32_t word = 0, ids = 0;
    uint16_t length = 0, count = 0;
  };

  void place(const Slot &slot) {
    size_t at = slot.hash & (slots.size() - 1);
    while (slots[at].hash)
      at = (at + 1) & (slots.size() - 1);
    slots[at] = slot;
  }
  void grow() {
    std::vector<Slot> before = std::move(slots);
    bool isFull = before.size() == mostSlots;
    slots.assign(before.empty() || isFull ? firstSlots : 2 * before.size(), {});
    if (isFull) {
      bytes.clear();
      ids.clear();
      used = 0;
      return;
    }
    for (const Slot &slot : before)
      if (slot.hash)
        place(slot);
  }

  std::vector<Slot> slots;
  std::vector<char> bytes;
  std::vector<int32_t> ids;
  size_t used = 0;
};

} // namespace moe::bpe
