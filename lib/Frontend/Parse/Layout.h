//===- Layout.h - What happens between lexer and parser ---------*- C++ -*-===//
#ifndef MOE_FRONTEND_PARSE_LAYOUT_H
#define MOE_FRONTEND_PARSE_LAYOUT_H

#include "lib/Frontend/Parse/Places.h"
#include "lib/Support/Diagnostics.h"

namespace moe::parsing {

using TokenList = std::vector<std::unique_ptr<antlr4::Token>>;

/// How deep brackets may nest. Parser and checker recurse on them.
constexpr size_t maxNesting = 64;

struct Layout {
  TokenList tokens;
  /// Stretches of bytes in which something was reported and mended; what the
  /// parser finds there is its consequence.
  std::vector<std::pair<uint32_t, uint32_t>> repaired;
  bool tooDeep = false;

  bool isRepaired(uint32_t offset) const;

  /// The rest of the line from `range` on is mended.
  void forgiveLine(const SourceRange &range);
};

/// Turns the lexer's tokens into the parser's:
///   1. reports and drops characters of no token;
///   2. balances brackets, so that one missing bracket is one error and not a
///      hundred;
///   3. keeps a line end only where it ends a statement: outside round and
///      square brackets, not after a token that wants more, not before one that
///      continues; and supplies one before a '}';
///   4. marks the name of a prefix reduction, `sum(c) x*y`: a name whose
///      parenthesis holds only names and is followed by an operand, or holds
///      `p in ...`.
Layout layOut(TokenList raw, const Places &places, DiagnosticSink &sink);

/// Whether a token followed by one of type `next` begins an item: a keyword of
/// definitions at the left margin.
bool startsItem(const antlr4::Token &token, size_t next);

} // namespace moe::parsing

#endif // MOE_FRONTEND_PARSE_LAYOUT_H
