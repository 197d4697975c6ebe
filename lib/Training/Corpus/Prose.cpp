//===- Prose.cpp - text with its words apart --------------------*- C++ -*-===//
#include "lib/Training/Corpus/Prose.h"
#include "lib/Training/Text.h"

#include <cctype>

using namespace moe;

/// Bytes of the character at the beginning of valid UTF-8.
static size_t characterLength(std::string_view text) {
  auto lead = static_cast<unsigned char>(text[0]);
  return lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
}

static bool isDigit(char c) { return c >= '0' && c <= '9'; }

/// ASCII letters and digits, and what lies beyond ASCII outside General Punctuation (U+2010 to U+2046, E2 80 90 to E2 81 86).
static bool isWordCharacter(std::string_view text) {
  auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  if (byte(0) < 0x80)
    return std::isalnum(byte(0));
  bool isPunctuation = byte(0) == 0xE2 && text.size() >= 3 && ((byte(1) == 0x80 && byte(2) >= 0x90) || (byte(1) == 0x81 && byte(2) <= 0x86));
  return !isPunctuation;
}

/// A sign that joins what stands on both its sides: don't, 4.4.7, 12,021.
static bool joins(char before, char sign, std::string_view after) {
  if (after.empty())
    return false;
  if (sign == '\'')
    return std::isalpha(static_cast<unsigned char>(before)) && std::isalpha(static_cast<unsigned char>(after[0]));
  return (sign == '.' || sign == ',') && isDigit(before) && isDigit(after[0]);
}

/// Bytes of the word at the beginning; 0 when there is none.
static size_t wordLength(std::string_view text) {
  size_t end = 0;
  while (end < text.size()) {
    std::string_view rest = text.substr(end);
    if (isWordCharacter(rest))
      end += characterLength(rest);
    else if (end && joins(text[end - 1], rest[0], rest.substr(1)))
      ++end;
    else
      break;
  }
  return end;
}

std::string moe::separateWords(std::string_view text) {
  std::string separated;
  auto append = [&](std::string_view token) {
    if (!separated.empty())
      separated += ' ';
    separated += token;
  };
  for (std::string_view chunk; !(chunk = takeWord(text)).empty();)
    while (!chunk.empty()) {
      size_t length = wordLength(chunk);
      if (!length)
        length = characterLength(chunk);
      if (chunk[0] != '{' && chunk[0] != '}')
        append(chunk.substr(0, length));
      chunk.remove_prefix(length);
    }
  return separated;
}
