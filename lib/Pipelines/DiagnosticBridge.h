//===- DiagnosticBridge.h - MLIR's diagnostics into ours -------*- C++ -*-===//
#pragma once

#include "lib/Support/Diagnostics.h"
#include "mlir/IR/Diagnostics.h"

namespace moe {

/// While it lives, what MLIR reports in `context` (verifiers, passes) goes to `sink`, at its place in `source`.
///
/// The frontend has checked the program before any IR exists, so that an error here is ours: it is worded as such.
class DiagnosticBridge {
public:
  DiagnosticBridge(mlir::MLIRContext &context, const SourceFile &source, DiagnosticSink &sink);

  bool sawError() const { return errors != 0; }

private:
  void take(mlir::Diagnostic &diagnostic);

  const SourceFile &source;
  DiagnosticSink &sink;
  size_t errors = 0;
  mlir::ScopedDiagnosticHandler handler;
};

/// A line and column, which counts code points from 1, of `source`.
SourceRange getRange(unsigned line, unsigned column, const SourceFile &source);

/// The place of an MLIR location in `source`; unknown when it names another file.
SourceRange getRange(mlir::Location loc, const SourceFile &source);

} // namespace moe
