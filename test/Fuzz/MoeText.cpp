//===- MoeText.cpp - the parser and the checker on any text ----------------===//
#include "test/Fuzz/Targets.h"

#include "lib/Frontend/Elaborate/Elaborate.h"
#include "lib/Frontend/Parse.h"

#include "mlir/IR/MLIRContext.h"

#include <sstream>

using namespace moe;
using fuzz::Outcome;

/// What was said must have places, and nothing may be refused in silence.
static Outcome judge(const DiagnosticSink &sink, bool isMade) {
  std::ostringstream rendered;
  render(sink, rendered);
  for (const Diagnostic &diagnostic : sink.getDiagnostics())
    if (!diagnostic.range.isValid())
      return {false, "said without a place:\n" + rendered.str()};
  if (!isMade && !sink.hasErrors())
    return {false, "refused without a reason"};
  return {isMade && !sink.hasErrors(), ""};
}

/// A tree that is printed gives the same text when that is parsed and printed.
Outcome fuzz::runParse(std::string_view input) {
  std::string text(input), printed[2];
  for (std::string &out : printed) {
    SourceManager sources;
    DiagnosticSink sink;
    ParseResult result = parse(sources.add("input.moe", text), sink);
    Outcome outcome = judge(sink, result.file != nullptr);
    if (!outcome.accepted)
      return &out == printed || !outcome.complaint.empty() ? outcome : Outcome{false, "printed as text that does not parse:\n" + text};
    std::ostringstream os;
    ast::print(*result.file, os);
    text = out = os.str();
  }
  return {true, printed[0] == printed[1] ? "" : "printed differently the second time:\n" + printed[0] + "\n----\n" + printed[1]};
}

/// A context keeps every type that it was ever asked for: a new one now and then.
static mlir::MLIRContext &getContext() {
  constexpr int mostUses = 500;
  static std::unique_ptr<mlir::MLIRContext> context;
  static int uses = 0;
  if (!context || ++uses % mostUses == 0)
    context = std::make_unique<mlir::MLIRContext>(mlir::MLIRContext::Threading::DISABLED);
  return *context;
}

Outcome fuzz::runCheck(std::string_view input) {
  SourceManager sources;
  DiagnosticSink sink;
  ParseResult parsed = parse(sources.add("input.moe", std::string(input)), sink);
  if (!parsed.file || sink.hasErrors())
    return judge(sink, parsed.file != nullptr);
  mlir::OwningOpRef<mlir::ModuleOp> module = elaborate(*parsed.file, ElaborateOptions(), getContext(), sink);
  return judge(sink, module.get() != nullptr);
}
