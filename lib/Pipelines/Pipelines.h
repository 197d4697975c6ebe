//===- Pipelines.h - the passes of each phase ------------------*- C++ -*-===//
#pragma once

#include "moe/Phase.h"

#include <cstdint>

namespace mlir {
class OpPassManager;
} // namespace mlir

namespace moe {

/// From Phase::moe to Phase::grad: momentum ops formed, gradients added.
void buildGradPipeline(mlir::OpPassManager &pm);

/// From Phase::grad to Phase::fused: what is computed twice or for nothing is removed.
void buildFusedPipeline(mlir::OpPassManager &pm);

/// How large tensors may be before they are made piece by piece.
struct PieceLimits {
  int64_t sliced = int64_t(4) << 20;  ///< bytes of a tensor around a product that may exist whole
  int64_t whole = int64_t(32) << 20;  ///< the same of a tensor with tokens
  int64_t chunk = int64_t(10) << 20;  ///< bytes of a chunk of such a tensor, which should stay in a cache
};

/// From Phase::fused to Phase::kernels: kernel ops, rows merged, large tensors made piece by piece.
void buildKernelsPipeline(mlir::OpPassManager &pm, const PieceLimits &limits = {});

/// The same without fusion: each op of the moe dialect is launches of its own.
void buildUnfusedKernelsPipeline(mlir::OpPassManager &pm);

/// The same with rows merged, but nothing cut into chunks or slices: the least that has to be done.
void buildMergedKernelsPipeline(mlir::OpPassManager &pm);

/// `moe-to-grad`, `moe-to-fused`, `moe-to-kernels` for moe-opt: each from the moe phase to the end of its own.
void registerPipelines();

} // namespace moe
