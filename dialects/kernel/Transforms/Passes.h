//===- Passes.h - passes on kernel ops -------------------------*- C++ -*-===//
#pragma once

#include <memory>

namespace mlir {
class Pass;
} // namespace mlir

namespace moe::kernel {

std::unique_ptr<mlir::Pass> createFormSlicesPass();
std::unique_ptr<mlir::Pass> createFuseRowsPass();
std::unique_ptr<mlir::Pass> createChunkTokensPass();
std::unique_ptr<mlir::Pass> createNarrowProductsPass();
void registerKernelTransformsPasses();

} // namespace moe::kernel
