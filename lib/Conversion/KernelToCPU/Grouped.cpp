//===- Grouped.cpp - ragged products over experts ---------------*- C++ -*-===//
//
// Offsets are read where they lie; nothing is padded. The rows of each expert are cut into pieces of nearly equal height, so that no tile has rows of two
// experts and hardly any has few. How many pieces there are is not known before the offsets are: a launch has as many blocks as there can be pieces.
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/KernelToCPU/Emitters.h"
#include "lib/Conversion/KernelToCPU/Panels.h"

using namespace mlir;

namespace moe::cpu {
namespace {

struct Range {
  Value first, last;
};

/// The rows of an expert.
Range loadRows(Code &c, Value offsets, Value expert) {
  auto load = [&](Value e) { return c.toI64(c.load(offsets, c.b.getI32Type(), e)); };
  return {load(expert), load(c.add(expert, c.i64(1)))};
}

/// The size of parts of `extent` that differ little, each of whole tiles and none larger than `most`.
int64_t evenPart(int64_t extent, int64_t most, int64_t tile) { return llvm::alignTo(llvm::divideCeil(extent, llvm::divideCeil(extent, most)), tile); }

/// Into how many parts to cut a dimension of `tiles` so that `wanted` blocks become of `blocks`.
int64_t partsFor(int64_t wanted, int64_t blocks, int64_t tiles) { return std::min<int64_t>(tiles, llvm::divideCeil(wanted, blocks)); }

/// The rows of all experts cut into pieces, and each piece into parts.
struct Pieces {
  int64_t rows, experts;
  int64_t height; ///< of the largest piece, in whole tiles
  int64_t parts;

  /// Each expert adds less than a piece to those that full ones would be.
  int64_t blocks() const { return std::min(rows, (rows + experts * (height - 1)) / height) * parts; }
};

/// Visits the blocks of this call that have rows.
void forEachPiece(Code &c, const Pieces &pieces, Value offsets, llvm::function_ref<void(Value expert, Range rows, Value part)> body) {
  int64_t tile = TileShape::get(c.target).rows;
  c.loop(c.i64(0), c.i64(pieces.experts), 1, c.i64(0), [&](Value expert, ValueRange blocksBefore) {
    Range own = loadRows(c, offsets, expert);
    Value count = c.sub(own.last, own.first), pieceCount = c.div(c.add(count, c.i64(pieces.height - 1)), pieces.height);
    Value evenHeight = arith::CeilDivUIOp::create(c.b, c.loc, count, c.max(pieceCount, c.i64(1)));
    Value height = c.mul(c.div(c.add(evenHeight, c.i64(tile - 1)), tile), tile);
    Value blocks = c.mul(pieceCount, pieces.parts);
    auto ofThisExpert = [&](Value block) { return c.min(c.max(c.sub(block, blocksBefore[0]), c.i64(0)), blocks); };
    c.loop(ofThisExpert(c.begin), ofThisExpert(c.end), 1, [&](Value block) {
      Value first = c.add(own.first, c.mul(c.div(block, pieces.parts), height));
      body(expert, {first, c.min(c.add(first, height), own.last)}, c.rem(block, pieces.parts));
    });
    return SmallVector<Value>{c.add(blocksBefore[0], blocks)};
  });
}

} // namespace

int64_t emit(kernel::GroupedContractOp op, Code &c) {
  auto w = cast<RankedTensorType>(op.getW().getType()), result = cast<RankedTensorType>(op.getY().getType());
  int64_t rows = result.getDimSize(0), outputs = result.getDimSize(1), inputs = cast<RankedTensorType>(op.getX().getType()).getDimSize(1);
  TileShape tile = TileShape::get(c.target);
  int64_t height = evenPart(rows, packedRows, tile.rows);
  int64_t parts = partsFor(2 * c.target.threads, llvm::divideCeil(rows, height), llvm::divideCeil(outputs, tile.columns));
  int64_t width = evenPart(outputs, llvm::divideCeil(outputs, parts), tile.columns);
  Pieces pieces{rows, w.getDimSize(0), height, llvm::divideCeilSigned(outputs, width)};
  forEachPiece(c, pieces, c.args[2], [&](Value expert, Range piece, Value part) {
    Value weights = c.mul(expert, inputs * outputs), n = c.mul(part, width);
    Type stored = storageType(getElementTypeOrSelf(op.getX()));
    Matrix a{c.args[0], c.mul(piece.first, inputs), inputs, 1, stored};
    Matrix b = op.getTransposeW() ? Matrix{c.args[1], c.add(weights, c.mul(n, inputs)), 1, inputs, stored}
                                  : Matrix{c.args[1], c.add(weights, n), outputs, 1, stored};
    Matrix y{c.args[3], c.add(c.mul(piece.first, outputs), n), outputs, 1};
    Value columns = c.min(c.i64(width), c.sub(c.i64(outputs), n));
    multiply(c, a, b, y, c.sub(piece.last, piece.first), columns, c.i64(inputs), c.constant(c.b.getI1Type(), 0));
  });
  return pieces.blocks();
}

int64_t emit(kernel::GroupedOuterOp op, Code &c) {
  auto w = cast<RankedTensorType>(op.getW().getType());
  int64_t experts = w.getDimSize(0), rows = w.getDimSize(1), columns = w.getDimSize(2);
  // A block is an expert and a part of its matrix, so that one hot expert still occupies all threads.
  TileShape tile = TileShape::get(c.target);
  int64_t height = evenPart(rows, packedRows, tile.rows), rowParts = llvm::divideCeil(rows, height);
  int64_t width = evenPart(columns, llvm::divideCeil(columns, partsFor(2 * c.target.threads, rowParts, llvm::divideCeil(columns, 4 * tile.columns))), tile.columns);
  int64_t columnParts = llvm::divideCeil(columns, width);
  c.loop(c.begin, c.end, 1, [&](Value block) {
    Value n = c.mul(c.rem(block, columnParts), width), rest = c.div(block, columnParts);
    Value m = c.mul(c.rem(rest, rowParts), height), expert = c.div(rest, rowParts);
    Range own = loadRows(c, c.args[2], expert);
    Value heightHere = c.min(c.i64(height), c.sub(c.i64(rows), m)), widthHere = c.min(c.i64(width), c.sub(c.i64(columns), n));
    Type stored = storageType(getElementTypeOrSelf(op.getA()));
    Matrix a{c.args[0], c.add(c.mul(own.first, rows), m), 1, rows, stored};
    Matrix b{c.args[1], c.add(c.mul(own.first, columns), n), columns, 1, stored};
    Matrix y{c.args[3], c.add(c.add(c.mul(expert, rows * columns), c.mul(m, columns)), n), columns, 1};
    c.when(c.equal(own.first, own.last), [&] { clear(c, y, heightHere, widthHere); });
    multiply(c, a, b, y, heightHere, widthHere, c.sub(own.last, own.first), c.constant(c.b.getI1Type(), 0));
  });
  return experts * rowParts * columnParts;
}

} // namespace moe::cpu
