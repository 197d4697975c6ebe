//===- Utf8.h - where text is UTF-8 and where not ---------------*- C++ -*-===//
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <utf8proc.h>

namespace moe::bpe {

/// Length of the character at the beginning; 0 when there is no well-formed one.
inline size_t characterLength(std::string_view text) {
  if (text.empty())
    return 0;
  if (static_cast<unsigned char>(text[0]) < 0x80)
    return 1;
  utf8proc_int32_t character;
  utf8proc_ssize_t length = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t *>(text.data()),
                                             static_cast<utf8proc_ssize_t>(text.size()), &character);
  return length > 0 ? static_cast<size_t>(length) : 0;
}

/// How many bytes from the beginning are ASCII.
inline size_t asciiLength(std::string_view text) {
  size_t at = 0;
  uint64_t eight;
  while (at + 8 <= text.size() && (std::memcpy(&eight, text.data() + at, 8), (eight & 0x8080808080808080) == 0))
    at += 8;
  while (at < text.size() && static_cast<unsigned char>(text[at]) < 0x80)
    ++at;
  return at;
}

/// How many bytes from the beginning are well-formed UTF-8.
inline size_t validLength(std::string_view text) {
  size_t at = 0;
  while (at < text.size()) {
    at += asciiLength(text.substr(at));
    size_t length = characterLength(text.substr(at));
    if (!length)
      break;
    at += length;
  }
  return at;
}

/// How many bytes from the beginning begin no well-formed character.
inline size_t invalidLength(std::string_view text) {
  size_t at = 0;
  while (at < text.size() && !characterLength(text.substr(at)))
    ++at;
  return at;
}

} // namespace moe::bpe
