//===- Grouped.cpp - ragged products over experts ---------------*- C++ -*-===//
//
// Offsets are read where they lie; nothing is padded. A block is an expert and a chunk of columns, whose part of the weights is packed once for
// all of the expert's rows.
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/KernelToCPU/Emitters.h"
#include "lib/Conversion/KernelToCPU/Panels.h"

using namespace mlir;

namespace moe::cpu {
namespace {

struct Group {
  Value expert, first, last; ///< its rows
  Value column;              ///< the first column of the chunk
};

/// Blocks of (expert, chunk of columns); the last chunk has code of its own when it is narrower.
int64_t forEachGroup(Code &c, int64_t experts, int64_t columns, Value offsets,
                     llvm::function_ref<void(const Group &, int64_t valid, Value scratch)> body) {
  int64_t tile = TileShape::get(c.target).columns;
  int64_t chunk = std::min<int64_t>(llvm::alignTo(columns, tile), 4 * tile);
  int64_t chunks = llvm::divideCeil(columns, chunk), tail = columns % chunk;
  Value scratch = allocatePanels(c, std::min(columns, chunk));
  c.loop(c.begin, c.end, 1, [&](Value block) {
    Group group;
    group.expert = c.div(block, chunks);
    Value index = c.rem(block, chunks);
    group.column = c.mul(index, chunk);
    group.first = c.toI64(c.load(offsets, c.b.getI32Type(), group.expert));
    group.last = c.toI64(c.load(offsets, c.b.getI32Type(), c.add(group.expert, c.i64(1))));
    if (tail == 0 || chunks == 1)
      return body(group, tail == 0 ? chunk : tail, scratch);
    Value isTail = arith::CmpIOp::create(c.b, c.loc, arith::CmpIPredicate::eq, index, c.i64(chunks - 1));
    auto branch = scf::IfOp::create(c.b, c.loc, isTail, /*withElseRegion=*/true);
    OpBuilder::InsertionGuard guard(c.b);
    c.b.setInsertionPointToStart(branch.thenBlock());
    body(group, tail, scratch);
    c.b.setInsertionPointToStart(branch.elseBlock());
    body(group, chunk, scratch);
  });
  return experts * chunks;
}

/// y = 0 for rows [lower, upper) and `valid` columns.
void clear(Code &c, const Matrix &y, Value lower, Value upper, int64_t valid) {
  Value zero = c.constant(c.vectorOf(c.f32(), c.lanes()), 0);
  c.loop(lower, upper, 1, [&](Value m) {
    Value row = c.add(y.origin, c.mul(m, y.row));
    for (int64_t n = 0; n < valid; n += c.lanes())
      c.storeVector(y.buffer, zero, c.add(row, c.i64(n)), valid - n);
  });
}

/// y[lower <= m < upper, columns] = sum over first <= k < last of a[m, k] * b[k, columns].
void product(Code &c, Matrix a, Matrix b, const Matrix &y, Value lower, Value upper, Value first, Value last, bool onePass,
             const Panels &panels) {
  if (!onePass)
    clear(c, y, lower, upper, panels.columns);
  Value aOrigin = a.origin, bOrigin = b.origin;
  c.loop(first, last, packedDepth, [&](Value k) {
    Value depth = c.min(c.i64(packedDepth), c.sub(last, k));
    a.origin = c.add(aOrigin, c.mul(k, a.column));
    b.origin = c.add(bOrigin, c.mul(k, b.row));
    pack(c, panels, b, depth);
    multiply(c, a, panels, y, lower, upper, depth, !onePass);
  });
}

} // namespace

int64_t emit(kernel::GroupedContractOp op, Code &c) {
  auto w = cast<RankedTensorType>(op.getW().getType()), result = cast<RankedTensorType>(op.getY().getType());
  int64_t experts = w.getDimSize(0), outputs = result.getDimSize(1);
  int64_t inputs = cast<RankedTensorType>(op.getX().getType()).getDimSize(1);
  int64_t tile = TileShape::get(c.target).columns;
  return forEachGroup(c, experts, outputs, c.args[2], [&](const Group &g, int64_t valid, Value scratch) {
    Value weights = c.mul(g.expert, inputs * outputs);
    Matrix a{c.args[0], c.i64(0), inputs, 1};
    Matrix b = op.getTransposeW() ? Matrix{c.args[1], c.add(weights, c.mul(g.column, inputs)), 1, inputs}
                                  : Matrix{c.args[1], c.add(weights, g.column), outputs, 1};
    Matrix y{c.args[3], g.column, outputs, 1};
    c.when(c.less(g.first, g.last), [&] { // nothing is packed for an expert without rows
      product(c, a, b, y, g.first, g.last, c.i64(0), c.i64(inputs), inputs <= packedDepth, Panels{scratch, valid, tile});
    });
  });
}

int64_t emit(kernel::GroupedOuterOp op, Code &c) {
  auto w = cast<RankedTensorType>(op.getW().getType());
  int64_t experts = w.getDimSize(0), rows = w.getDimSize(1), columns = w.getDimSize(2);
  int64_t tile = TileShape::get(c.target).columns;
  return forEachGroup(c, experts, columns, c.args[2], [&](const Group &g, int64_t valid, Value scratch) {
    Matrix a{c.args[0], c.i64(0), 1, rows};
    Matrix b{c.args[1], g.column, columns, 1};
    Matrix y{c.args[3], c.add(c.mul(g.expert, rows * columns), g.column), columns, 1};
    product(c, a, b, y, c.i64(0), c.i64(rows), g.first, g.last, /*onePass=*/false, Panels{scratch, valid, tile});
  });
}

} // namespace moe::cpu
