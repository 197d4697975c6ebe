//===- AddedTokens.cpp - tokens that are looked for in the text -*- C++ -*-===//
#include "lib/Training/Tokenizer/AddedTokens.h"
#include "lib/Training/Tokenizer/Utf8.h"

#include <algorithm>

using namespace moe;
using namespace moe::bpe;

//===-- Characters at the edges ------------------------------------------------===//

static std::string_view firstCharacter(std::string_view text) { return text.substr(0, characterLength(text)); }

static std::string_view lastCharacter(std::string_view text) {
  size_t at = text.size();
  while (at && (static_cast<unsigned char>(text[--at]) & 0xC0) == 0x80)
    ;
  return text.substr(at);
}

/// The code point of one character, or -1.
static int32_t codePointOf(std::string_view character) {
  utf8proc_int32_t point = -1;
  utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t *>(character.data()), static_cast<utf8proc_ssize_t>(character.size()), &point);
  return point;
}

/// Letters, marks, digits, connectors, joiners; letters in circles and squares count as letters.
static bool isWordCharacter(std::string_view character) {
  if (character.empty())
    return false;
  int32_t point = codePointOf(character);
  auto isWithin = [&](int32_t low, int32_t high) { return low <= point && point <= high; };
  switch (utf8proc_category(point)) {
  case UTF8PROC_CATEGORY_LU:
  case UTF8PROC_CATEGORY_LL:
  case UTF8PROC_CATEGORY_LT:
  case UTF8PROC_CATEGORY_LM:
  case UTF8PROC_CATEGORY_LO:
  case UTF8PROC_CATEGORY_MN:
  case UTF8PROC_CATEGORY_MC:
  case UTF8PROC_CATEGORY_ME:
  case UTF8PROC_CATEGORY_ND:
  case UTF8PROC_CATEGORY_NL:
  case UTF8PROC_CATEGORY_PC:
    return true;
  default:
    return isWithin(0x200C, 0x200D) || isWithin(0x24B6, 0x24E9) || isWithin(0x1F130, 0x1F149) || isWithin(0x1F150, 0x1F169) ||
           isWithin(0x1F170, 0x1F189);
  }
}

static bool isBlank(std::string_view character) {
  if (character.empty())
    return false;
  int32_t point = codePointOf(character);
  utf8proc_category_t category = utf8proc_category(point);
  return (point >= '\t' && point <= '\r') || point == 0x85 || category == UTF8PROC_CATEGORY_ZS || category == UTF8PROC_CATEGORY_ZL ||
         category == UTF8PROC_CATEGORY_ZP;
}

//===-- The search -----------------------------------------------------------------===//

void AddedTokens::add(const AddedToken &token, std::string_view content) {
  uint32_t node = 0;
  for (char byte : content) {
    auto [it, isNew] = children.try_emplace(edge(node, byte), static_cast<uint32_t>(ends.size()));
    if (isNew)
      ends.push_back(-1);
    node = it->second;
  }
  ends[node] = static_cast<int32_t>(tokens.size());
  first.set(static_cast<unsigned char>(content[0]));
  tokens.push_back({token.id, token.singleWord, token.lstrip, token.rstrip});
}

const AddedTokens::Flags *AddedTokens::match(std::string_view text, size_t at, size_t &length) const {
  int32_t best = -1;
  uint32_t node = 0;
  for (size_t i = at; i < text.size(); ++i) {
    auto it = children.find(edge(node, text[i]));
    if (it == children.end())
      break;
    node = it->second;
    if (ends[node] >= 0) {
      best = ends[node];
      length = i + 1 - at;
    }
  }
  return best < 0 ? nullptr : &tokens[static_cast<size_t>(best)];
}

void AddedTokens::split(std::string_view text, const std::function<void(std::string_view)> &onText,
                        const std::function<void(int32_t)> &onToken) const {
  size_t done = 0;
  for (size_t at = 0, length = 0; at < text.size(); at += length) {
    length = 1;
    if (!first.test(static_cast<unsigned char>(text[at])))
      continue;
    const Flags *token = match(text, at, length);
    if (!token)
      continue;
    size_t begin = at, end = at + length;
    if (token->singleWord && (isWordCharacter(lastCharacter(text.substr(0, begin))) || isWordCharacter(firstCharacter(text.substr(end)))))
      continue;
    if (token->lstrip) {
      while (begin > done && isBlank(lastCharacter(text.substr(0, begin))))
        begin -= lastCharacter(text.substr(0, begin)).size();
      begin = std::max(begin, done);
    }
    if (token->rstrip)
      for (std::string_view next; isBlank(next = firstCharacter(text.substr(end)));)
        end += next.size();
    if (begin >= end) // nothing but blanks that the token before has taken
      continue;
    if (done < begin)
      onText(text.substr(done, begin - done));
    onToken(token->id);
    done = end; // a token of blanks counts also where the token before it has taken them: so do the libraries that models were trained with
  }
  if (done < text.size())
    onText(text.substr(done));
}
