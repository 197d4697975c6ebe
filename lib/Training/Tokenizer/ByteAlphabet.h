//===- ByteAlphabet.h - bytes written as printable characters ---*- C++ -*-===//
#pragma once

#include <string>
#include <string_view>

namespace moe::bpe {

/// A byte-level vocabulary writes each byte as one printable character: itself where it is printable in Latin-1, else one of U+0100 onwards.
/// `Ġ` is a blank. Gives the bytes of a token; false when it holds a character outside the alphabet.
bool fromByteAlphabet(std::string_view token, std::string &bytes);

/// The character of a byte, in UTF-8.
std::string toByteAlphabet(unsigned char byte);

} // namespace moe::bpe
