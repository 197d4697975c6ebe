//===- Pattern.h - regular expressions of a tokenizer -----------*- C++ -*-===//
#pragma once

#include "moe/Runtime.h"

#include <memory>
#include <string>
#include <string_view>

namespace moe::bpe {

/// A regular expression in the syntax that tokenizer.json files use (Oniguruma's), compiled by PCRE2. Only what means the same to both is
/// taken; the rest is refused. Characters have the classes of PCRE2's Unicode version: one assigned later is neither letter nor digit.
class Pattern {
public:
  static Status compile(std::string_view text, Pattern &pattern);
  /// A text that stands for itself.
  static Status compileLiteral(std::string_view text, Pattern &pattern);

private:
  friend class Matcher;
  std::shared_ptr<const void> code; ///< pcre2_code
};

/// A place in a text.
struct Span {
  size_t begin = 0, end = 0;
};

/// The search for one pattern; belongs to one thread.
class Matcher {
public:
  explicit Matcher(const Pattern &pattern);

  /// Begins with a new text, which must be UTF-8 and outlive the search.
  void restart(std::string_view where);
  /// The next match from left to right; an empty one that touches the match before it does not count. False at the end, or when the
  /// pattern needs more steps than it may take: then getProblem() says so.
  bool next(Span &match);
  const Status &getProblem() const { return problem; }

private:
  std::shared_ptr<const void> code;
  std::shared_ptr<void> result, context, stack; ///< pcre2_match_data, pcre2_match_context, pcre2_jit_stack
  std::string_view text;
  size_t from = 0, lastEnd = 0;
  bool any = false;
  Status problem;
};

} // namespace moe::bpe
