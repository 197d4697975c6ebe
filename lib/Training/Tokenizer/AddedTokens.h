//===- AddedTokens.h - tokens that are looked for in the text ---*- C++ -*-===//
#pragma once

#include "lib/Training/Tokenizer/Description.h"

#include <bitset>
#include <functional>
#include <unordered_map>

namespace moe::bpe {

/// Finds added tokens in a text: the leftmost, of several there the longest.
class AddedTokens {
public:
  void add(const AddedToken &token, std::string_view content);
  bool empty() const { return tokens.empty(); }

  /// Takes a text apart from left to right: `onText` gets what lies between tokens, never empty, `onToken` the ids.
  void split(std::string_view text, const std::function<void(std::string_view)> &onText, const std::function<void(int32_t)> &onToken) const;

private:
  struct Flags {
    int32_t id;
    bool singleWord, lstrip, rstrip;
  };
  /// The token that begins at `at` and its length; nullptr when none does.
  const Flags *match(std::string_view text, size_t at, size_t &length) const;

  static uint64_t edge(uint32_t node, char byte) { return static_cast<uint64_t>(node) << 8 | static_cast<unsigned char>(byte); }

  std::vector<Flags> tokens;
  std::vector<int32_t> ends = {-1};                ///< by node of the trie: the token that ends there
  std::unordered_map<uint64_t, uint32_t> children; ///< by node and byte; node 0 is the root
  std::bitset<256> first;                          ///< bytes that begin a token
};

} // namespace moe::bpe
