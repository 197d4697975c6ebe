//===- Prompt.cpp - the tokens that a text begins with ----------*- C++ -*-===//
#include "lib/Training/Prompt.h"
#include "lib/Training/Text.h"

using namespace moe;
using Tokens = DataFormat::Tokens;

static std::string rangeOf(const Vocabulary &vocabulary) { return "an id from 0 to " + std::to_string(vocabulary.size() - 1); }

Status moe::checkPrompt(const Vocabulary &vocabulary, std::string_view prompt, const std::string &what) {
  Tokens tokens = vocabulary.getFormat().tokens;
  if (tokens == Tokens::words && !isValidUtf8(prompt))
    return Status::failure(what + " is not valid UTF-8");
  if (tokens == Tokens::ids)
    for (std::string_view word; !(word = takeWord(prompt)).empty();)
      if (vocabulary.find(word) < 0)
        return Status::failure(what + " holds '" + std::string(word) + "', expected " + rangeOf(vocabulary));
  return Status::success();
}

Status moe::encodeBegin(const Vocabulary &vocabulary, std::vector<int32_t> &ids) {
  ids.clear();
  switch (vocabulary.getFormat().tokens) {
  case Tokens::words:
    ids = {vocabulary.getEndOfLine()};
    return Status::success();
  case Tokens::bytes:
    ids = {'\n'};
    return Status::success();
  case Tokens::bpe:
    if (int32_t separator = vocabulary.getTokenizer().getSeparator(); separator >= 0)
      ids = {separator};
    return ids.empty() ? vocabulary.encode("\n", ids) : Status::success();
  case Tokens::ids:
    break;
  }
  return Status::failure("the prompt is empty: the data is token ids, and the first one must be given, " + rangeOf(vocabulary));
}
