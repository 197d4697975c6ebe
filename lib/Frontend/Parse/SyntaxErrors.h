//===- SyntaxErrors.h - The parser's errors in words ------------*- C++ -*-===//
#ifndef MOE_FRONTEND_PARSE_SYNTAXERRORS_H
#define MOE_FRONTEND_PARSE_SYNTAXERRORS_H

#include "lib/Frontend/Parse/Layout.h"

namespace moe::parsing {

/// ANTLR's recovery, with messages of the form "expected an expression after
/// '='". Errors in a stretch with a repaired bracket are dropped.
class SyntaxErrors : public antlr4::DefaultErrorStrategy {
public:
  SyntaxErrors(const Layout &layout, const Places &places, DiagnosticSink &sink)
      : layout(layout), places(places), sink(sink) {}

protected:
  void reportNoViableAlternative(
      antlr4::Parser *parser, const antlr4::NoViableAltException &e) override;
  void reportInputMismatch(antlr4::Parser *parser,
                           const antlr4::InputMismatchException &e) override;
  void reportUnwantedToken(antlr4::Parser *parser) override;
  void reportMissingToken(antlr4::Parser *parser) override;

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
