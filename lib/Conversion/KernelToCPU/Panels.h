//===- Panels.h - packed panels and the register tile ----------*- C++ -*-===//
//
// The product `y[m, n] (+)= sum(k) a[m, k] * b[k, n]` as everybody writes it who wants the machine's peak: columns of b in panels of two
// vectors, packed so that the inner loop reads them in order; a tile of rows of a against a panel keeps its sums in registers.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "lib/Conversion/KernelToCPU/Code.h"

namespace moe::cpu {

/// A matrix in a buffer: element (i, j) lies at `origin + i * row + j * column`.
struct Matrix {
  mlir::Value buffer, origin;
  int64_t row, column;
};

/// What the tile is for a target: rows * 2 vectors of sums, two vectors of b and one of a stay in registers.
struct TileShape {
  int64_t rows, columns;
  static TileShape get(const CPUTarget &target);
};

/// How many steps of k are packed at once: a panel of them stays in the first-level cache.
inline constexpr int64_t packedDepth = 256;

/// Packed columns of b: [panel][k][tile columns], zeros past the last column.
struct Panels {
  mlir::Value buffer;   ///< scratch for `packedDepth` steps of `columns` columns
  int64_t columns;      ///< valid ones
  int64_t tileColumns;
  int64_t count() const { return llvm::divideCeil(columns, tileColumns); }
  int64_t valid(int64_t panel) const { return std::min(tileColumns, columns - panel * tileColumns); }
};

/// Scratch for panels of up to `columns` columns.
mlir::Value allocatePanels(Code &code, int64_t columns);

/// Packs b[0 <= k < depth, 0 <= n < panels.columns] (depth <= packedDepth).
void pack(Code &code, const Panels &panels, const Matrix &b, mlir::Value depth);

/// y[m, n] = (accumulate ? y[m, n] : 0) + sum over k < depth of a[m, k] * packed[k, n], for lower <= m < upper.
/// y.column must be 1.
void multiply(Code &code, const Matrix &a, const Panels &panels, const Matrix &y, mlir::Value lower, mlir::Value upper,
              mlir::Value depth, bool accumulate);

} // namespace moe::cpu
