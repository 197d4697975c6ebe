//===- PatternSyntax.h - from Oniguruma's syntax to PCRE2's -----*- C++ -*-===//
#pragma once

#include "moe/Runtime.h"

#include <string>
#include <string_view>

namespace moe::bpe {

/// Rewrites a pattern. What the two libraries read differently is spelled out, or refused with its place in the pattern.
Status translatePattern(std::string_view pattern, std::string &translated);

} // namespace moe::bpe
