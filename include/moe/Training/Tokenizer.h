//===- Tokenizer.h - byte-level BPE from tokenizer.json ---------*- C++ -*-===//
//
// The tokenizers of GPT-2, GPT-NeoX and Llama 3 as their tokenizer.json describes them: text to ids and back.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "moe/Runtime.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace moe {

/// A tokenizer that has been checked: ids are dense, every byte has a token, merges join tokens to tokens. Copies share it; it may be used
/// from several threads.
class Tokenizer {
public:
  /// Reads the text of a tokenizer.json; a pure function of its bytes, for any bytes (the fuzz target). A refusal begins with `name` and says
  /// which part of the file was met and what was expected.
  static Status parse(std::string_view json, const std::string &name, Tokenizer &tokenizer);
  static Status load(const std::string &path, Tokenizer &tokenizer);

  bool isLoaded() const { return impl != nullptr; }
  int64_t size() const;
  /// The bytes of the text that a token stands for; of an added token its content.
  std::string_view getBytes(int32_t id) const;
  /// -1 when no token stands for these bytes. Added tokens come first.
  int32_t find(std::string_view bytes) const;
  /// The added token that ends a document (<|endoftext|>, <|end_of_text|>, </s>); -1 without one.
  int32_t getSeparator() const;
  /// The bytes of the file that was read.
  std::string_view getSource() const;

  /// Appends the ids of the text as it stands: nothing is put before or after it. Bytes that are not UTF-8 are tokens as bytes, and the text
  /// on both sides of them is taken apart for itself. Fails only where a pattern of the file needs more steps than it may take.
  Status encode(std::string_view text, std::vector<int32_t> &ids) const;
  /// The bytes of the tokens, one after the other; need not be UTF-8 when it ends within a character.
  std::string decode(const std::vector<int32_t> &ids) const;

private:
  struct Impl;
  std::shared_ptr<const Impl> impl;
};

} // namespace moe
