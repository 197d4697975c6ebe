//===- KernelToCPU.h - kernel ops to vector code of the CPU ----*- C++ -*-===//
#pragma once

#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/StringMap.h"

#include <cstdint>
#include <string>

namespace mlir {
class OpPassManager;
} // namespace mlir

namespace moe {

/// The sums of a product that are in registers at once.
struct CPUTile {
  int64_t rows = 0, vectors = 0;
  bool operator==(const CPUTile &other) const { return rows == other.rows && vectors == other.vectors; }
};

/// What code generation must know of the machine.
struct CPUTarget {
  unsigned vectorWidth = 4;      ///< f32 lanes of a register
  unsigned vectorRegisters = 16; ///< architectural vector registers
  bool hasBF16Dot = false;       ///< can multiply and add pairs of bf16, in vectors of 128 bits and more
  bool usesBF16Dot = false;      ///< does so: it is faster than to widen them. Results depend on it
  unsigned threads = 1;          ///< that may share the blocks of a launch; no result depends on it
  std::string cpu, features;     ///< as LLVM spells them
  CPUTile tile;                  ///< without rows: the first candidate; no result depends on it

  /// Tiles that the registers hold; the one that has proven itself first.
  llvm::ArrayRef<CPUTile> getTileCandidates() const;
  CPUTile getTile() const { return tile.rows > 0 ? tile : getTileCandidates().front(); }
  /// What a reader of a report wants to know: `znver4: 16 floats a vector, tiles of 12 x 32, dot products of bf16`.
  std::string describe() const;
  static CPUTarget host();
};

struct CPUKernel {
  std::string symbol;
  int64_t blocks = 1; ///< independent blocks of the launch
  int64_t workspace = 0; ///< as getWorkspace
};

/// Kernels emitted so far, by structure: equal kernels are compiled once, whatever the number of layers.
using KernelCache = llvm::StringMap<CPUKernel>;

/// Bytes that a launch of `op` needs beside its operands and results, for as long as it runs.
int64_t getWorkspace(mlir::Operation *op, const CPUTarget &target);

/// Emits the function of the launch `op` into `codeModule`, unless an equal one is there already. The function is
/// `void(void *const *args, i64 begin, i64 end)`; `args` are the buffers of the operands, then of the results, dense in
/// row-major order (i1 as bytes), then the workspace if there is one; it computes the blocks [begin, end).
mlir::FailureOr<CPUKernel> emitKernel(mlir::Operation *op, const CPUTarget &target, KernelCache &cache,
                                      mlir::ModuleOp codeModule);

/// From the module that emitKernel filled to the llvm dialect.
void buildCPULoweringPipeline(mlir::OpPassManager &pm);

} // namespace moe
