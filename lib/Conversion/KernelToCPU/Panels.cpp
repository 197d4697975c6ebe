#include "lib/Conversion/KernelToCPU/Panels.h"

using namespace mlir;

namespace moe::cpu {

TileShape TileShape::get(const CPUTarget &target) {
  // 16 registers: 6 x 2 sums, 2 of b, 1 of a. 32 registers: 12 x 2.
  return {target.vectorRegisters >= 32 ? 12 : target.vectorRegisters >= 16 ? 6 : 2, 2 * int64_t(target.vectorWidth)};
}

Value allocatePanels(Code &code, int64_t columns) {
  int64_t tile = TileShape::get(code.target).columns;
  return code.scratch(packedDepth * llvm::divideCeil(columns, tile) * tile);
}

static Value at(Code &code, const Matrix &matrix, Value i, Value j) {
  return code.add(matrix.origin, code.add(code.mul(i, matrix.row), code.mul(j, matrix.column)));
}

/// Where column `first` of step k lies in the panels.
static Value packedPosition(Code &code, const Panels &panels, int64_t panel, Value k, int64_t column) {
  return code.add(code.mul(k, panels.tileColumns), code.i64(panel * packedDepth * panels.tileColumns + column));
}

void pack(Code &code, const Panels &panels, const Matrix &b, Value depth) {
  int64_t lanes = code.lanes();
  for (int64_t panel = 0; panel < panels.count(); ++panel) {
    int64_t first = panel * panels.tileColumns, valid = panels.valid(panel);
    if (b.column == 1) {
      code.loop(code.i64(0), depth, 1, [&](Value k) {
        for (int64_t n = 0; n < panels.tileColumns; n += lanes) {
          Value part = n < valid ? code.loadVector(b.buffer, code.f32(), at(code, b, k, code.i64(first + n)), lanes, valid - n)
                                 : code.constant(code.vectorOf(code.f32(), lanes), 0);
          code.storeVector(panels.buffer, part, packedPosition(code, panels, panel, k, n), lanes);
        }
      });
      continue;
    }
    // Columns are far apart: read along k, write across.
    code.loop(valid, [&](Value n) {
      Value column = code.add(n, code.i64(first));
      code.loop(code.i64(0), depth, 1, [&](Value k) {
        Value element = code.load(b.buffer, code.f32(), at(code, b, k, column));
        code.store(panels.buffer, element, code.add(packedPosition(code, panels, panel, k, 0), n));
      });
    });
    if (valid < panels.tileColumns)
      code.loop(code.i64(valid), code.i64(panels.tileColumns), 1, [&](Value n) {
        code.loop(code.i64(0), depth, 1, [&](Value k) {
          code.store(panels.buffer, code.constant(code.f32(), 0), code.add(packedPosition(code, panels, panel, k, 0), n));
        });
      });
  }
}

/// One register tile: `rows` rows from m against one panel.
static void multiplyTile(Code &code, const Matrix &a, const Panels &panels, int64_t panel, const Matrix &y, Value m,
                         int64_t rows, Value depth, bool accumulate) {
  int64_t lanes = code.lanes(), vectors = panels.tileColumns / lanes, valid = panels.valid(panel);
  Type vector = code.vectorOf(code.f32(), lanes);
  auto resultAt = [&](int64_t r, int64_t v) {
    return at(code, y, code.add(m, code.i64(r)), code.i64(panel * panels.tileColumns + v * lanes));
  };
  SmallVector<Value> sums;
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t v = 0; v < vectors; ++v)
      sums.push_back(accumulate && v * lanes < valid
                         ? code.loadVector(y.buffer, code.f32(), resultAt(r, v), lanes, valid - v * lanes)
                         : code.constant(vector, 0));
  sums = code.loop(code.i64(0), depth, 1, sums, [&](Value k, ValueRange carried) {
    SmallVector<Value> columns, next;
    for (int64_t v = 0; v < vectors; ++v)
      columns.push_back(code.loadVector(panels.buffer, code.f32(), packedPosition(code, panels, panel, k, v * lanes), lanes, lanes));
    for (int64_t r = 0; r < rows; ++r) {
      Value scalar = code.load(a.buffer, code.f32(), at(code, a, code.add(m, code.i64(r)), k));
      Value row = code.splat(scalar, lanes);
      for (int64_t v = 0; v < vectors; ++v)
        next.push_back(code.fma(row, columns[v], carried[r * vectors + v]));
    }
    return next;
  });
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t v = 0; v < vectors; ++v)
      if (v * lanes < valid)
        code.storeVector(y.buffer, sums[r * vectors + v], resultAt(r, v), valid - v * lanes);
}

void multiply(Code &code, const Matrix &a, const Panels &panels, const Matrix &y, Value lower, Value upper, Value depth,
              bool accumulate) {
  // Inside a tile of rows all panels are met while the rows are in cache. The tail goes by halves of the tile.
  for (int64_t rows = TileShape::get(code.target).rows; rows > 0; rows /= 2) {
    Value whole = rows == 1 ? upper : code.add(lower, code.mul(code.div(code.sub(upper, lower), rows), rows));
    code.loop(lower, whole, rows, [&](Value m) {
      for (int64_t panel = 0; panel < panels.count(); ++panel)
        multiplyTile(code, a, panels, panel, y, m, rows, depth, accumulate);
    });
    lower = whole;
  }
}

} // namespace moe::cpu
