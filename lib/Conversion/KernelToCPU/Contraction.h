//===- Contraction.h - a contraction in terms of addresses -----*- C++ -*-===//
#pragma once

#include "dialects/kernel/IR/KernelDialect.h"
#include "lib/Conversion/KernelToCPU/Panels.h"

namespace moe::cpu {

/// A contraction after dimensions of extent 1 are dropped, neighbours that all accesses walk as one are merged, and the operands
/// are ordered so that b holds n.
struct Contraction {
  llvm::SmallVector<int64_t> extents;
  LinearAccess a, b, y;
  llvm::SmallVector<LinearAccess> guards;
  llvm::SmallVector<int64_t> guardSizes;
  mlir::Value aBuffer, bBuffer, yBuffer;
  mlir::Type stored;                ///< the elements of a and b (Matrix::element)
  mlir::Value initBuffer;           ///< laid out as y; null: sums start from 0
  int64_t n = 0, m = 0;       ///< dimensions; m is one of extent 1 where no other result dimension offers itself
  llvm::SmallVector<int64_t> outer; ///< the other result dimensions
  llvm::SmallVector<int64_t> inner; ///< summed over; the longest last

  Band::Along along = Band::none;        ///< after shearing
  int64_t bandLow = 0, bandHigh = 0;

  int64_t outerCount() const {
    int64_t count = 1;
    for (int64_t d : outer)
      count *= extents[d];
    return count;
  }
};


/// Reads `op`, chooses n, m and the roles of the other dimensions.
Contraction analyze(kernel::ContractOp op, Code &code);

/// Frees b of m where b holds `m + d` for a dimension d of the window: e = m + d takes the place of d, and what the window was is a band (Panels.h) of a or y.
/// False where the contraction has no such form.
bool shear(Contraction &p);

/// The blocks of a launch: (outer dimensions) x (chunks of m) x (chunks of n).
struct Grid {
  int64_t outer, mChunk, mChunks, nChunk, nChunks;
  void setRows(int64_t extent, int64_t chunk) {
    mChunk = chunk;
    mChunks = llvm::divideCeil(extent, chunk);
  }
  int64_t blocks() const { return outer * mChunks * nChunks; }
};

/// What a block computes: indices of the outer dimensions, rows of m, a chunk of n.
struct BlockIndex {
  llvm::SmallVector<mlir::Value> iv;
  mlir::Value mFirst, mLast, nChunk;
};
BlockIndex decode(Code &code, const Contraction &p, const Grid &grid, mlir::Value block);

/// A contraction that is a product of matrices, in bands or whole, for each index of the outer dimensions; and any other. They return the blocks.
bool isPanelContract(const Contraction &p);
int64_t emitPanelContract(const Contraction &p, Code &code);
int64_t emitDirectContract(const Contraction &p, Code &code);

} // namespace moe::cpu
