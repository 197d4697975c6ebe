//===- Merges.cpp - joining the tokens of a piece ---------------*- C++ -*-===//
#include "lib/Training/Tokenizer/Merges.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <stdexcept>

using namespace moe;
using namespace moe::bpe;

static constexpr uint32_t none = std::numeric_limits<uint32_t>::max();

Merges::Merges(const Description &description) : byteIds(description.byteIds) {
  slots.assign(std::bit_ceil(2 * description.merges.size() + 2), {noPair, {}});
  uint32_t rank = 0;
  for (const Merge &merge : description.merges) {
    uint64_t pair = pairOf(merge.left, merge.right);
    slots[slotOf(pair)] = {pair, {rank++, merge.joined}}; // of two merges of one pair the later one counts
  }
  if (description.ignoreMerges)
    for (size_t id = 0; id < description.tokens.size(); ++id)
      if (description.isWord[id])
        words.emplace(description.tokens[id], static_cast<int32_t>(id));
}

size_t Merges::slotOf(uint64_t pair) const {
  size_t mask = slots.size() - 1;
  uint64_t mixed = pair * 0x9E3779B97F4A7C15;
  size_t at = static_cast<size_t>(mixed ^ mixed >> 32) & mask;
  while (slots[at].pair != noPair && slots[at].pair != pair)
    at = (at + 1) & mask;
  return at;
}

const Merges::Joined *Merges::find(int32_t left, int32_t right) const {
  const Slot &slot = slots[slotOf(pairOf(left, right))];
  return slot.pair == noPair ? nullptr : &slot.joined;
}

/// The lowest rank first, then the leftmost.
static bool comesLater(const Merges::Scratch::Candidate &a, const Merges::Scratch::Candidate &b) {
  return a.rank != b.rank ? a.rank > b.rank : a.at > b.at;
}

/// Remembers that the symbol at `at` can be joined with the next one.
void Merges::consider(Scratch &scratch, uint32_t at) const {
  const Scratch::Symbol &left = scratch.symbols[at];
  if (left.next == none)
    return;
  if (const Joined *joined = find(left.id, scratch.symbols[left.next].id)) {
    scratch.heap.push_back({joined->rank, at, joined->id});
    std::push_heap(scratch.heap.begin(), scratch.heap.end(), comesLater);
  }
}

void Merges::encode(std::string_view piece, Scratch &scratch, std::vector<int32_t> &ids) const {
  if (!words.empty())
    if (auto it = words.find(piece); it != words.end())
      return ids.push_back(it->second);
  if (piece.size() >= none)
    throw std::length_error("a piece of text that the tokenizer does not take apart has " + std::to_string(piece.size()) + " bytes");
  auto size = static_cast<uint32_t>(piece.size());
  std::vector<Scratch::Symbol> &symbols = scratch.symbols;
  symbols.resize(size);
  scratch.heap.clear();
  for (uint32_t i = 0; i < size; ++i)
    symbols[i] = {byteIds[static_cast<unsigned char>(piece[i])], i ? i - 1 : none, i + 1 < size ? i + 1 : none};
  for (uint32_t i = 0; i + 1 < size; ++i)
    consider(scratch, i);
  while (!scratch.heap.empty()) {
    Scratch::Candidate best = scratch.heap.front();
    std::pop_heap(scratch.heap.begin(), scratch.heap.end(), comesLater);
    scratch.heap.pop_back();
    Scratch::Symbol &left = symbols[best.at];
    if (left.id < 0 || left.next == none)
      continue;
    Scratch::Symbol &right = symbols[left.next];
    const Joined *now = find(left.id, right.id);
    if (!now || now->rank != best.rank) // one of the two has been joined with something else since
      continue;
    left.id = best.joined;
    right.id = -1;
    left.next = right.next;
    if (left.next != none)
      symbols[left.next].previous = best.at;
    consider(scratch, best.at);
    if (left.previous != none)
      consider(scratch, left.previous);
  }
  for (uint32_t i = 0; i != none && size; i = symbols[i].next)
    ids.push_back(symbols[i].id);
}
