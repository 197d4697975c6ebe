//===- Readers.h - the parts of a tokenizer.json -----------------*- C++ -*-===//
#pragma once

#include "lib/Training/Tokenizer/Description.h"
#include "lib/Training/Tokenizer/JsonPlace.h"

namespace moe::bpe {

/// Reads `model` and `added_tokens`. Throws Refusal.
void readVocabulary(const JsonPlace &file, Description &description);

/// Reads `pre_tokenizer`. Throws Refusal.
void readPreTokenizer(const JsonPlace &place, PreTokenizer &steps);

} // namespace moe::bpe
