//===- Passes.h - passes on kernel ops -------------------------*- C++ -*-===//
#pragma once

#include <cstdint>
#include <memory>

namespace mlir {
class Pass;
} // namespace mlir

namespace moe::kernel {

std::unique_ptr<mlir::Pass> createFormEpiloguesPass();
std::unique_ptr<mlir::Pass> createFormSlicesPass();
/// With other limits than the usual ones (Passes.td): bytes of a tensor that may exist whole.
std::unique_ptr<mlir::Pass> createFormSlicesPass(int64_t limit);
std::unique_ptr<mlir::Pass> createFuseRowsPass();
std::unique_ptr<mlir::Pass> createGatherInProductsPass();
std::unique_ptr<mlir::Pass> createChunkTokensPass();
std::unique_ptr<mlir::Pass> createNarrowProductsPass();
/// With other limits than the usual ones: bytes of a tensor that may exist whole, and of a chunk of a larger one.
std::unique_ptr<mlir::Pass> createChunkTokensPass(int64_t limit, int64_t chunk);
std::unique_ptr<mlir::Pass> createRecomputePass();
std::unique_ptr<mlir::Pass> createRecomputePass(int64_t limit, bool withProducts);
std::unique_ptr<mlir::Pass> createRepeatInRegionsPass();
std::unique_ptr<mlir::Pass> createShrinkRowsPass();
void registerKernelTransformsPasses();

} // namespace moe::kernel
