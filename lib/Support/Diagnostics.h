//===- Diagnostics.h - Collected, sorted, rendered messages -----*- C++ -*-===//
#ifndef MOE_SUPPORT_DIAGNOSTICS_H
#define MOE_SUPPORT_DIAGNOSTICS_H

#include "lib/Support/Source.h"

#include <iosfwd>
#include <string>
#include <vector>

namespace moe {

enum class Severity { Error, Warning, Note };

/// A message with its place, further places as notes, and at most one
/// suggestion of what to write.
struct Diagnostic {
  struct Note {
    SourceRange range;
    std::string message;
  };

  Severity severity = Severity::Error;
  SourceRange range;
  std::string message;
  std::vector<Note> notes;
  std::string suggestion; ///< shown as `help: ...`; empty for none

  Diagnostic &note(SourceRange at, std::string text);
  Diagnostic &suggest(std::string text);
};

/// Collects diagnostics; nobody prints before the end.
class DiagnosticSink {
public:
  /// The reference is valid until the next report.
  Diagnostic &error(SourceRange range, std::string message);
  Diagnostic &warning(SourceRange range, std::string message);

  bool hasErrors() const { return errorCount != 0; }
  size_t getErrorCount() const { return errorCount; }
  const std::vector<Diagnostic> &getDiagnostics() const { return diagnostics; }

  /// In the order of files and places; the same message at the same place is
  /// said once. Unknown places come last.
  std::vector<Diagnostic> getSorted() const;

private:
  std::vector<Diagnostic> diagnostics;
  size_t errorCount = 0;
};

struct RenderOptions {
  bool color = false;
  size_t maxErrors = 20; ///< the rest is counted; 0: no limit
};

/// Writes `file:line:col: error: message`, the line and a caret, then the notes.
void render(const DiagnosticSink &sink, std::ostream &os,
            const RenderOptions &options = {});

} // namespace moe

#endif // MOE_SUPPORT_DIAGNOSTICS_H
