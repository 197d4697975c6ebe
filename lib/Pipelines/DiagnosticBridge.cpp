//===- DiagnosticBridge.cpp - MLIR's diagnostics into ours ------------------===//
#include "lib/Pipelines/DiagnosticBridge.h"

#include "lib/Conversion/Plan/LocationText.h"

using namespace moe;

/// The byte offset of a column that counts code points.
static size_t getOffset(const SourceFile &source, unsigned line, unsigned column) {
  std::string_view text = source.getLine(line);
  if (text.data() == nullptr)
    return source.getText().size();
  size_t byte = 0;
  for (unsigned i = 1; i < column && byte < text.size(); ++i)
    do
      ++byte;
    while (byte < text.size() && (static_cast<unsigned char>(text[byte]) & 0xC0) == 0x80);
  return static_cast<size_t>(text.data() - source.getText().data()) + byte;
}

SourceRange moe::getRange(unsigned line, unsigned column, const SourceFile &source) {
  SourceLoc begin = source.getLoc(getOffset(source, line, column));
  return {&source, begin, begin};
}

SourceRange moe::getRange(mlir::Location loc, const SourceFile &source) {
  std::optional<mlir::FileLineColLoc> place = findFileLocation(loc);
  if (!place || place->getFilename().getValue() != llvm::StringRef(source.getName()))
    return {};
  return getRange(place->getLine(), place->getColumn(), source);
}

DiagnosticBridge::DiagnosticBridge(mlir::MLIRContext &context, const SourceFile &source, DiagnosticSink &sink)
    : source(source), sink(sink), handler(&context, [this](mlir::Diagnostic &diagnostic) { take(diagnostic); }) {}

void DiagnosticBridge::take(mlir::Diagnostic &diagnostic) {
  SourceRange range = getRange(diagnostic.getLocation(), source);
  std::string text = diagnostic.str();
  if (!range.isValid())
    if (std::string place = getLocationText(diagnostic.getLocation()); !place.empty())
      text = place + ": " + text;
  Diagnostic *reported = nullptr;
  switch (diagnostic.getSeverity()) {
  case mlir::DiagnosticSeverity::Error:
    ++errors;
    reported = &sink.error(range, "internal error: " + text);
    break;
  case mlir::DiagnosticSeverity::Warning:
    reported = &sink.warning(range, text);
    break;
  case mlir::DiagnosticSeverity::Note:
  case mlir::DiagnosticSeverity::Remark:
    return; // remarks are for those who develop passes
  }
  for (mlir::Diagnostic &note : diagnostic.getNotes())
    reported->note(getRange(note.getLocation(), source), note.str());
}
