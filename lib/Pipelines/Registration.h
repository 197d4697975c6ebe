//===- Registration.h - all dialects and passes ----------------*- C++ -*-===//
//
// The one place that knows every dialect, external model and pass; used by the compiler and by moe-opt.
//
//===----------------------------------------------------------------------===//
#pragma once

namespace mlir {
class DialectRegistry;
} // namespace mlir

namespace moe {

/// Every dialect a program passes through, and the models attached to the ops of `moe` from outside (gradients, reference).
void registerAllDialects(mlir::DialectRegistry &registry);

/// Every pass by its flag, and every named pipeline.
void registerAllPasses();

} // namespace moe
