//===- Prompt.h - the tokens that a text begins with ------------*- C++ -*-===//
#pragma once

#include "moe/Training/Text.h"

namespace moe {

/// Fails when a text cannot be encoded as it is: words that are not UTF-8, ids that are no numbers. `what` begins the message.
Status checkPrompt(const Vocabulary &vocabulary, std::string_view prompt, const std::string &what);

/// What stands before a text that has nothing before it: the end of a line, of a document where a tokenizer knows one. Fails where tokens are
/// numbers: none of them is known to begin anything.
Status encodeBegin(const Vocabulary &vocabulary, std::vector<int32_t> &ids);

} // namespace moe
