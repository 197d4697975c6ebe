//===- Panels.h - packed panels and the register tile ----------*- C++ -*-===//
//
// The product `y[m, n] (+)= sum(k) a[m, k] * b[k, n]` as everybody writes it who wants the machine's peak: columns of b in panels of two vectors or more, packed so
// that the inner loop reads them in order; a tile of rows of a against a panel keeps its sums in registers. The functions that do it take all sizes and
// strides as arguments: they are compiled once, and a kernel is some loops around calls of them.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "lib/Conversion/KernelToCPU/Code.h"

namespace moe::cpu {

/// A matrix in a buffer: element (i, j) lies at `origin + i * row + j * column`.
struct Matrix {
  mlir::Value buffer, origin;
  int64_t row, column;
  mlir::Type element = {}; ///< as it is stored: f32, or i16 for a bf16; null: f32
  mlir::Value steps = {};  ///< of a factor: step k of the sum lies where `steps[k]`, an i32, says; the other index must be contiguous
};

/// What the tile is for a target: the vectors of its sums, those of a step of b, and one of a stay in registers.
struct TileShape {
  int64_t rows, columns;
  static TileShape get(const CPUTarget &target);
};

/// How many steps of k are packed at once: a panel of b of this depth stays in the first-level cache.
inline constexpr int64_t packedDepth = 256;
/// How many rows of a meet a packed panel: so many of `packedDepth` columns stay in the second-level cache, once where they are read in place and twice where they are
/// packed.
inline constexpr int64_t packedRows = 192, rowsInPlace = 384;

/// A diagonal band of a matrix whose row m has the entries low + m <= i < high + m: of a (alongK), which is zero outside and not read there, or of y
/// (alongN), which does not exist outside. A window `sum(j) p[t, j] * v[t + j]` is a product with a band of a, its gradient one into a band of y.
struct Band {
  enum Along { none, alongK, alongN } along = none;
  mlir::Value low, high;
  bool isReadOften = false; ///< of a: by several panels, so that it is worth packing
};

/// y[m, n] = (accumulate ? y[m, n] : 0) + sum(k) a[m, k] * b[k, n] for m < rows, n < columns, k < depth. y.column must be 1.
/// With `accumulate` false and no depth, y is left alone.
void multiply(Code &code, const Matrix &a, const Matrix &b, const Matrix &y, mlir::Value rows, mlir::Value columns, mlir::Value depth,
              mlir::Value accumulate, const Band &band = {});

/// y[m, n] = 0 for m < rows, n < columns.
void clear(Code &code, const Matrix &y, mlir::Value rows, mlir::Value columns);

} // namespace moe::cpu
