//===- Places.h - From ANTLR's positions to ours ----------------*- C++ -*-===//
#ifndef MOE_FRONTEND_PARSE_PLACES_H
#define MOE_FRONTEND_PARSE_PLACES_H

#include "lib/Support/Source.h"

#include <antlr4-runtime.h>

namespace moe::parsing {

/// ANTLR counts code points from 0; our ranges are bytes of a file, with lines
/// and columns from 1. No token but a NEWLINE holds a line end.
class Places {
public:
  explicit Places(const SourceFile &source);

  const SourceFile &getFile() const { return file; }
  SourceRange of(const antlr4::Token &token) const;
  SourceRange of(const antlr4::ParserRuleContext &context) const;

  /// The place just behind a token.
  SourceRange behind(const antlr4::Token &token) const;

private:
  uint32_t byteOf(size_t codePoint) const;

  const SourceFile &file;
  std::vector<uint32_t> byteOffsets; ///< of each code point, and of the end
};

} // namespace moe::parsing

#endif // MOE_FRONTEND_PARSE_PLACES_H
