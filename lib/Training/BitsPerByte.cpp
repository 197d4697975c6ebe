//===- BitsPerByte.cpp - a loss for each byte of a text ---------*- C++ -*-===//
#include "moe/Training/BitsPerByte.h"

#include <numbers>

using namespace moe;

std::optional<double> moe::getBitsPerByte(double loss, const Vocabulary &vocabulary, const TokenStream &text) {
  if (vocabulary.getFormat().tokens == DataFormat::Tokens::ids || text.bytes == 0)
    return std::nullopt;
  return loss * std::numbers::log2e * static_cast<double>(text.ids.size()) / static_cast<double>(text.bytes);
}
