//===- BitsPerByte.h - a loss for each byte of a text -----------*- C++ -*-===//
//
// What compares models whose tokens are not the same.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "moe/Training/Text.h"

#include <optional>

namespace moe {

/// `loss`, nats a token of `text`, in bits for each byte of the files that it was read from: blanks and words that are <unk> to the model count with
/// all their bytes. Nothing for data that is ids, which do not say what text they were made of.
std::optional<double> getBitsPerByte(double loss, const Vocabulary &vocabulary, const TokenStream &text);

} // namespace moe
