//===- Functions.h - elementary functions of f32 ---------------*- C++ -*-===//
#pragma once

namespace mlir {
class RewritePatternSet;
} // namespace mlir

namespace moe::cpu {

/// Rewrites math.exp, log, tanh and erf of f32 and its vectors to arithmetic without branches. Errors are below 2e-7 of the value over the whole range
/// with infinities and NaN as in C, but for results of exp below the smallest normal number: they are 0.
void populateFunctionPatterns(mlir::RewritePatternSet &patterns);

} // namespace moe::cpu
