//===- Parse.h - From text to tree ------------------------------*- C++ -*-===//
#ifndef MOE_FRONTEND_PARSE_H
#define MOE_FRONTEND_PARSE_H

#include "lib/Frontend/AST.h"
#include "lib/Support/Diagnostics.h"

namespace moe {

struct ParseResult {
  /// Null only when no tree could be made at all (not UTF-8, too large, nested
  /// too deeply). After other errors it holds what was understood.
  std::unique_ptr<ast::File> file;
};

/// Parses one file. `source` must outlive the tree. Errors go to `sink`.
ParseResult parse(const SourceFile &source, DiagnosticSink &sink);

/// Parses the value of `--set path=value`.
ast::ExprPtr parseExpression(const SourceFile &source, DiagnosticSink &sink);

} // namespace moe

#endif // MOE_FRONTEND_PARSE_H
