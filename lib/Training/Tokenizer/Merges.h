//===- Merges.h - joining the tokens of a piece -----------------*- C++ -*-===//
#pragma once

#include "lib/Training/Tokenizer/Description.h"

#include <string_view>
#include <unordered_map>
#include <vector>

namespace moe::bpe {

/// Byte-level BPE: a piece begins as the tokens of its bytes; of all neighbours that a merge joins, those of the first merge in the list
/// are joined first, from left to right, until none is left.
class Merges {
public:
  /// `description` must outlive it.
  explicit Merges(const Description &description);

  /// What `encode` works on; belongs to one thread.
  struct Scratch {
    struct Symbol {
      int32_t id; ///< -1: joined to the one before
      uint32_t previous, next;
    };
    struct Candidate {
      uint32_t rank, at;
      int32_t joined;
    };
    std::vector<Symbol> symbols;
    std::vector<Candidate> heap;
  };
  void encode(std::string_view piece, Scratch &scratch, std::vector<int32_t> &ids) const;

private:
  struct Joined {
    uint32_t rank;
    int32_t id;
  };
  /// By pair of ids, open addressing; at most half full.
  struct Slot {
    uint64_t pair;
    Joined joined;
  };
  static constexpr uint64_t noPair = ~uint64_t(0);
  static uint64_t pairOf(int32_t left, int32_t right) { return static_cast<uint64_t>(left) << 32 | static_cast<uint32_t>(right); }
  size_t slotOf(uint64_t pair) const;
  const Joined *find(int32_t left, int32_t right) const;
  void consider(Scratch &scratch, uint32_t at) const;

  const std::array<int32_t, 256> &byteIds;
  std::vector<Slot> slots;
  std::unordered_map<std::string_view, int32_t> words; ///< when pieces that are tokens stay whole
};

} // namespace moe::bpe
