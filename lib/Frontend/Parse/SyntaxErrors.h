//===- SyntaxErrors.h - The parser's errors in words ------------*- C++ -*-===//
#ifndef MOE_FRONTEND_PARSE_SYNTAXERRORS_H
#define MOE_FRONTEND_PARSE_SYNTAXERRORS_H

#include "lib/Frontend/Parse/Layout.h"

namespace moe::parsing {

/// Messages of the form "expected an expression after '='", and recovery by
/// line: whatever is wrong in a statement or setting, reading goes on behind it;
/// elsewhere in an item, at the next item. No token is invented or skipped
/// within a line. Errors in a mended stretch are dropped.
class SyntaxErrors : public antlr4::DefaultErrorStrategy {
public:
  SyntaxErrors(const Layout &layout, const Places &places, DiagnosticSink &sink)
      : layout(layout), places(places), sink(sink) {}

  void recover(antlr4::Parser *parser, std::exception_ptr e) override;
  antlr4::Token *recoverInline(antlr4::Parser *parser) override;
  void sync(antlr4::Parser *) override {}

protected:
  void reportNoViableAlternative(
      antlr4::Parser *parser, const antlr4::NoViableAltException &e) override;
  void reportInputMismatch(antlr4::Parser *parser,
                           const antlr4::InputMismatchException &e) override;

private:
  void reportExpected(antlr4::Parser *parser, antlr4::Token *found);
  void reportUnexpected(antlr4::Parser *parser, antlr4::Token *found);
  void report(SourceRange range, std::string message, std::string suggestion);

  const Layout &layout;
  const Places &places;
  DiagnosticSink &sink;
};

} // namespace moe::parsing

#endif // MOE_FRONTEND_PARSE_SYNTAXERRORS_H
