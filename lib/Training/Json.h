//===- Json.h - JSON from files that anybody may have written ---*- C++ -*-===//
#pragma once

#include <nlohmann/json.hpp>

#include <algorithm>
#include <string_view>

namespace moe {

/// Whether arrays and objects nest deeper than in any file of ours. Whatever copies, compares or prints JSON calls itself once a level: a file of
/// brackets would use up the stack.
inline bool nestsTooDeeply(std::string_view text) {
  constexpr int deepest = 100;
  int depth = 0;
  bool isString = false;
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (isString && c == '\\')
      ++i;
    else if (c == '"')
      isString = !isString;
    else if (!isString && (c == '[' || c == '{') && ++depth > deepest)
      return true;
    else if (!isString && (c == ']' || c == '}'))
      depth = std::max(0, depth - 1);
  }
  return false;
}

/// Discarded when the text is no JSON or nests too deeply.
template <typename Json>
Json parseJson(std::string_view text) {
  return nestsTooDeeply(text) ? Json(Json::value_t::discarded) : Json::parse(text, nullptr, /*allow_exceptions=*/false);
}

} // namespace moe
