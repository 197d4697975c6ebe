//===- Prose.h - text with its words apart ----------------------*- C++ -*-===//
#pragma once

#include <string>
#include <string_view>

namespace moe {

/// Separates words and punctuation by one blank each: `(see {FOO}).` becomes `( see FOO ) .`. Braces, which mark references in dictionaries,
/// go. A word is a run of letters and digits (every character beyond ASCII counts as a letter but typographic quotes, dashes and
/// dots), with apostrophes between letters and points or commas between digits inside.
std::string separateWords(std::string_view text);

} // namespace moe
