//===- Normalizer.cpp - canonical composition -------------------*- C++ -*-===//
#include "lib/Training/Tokenizer/Normalizer.h"
#include "lib/Training/Tokenizer/Utf8.h"

#include <stdexcept>
#include <vector>

using namespace moe;
using namespace moe::bpe;

/// Appends the composed form of a piece that interacts with nothing outside it.
static void appendComposed(std::string_view piece, std::vector<utf8proc_int32_t> &scratch, std::string &into) {
  constexpr auto options = static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE);
  auto decompose = [&] {
    return utf8proc_decompose(reinterpret_cast<const utf8proc_uint8_t *>(piece.data()), static_cast<utf8proc_ssize_t>(piece.size()),
                              scratch.data(), static_cast<utf8proc_ssize_t>(scratch.size()), options);
  };
  utf8proc_ssize_t length = decompose();
  if (length >= static_cast<utf8proc_ssize_t>(scratch.size())) { // one place stays free: the library ends its text with a zero
    scratch.resize(static_cast<size_t>(length) + 1);
    length = decompose();
  }
  if (length >= 0)
    length = utf8proc_reencode(scratch.data(), length, options);
  if (length < 0)
    throw std::runtime_error(std::string("normalisation failed: ") + utf8proc_errmsg(length));
  into.append(reinterpret_cast<const char *>(scratch.data()), static_cast<size_t>(length));
}

/// How many bytes from the beginning are not ASCII.
static size_t otherLength(std::string_view text) {
  size_t at = 0;
  while (at < text.size() && static_cast<unsigned char>(text[at]) >= 0x80)
    ++at;
  return at;
}

std::string_view bpe::toNfc(std::string_view text, std::string &buffer) {
  size_t ascii = asciiLength(text);
  if (ascii == text.size())
    return text;
  std::vector<utf8proc_int32_t> scratch(256);
  buffer.clear();
  buffer.reserve(text.size());
  // A character of ASCII composes with nothing before it, and it is the only one of its run that composes with what follows.
  while (!text.empty()) {
    size_t kept = ascii ? ascii - 1 : 0;
    buffer.append(text.substr(0, kept));
    size_t other = (ascii ? 1 : 0) + otherLength(text.substr(ascii));
    appendComposed(text.substr(kept, other), scratch, buffer);
    text.remove_prefix(kept + other);
    ascii = asciiLength(text);
    if (ascii == text.size()) {
      buffer.append(text);
      break;
    }
  }
  return buffer;
}
