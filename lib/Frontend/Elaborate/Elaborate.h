//===- Elaborate.h - from the tree of a .moe file to the moe dialect -*- C++ -*-===//
#pragma once

#include "lib/Frontend/AST.h"
#include "lib/Support/Diagnostics.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

#include <string>
#include <vector>

namespace moe {

struct ElaborateOptions {
  std::vector<std::string> overrides;  ///< `path=value` of --set, in order
  std::vector<std::string> presets;    ///< names of presets, applied before the overrides
  int64_t vocabulary = 0;              ///< the extent of the model's dimension that the file leaves to the data; 0: not known
  bool f64 = false;                    ///< floating tensors are f64, for the reference evaluator
};

/// Checks the file and elaborates its model to the programs of docs/dialect.md. Null when anything is wrong; `sink` says what. Without a
/// vocabulary the module only shows that the file is right: a placeholder stands for the extent, and no setting says it.
mlir::OwningOpRef<mlir::ModuleOp> elaborate(const ast::File &file, const ElaborateOptions &options, mlir::MLIRContext &context,
                                            DiagnosticSink &sink);

} // namespace moe
