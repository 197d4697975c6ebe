//===- Elaborate.h - from the tree of a .moe file to the moe dialect -*- C++ -*-===//
#pragma once

#include "lib/Frontend/AST.h"
#include "lib/Support/Diagnostics.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

#include <string>
#include <vector>

namespace moe {

struct ElaborateOptions {
  std::vector<std::string> overrides;  ///< `path=value` of --set, in order
  std::vector<std::string> presets;    ///< names of presets, applied before the overrides
  int64_t vocabulary = 0;              ///< the extent of the model's dimension that the file leaves to the data; 0: not known
  int64_t decodeRows = 1;              ///< batch rows of @decode
  std::string record;                  ///< patterns of named values that @eval gives as probes
  bool f64 = false;                    ///< floating tensors are f64, for the reference evaluator
};

/// A momentum rule as one layer uses it, by itself, with the layer as `y => sigma*y`: `function` takes its state (x, then the carries that the rule
/// writes), sigma, and whatever buffers it reads, and gives the state after the layer.
struct RuleProgram {
  const ast::Definition *definition;
  std::string path;                                    ///< of the instance: layers.0.momentum
  std::vector<std::pair<std::string, double>> numbers; ///< its parameters that are numbers, but not the round i
  std::vector<std::string> state;                      ///< names
  std::vector<std::string> held;                       ///< carries that it reads and another rule writes: they stay 0
  mlir::func::FuncOp function;                         ///< null when it cannot stand by itself
  std::string obstacle;                                ///< why it cannot
  SourceRange place;                                   ///< of the obstacle
};

/// Checks the file and elaborates its model to the programs of docs/dialect.md. Null when anything is wrong; `sink` says what. Without a
/// vocabulary the module only shows that the file is right: a placeholder stands for the extent, and no setting says it. With `rules` the module has
/// besides a function for each use of a momentum rule, without dropout and for one batch row.
mlir::OwningOpRef<mlir::ModuleOp> elaborate(const ast::File &file, const ElaborateOptions &options, mlir::MLIRContext &context,
                                            DiagnosticSink &sink, std::vector<RuleProgram> *rules = nullptr);

} // namespace moe
