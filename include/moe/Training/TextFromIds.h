//===- TextFromIds.h - a text that a host has made --------------*- C++ -*-===//
#pragma once

#include "moe/Training/Text.h"

#include <array>
#include <cstdint>

namespace moe {

/// A text of token ids in memory, without files: a token is called by its number. `ids` by Split; a split may be empty. Fails when an id is not in
/// [0, vocabulary).
Status textFromIds(std::array<TokenIds, 3> ids, int64_t vocabulary, TextData &data);

} // namespace moe
