//===- Packing.h - factors in the order in which they are multiplied -*- C++ -*-===//
//
// `width` lines of a matrix (rows of a, columns of b) are brought into the order [k][width]: a tile then reads one stream. Where the machine has dot products
// of bf16, what stands together is two numbers of a line that are neighbours along the sum: [k / 2][width][2].
//
//===----------------------------------------------------------------------===//
#pragma once

#include "lib/Conversion/KernelToCPU/Panels.h"

namespace moe::cpu {

/// What a step of the sum takes of a line: one number, or two of bf16. Places in a packed factor count numbers, so that number k of line n lies at
/// `k * width + n` or, of a step of two, `k * width + 2 * n` for even k and the other one beside it.
struct Step {
  mlir::Type stored;   ///< a number in memory: f32, or i16 for a bf16
  mlir::Type element;  ///< a number of a packed factor: the same, or f32 for a bf16 that is widened
  int64_t numbers;     ///< of a step

  static Step get(Code &c, mlir::Type stored);
  bool isFloat() const { return stored.isF32(); }
  bool isPair() const { return numbers == 2; }
  /// What is multiplied: an f32, or the i32 of two bf16.
  mlir::Type packed() const;
  /// What names the functions for such factors.
  llvm::StringRef suffix() const;
  /// `base`, and so many numbers of a packed factor behind it.
  mlir::Value at(Code &c, mlir::Value base, mlir::Value numbers) const { return c.address(base, element, numbers); }
};

/// What stands in lines that do not exist does not matter: it is never stored.
enum class Packing {
  inPlace,      ///< rows of a that are contiguous along k are read where they lie
  neighbours,   ///< so are rows of a that are neighbours
  strided,      ///< and any others
  acrossLines,  ///< the lines are neighbours: rows of `width` elements are copied
  acrossLinesThrough, ///< so, and what stands at step k is what the index says
  alongLines,   ///< each line is contiguous along k: blocks are transposed
  elementwise,
  widened       ///< rows of a that are contiguous along k stay so: [rows][packedDepth]
};

inline bool isPacked(Packing packing) { return packing != Packing::inPlace && packing != Packing::neighbours && packing != Packing::strided; }

llvm::StringRef nameOf(Packing packing);
llvm::StringRef suffixOf(Band::Along along);

/// How columns of b are packed that lie `line` apart, their numbers `k`; `steps` may be null.
Packing choosePacking(int64_t line, int64_t k, mlir::Value steps);

/// Any of them but those in place and `widened`: (to, from, distance of lines, distance of k, depth, lines that exist, index of k).
mlir::func::FuncOp getPack(Code &code, int64_t width, Packing packing, const Step &step);

/// Rows of a that are neighbours: each step is read once for all tiles, which lie `packedDepth` times their rows apart. The arguments are (to, from, distance of k,
/// depth, rows, low, high, index of k): of a band only the entries are read.
mlir::func::FuncOp getPackTiles(Code &code, const Step &step, Packing packing, Band::Along along);

/// Rows of a that are contiguous along k, as f32 and `packedDepth` apart. The arguments are those of the tiles, with the distance of rows in place of that of k.
mlir::func::FuncOp getWidenRows(Code &code, const Step &step, Band::Along along);

} // namespace moe::cpu
