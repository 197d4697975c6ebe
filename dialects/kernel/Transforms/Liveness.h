//===- Liveness.h - what is in memory at which launch ----------*- C++ -*-===//
#pragma once

#include "dialects/kernel/IR/KernelDialect.h"

#include "llvm/ADT/MapVector.h"

#include <vector>

namespace moe::kernel {

/// The tensors of a block as a plan lays them out. Arguments and what the block returns lie in named buffers and are not counted, but for gradients in their place
/// (ArenaResults.h); a result may take the place of an operand that is read there for the last time.
class Liveness {
public:
  explicit Liveness(mlir::Block &block);

  struct Tensor {
    int64_t bytes = 0;
    size_t first = 0;                ///< the launch that makes it
    llvm::SmallVector<size_t> reads; ///< the launches that read it, through views too; in order
    std::optional<size_t> end = {};  ///< the last launch of all, for what stays after it
    size_t last() const { return end ? *end : reads.empty() ? first : reads.back(); }
  };

  llvm::ArrayRef<mlir::Operation *> getLaunches() const { return launches; }
  /// By the results that are no views.
  const llvm::MapVector<mlir::OpResult, Tensor> &getTensors() const { return tensors; }
  /// Null for what lies in a named buffer.
  const Tensor *find(mlir::Value root) const;
  /// The last launch that reads a value; nothing when there is none.
  std::optional<size_t> getLastRead(mlir::Value root) const;

  int64_t getBytes(size_t launch) const { return bytes[launch]; }
  /// The first launch at which most bytes are alive.
  size_t getPeak() const;

private:
  void place();

  std::vector<mlir::Operation *> launches;
  llvm::MapVector<mlir::OpResult, Tensor> tensors;
  llvm::DenseMap<mlir::Value, size_t> lastRead;
  std::vector<int64_t> bytes; ///< alive at each launch
};

} // namespace moe::kernel
