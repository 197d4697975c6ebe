//===- Description.h - what a tokenizer.json says ---------------*- C++ -*-===//
#pragma once

#include "lib/Training/Tokenizer/PreTokenizer.h"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace moe::bpe {

struct AddedToken {
  int32_t id = -1;
  std::string content;
  bool special = false;
  bool singleWord = false;         ///< only where no word character touches it
  bool lstrip = false, rstrip = false; ///< takes the blanks before or behind it
  bool normalized = false;         ///< is looked for in the normalised text
};

struct Merge {
  int32_t left, right, joined;
};

/// What a file says, checked: ids are 0 .. tokens.size() - 1, each once.
struct Description {
  std::vector<std::string> tokens;    ///< the bytes that each id stands for
  std::vector<bool> isWord;           ///< by id: a token of the vocabulary in the byte alphabet, no added one
  std::array<int32_t, 256> byteIds{}; ///< the tokens of single bytes
  std::vector<Merge> merges;          ///< the first one goes before all others
  bool ignoreMerges = false;          ///< a piece that is a token is that token
  bool nfc = false;
  std::vector<AddedToken> added;
  PreTokenizer preTokenizer;
};

/// Far more bytes than any tokenizer.json has.
inline constexpr size_t maxDescription = size_t(1) << 28;

/// Reads and checks. A refusal begins with `name` and the path of the part that is wrong.
Status readDescription(std::string_view json, const std::string &name, Description &description);

} // namespace moe::bpe
