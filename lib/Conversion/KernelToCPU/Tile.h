//===- Tile.h - sums in registers ------------------------------*- C++ -*-===//
#pragma once

#include "lib/Conversion/KernelToCPU/Packing.h"

namespace moe::cpu {

/// The arguments of a tile: rows of a against one panel of b, packed or in place. Distances and depth count numbers (Packing.h).
struct TileArgs {
  mlir::Value a, aRow, aStep, ///< distances of rows and of k
      b, bStep,               ///< distance of k; the columns are neighbours
      y, yRow, depth, valid, accumulate,
      low, high; ///< the band of the first row, if there is one

  TileArgs() = default;
  explicit TileArgs(mlir::ValueRange v)
      : a(v[0]), aRow(v[1]), aStep(v[2]), b(v[3]), bStep(v[4]), y(v[5]), yRow(v[6]), depth(v[7]), valid(v[8]), accumulate(v[9]), low(v[10]),
        high(v[11]) {}
  llvm::SmallVector<mlir::Value> get() const { return {a, aRow, aStep, b, bStep, y, yRow, depth, valid, accumulate, low, high}; }
  static llvm::SmallVector<mlir::Type> types(Code &c);
};

/// What a tile is compiled for. Distances that it knows are offsets of its instructions; one that it does not know is an addition for each row and step, as many
/// as there are cycles.
struct TileForm {
  enum class Rows {
    packed,     ///< [k][rows]
    contiguous, ///< along k
    neighbours, ///< at each k
    strided
  };
  Step step;
  Band::Along along;
  Rows rows;
  bool isPanel; ///< b is packed

  std::string suffix() const;
};

/// All rows of a against one panel, whole tiles first: the number of rows, the distance of tiles of a, the arguments of the first tile.
mlir::func::FuncOp getTiles(Code &code, const TileForm &form);

} // namespace moe::cpu
