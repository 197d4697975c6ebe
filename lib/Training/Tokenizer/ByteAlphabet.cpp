//===- ByteAlphabet.cpp - bytes written as printable characters -*- C++ -*-===//
#include "lib/Training/Tokenizer/ByteAlphabet.h"

#include <array>
#include <cstdint>
#include <utf8proc.h>

using namespace moe;

namespace {
struct Alphabet {
  static constexpr int32_t end = 0x144; ///< behind the last character
  std::array<int32_t, 256> ofByte{};
  std::array<int16_t, end> toByte;

  constexpr Alphabet() {
    toByte.fill(-1);
    int32_t next = 0x100;
    for (int32_t byte = 0; byte < 256; ++byte) {
      bool isPrintable = (byte >= '!' && byte <= '~') || (byte >= 0xA1 && byte <= 0xAC) || byte >= 0xAE;
      ofByte[static_cast<size_t>(byte)] = isPrintable ? byte : next++;
      toByte[static_cast<size_t>(ofByte[static_cast<size_t>(byte)])] = static_cast<int16_t>(byte);
    }
  }
};
} // namespace

static constexpr Alphabet alphabet;

bool bpe::fromByteAlphabet(std::string_view token, std::string &bytes) {
  bytes.clear();
  for (size_t at = 0; at < token.size();) {
    utf8proc_int32_t character;
    utf8proc_ssize_t length = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t *>(token.data() + at),
                                               static_cast<utf8proc_ssize_t>(token.size() - at), &character);
    if (length <= 0 || character >= Alphabet::end || alphabet.toByte[static_cast<size_t>(character)] < 0)
      return false;
    bytes += static_cast<char>(alphabet.toByte[static_cast<size_t>(character)]);
    at += static_cast<size_t>(length);
  }
  return true;
}

std::string bpe::toByteAlphabet(unsigned char byte) {
  utf8proc_uint8_t encoded[4];
  utf8proc_ssize_t length = utf8proc_encode_char(alphabet.ofByte[byte], encoded);
  return {reinterpret_cast<const char *>(encoded), static_cast<size_t>(length)};
}
