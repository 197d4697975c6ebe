//===- Work.h - what a program cannot do without ----------------*- C++ -*-===//
//
// Counted on the operations that the source means, before anything is cut into chunks or slices or computed twice to save memory: it does not depend on
// how well the program was compiled.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "moe/Compiler.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace moe {

/// One operation of a program: a product, or elementwise arithmetic and reductions that walk the same elements.
struct OperationWork {
  std::string name;     ///< the ops of the moe dialect in it
  std::string location; ///< file:line:column
  double flop = 0;      ///< multiplications and additions of products
  bool isNarrow = false; ///< the factors of its product are bf16
  double functions = 0; ///< evaluations of exp, log, tanh, erf, sin and cos
  /// Bytes of the program's own buffers (parameters, gradients, inputs, ...), each counted where it is first read and where it is written. What is between
  /// two operations could stay in registers and caches, and is not counted.
  double bytes = 0;
};

struct ProgramWork {
  std::string program; ///< train, update, eval, decode
  std::vector<OperationWork> operations;
};

/// Counts without generating code. Nothing after an error.
std::optional<std::vector<ProgramWork>> countWork(const std::string &fileName, const std::string &source, const CompileOptions &options,
                                                  Diagnostics &diagnostics);

} // namespace moe
