//===- Encode.h - ids of a text -----------------------*- C++ -*-===//
#pragma once

#include "moe/Training/Text.h"

#include <doctest/doctest.h>

namespace moe::test {

inline std::vector<int32_t> encode(const Vocabulary &vocabulary, const std::string &text) {
  std::vector<int32_t> ids;
  REQUIRE(vocabulary.encode(text, ids));
  return ids;
}

} // namespace moe::test
