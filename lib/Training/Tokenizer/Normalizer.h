//===- Normalizer.h - canonical composition ---------------------*- C++ -*-===//
#pragma once

#include <string>
#include <string_view>

namespace moe::bpe {

/// The text in Unicode's form NFC: itself where it is ASCII, else put into `buffer`. The text must be UTF-8.
std::string_view toNfc(std::string_view text, std::string &buffer);

} // namespace moe::bpe
