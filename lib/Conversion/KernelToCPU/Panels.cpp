#include "lib/Conversion/KernelToCPU/Panels.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;

namespace moe::cpu {

TileShape TileShape::get(const CPUTarget &target) {
  // 16 registers: 6 x 2 sums, 2 of b, 1 of a. 32 registers: 12 x 2.
  return {target.vectorRegisters >= 32 ? 12 : target.vectorRegisters >= 16 ? 6 : 2, 2 * int64_t(target.vectorWidth)};
}

namespace {

Type pointer(Code &c) { return LLVM::LLVMPointerType::get(c.b.getContext()); }
Value moved(Code &c, Value base, Value elements) { return c.address(base, c.f32(), elements); }

//===----------------------------------------------------------------------===//
// Packing
//===----------------------------------------------------------------------===//

/// How `width` lines of a matrix (rows of a, columns of b) are brought into the order [k][width]. All functions have the arguments
/// (to, from, distance of lines, distance of k, depth, valid lines). What stands in lines that are not valid does not matter: it is never stored.
enum class Packing {
  none,         ///< read where it lies
  acrossLines,  ///< the lines are neighbours: rows of `width` elements are copied
  alongLines,   ///< each line is contiguous along k: blocks are transposed
  elementwise
};

Packing choosePacking(int64_t line, int64_t k) {
  return line == 1 ? Packing::acrossLines : k == 1 ? Packing::alongLines : Packing::elementwise;
}

void packElementwise(Code &c, int64_t width, ValueRange args, Value firstK) {
  Value to = args[0], from = args[1], line = args[2], step = args[3], depth = args[4], last = c.sub(args[5], c.i64(1));
  c.loop(firstK, depth, 1, [&](Value k) {
    Value source = moved(c, from, c.mul(k, step));
    c.loop(width, [&](Value n) {
      Value element = c.load(source, c.f32(), c.mul(c.min(n, last), line));
      c.store(to, element, c.add(c.mul(k, width), n));
    });
  });
}

/// Whole rows by two or more vectors, of which the last may overlap the one before it. The next lines stand in the same rows, each row in a page of its
/// own, where no hardware looks ahead.
void packAcrossLines(Code &c, int64_t width, ValueRange args) {
  Value to = args[0], from = args[1], step = args[3], depth = args[4], valid = args[5];
  int64_t lanes = std::min<int64_t>(c.lanes(), llvm::bit_floor(uint64_t(width)));
  auto isWhole = scf::IfOp::create(c.b, c.loc, c.less(valid, c.i64(width)), /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(c.b);
  c.b.setInsertionPointToStart(isWhole.elseBlock());
  c.loop(c.i64(0), depth, 1, [&](Value k) {
    Value source = moved(c, from, c.mul(k, step)), target = moved(c, to, c.mul(k, width));
    for (int64_t n = 0; n < width; n += lanes) {
      Value at = c.i64(std::min(n, width - lanes));
      c.storeVector(target, c.loadVector(source, c.f32(), at, lanes, lanes), at, lanes);
    }
    c.prefetch(moved(c, source, c.i64(width)), /*forWriting=*/false);
  });
  c.b.setInsertionPointToStart(isWhole.thenBlock());
  packElementwise(c, width, args, c.i64(0));
}

/// Exchanges elements (i, j) and (j, i) of as many vectors as they have lanes, by halves, quarters, ...
void transpose(Code &c, SmallVector<Value> &rows) {
  int64_t lanes = rows.size();
  for (int64_t half = lanes / 2; half > 0; half /= 2)
    for (int64_t i = 0; i < lanes; ++i) {
      if (i & half)
        continue;
      SmallVector<int64_t> low, high;
      for (int64_t lane = 0; lane < lanes; ++lane) {
        low.push_back(lane & half ? lanes + (lane ^ half) : lane);
        high.push_back(lane & half ? lanes + lane : lane ^ half);
      }
      Value a = rows[i], b = rows[i | half];
      rows[i] = vector::ShuffleOp::create(c.b, c.loc, a, b, low);
      rows[i | half] = vector::ShuffleOp::create(c.b, c.loc, a, b, high);
    }
}

void packAlongLines(Code &c, int64_t width, ValueRange args) {
  Value to = args[0], from = args[1], line = args[2], depth = args[4], last = c.sub(args[5], c.i64(1));
  int64_t lanes = c.lanes();
  Value whole = c.mul(c.div(depth, lanes), lanes);
  c.loop(c.i64(0), whole, lanes, [&](Value k) {
    Value target = moved(c, to, c.mul(k, width));
    c.loop(c.i64(0), c.i64(width), lanes, [&](Value n) {
      SmallVector<Value> rows;
      for (int64_t i = 0; i < lanes; ++i) {
        Value column = moved(c, from, c.mul(c.min(c.add(n, c.i64(i)), last), line));
        rows.push_back(c.loadVector(column, c.f32(), k, lanes, lanes));
      }
      transpose(c, rows);
      for (int64_t i = 0; i < lanes; ++i)
        c.storeVector(target, rows[i], c.add(n, c.i64(i * width)), lanes);
    });
  });
  packElementwise(c, width, args, whole);
}

func::FuncOp getPack(Code &code, int64_t width, Packing packing) {
  Type index = code.b.getI64Type(), ptr = pointer(code);
  StringRef how = packing == Packing::acrossLines ? "across" : packing == Packing::alongLines ? "along" : "elements";
  return code.getShared(("pack_" + how + "_" + Twine(width)).str(), {ptr, ptr, index, index, index, index},
                        [&](Code &c, ValueRange args) {
                          switch (packing) {
                          case Packing::acrossLines:
                            return packAcrossLines(c, width, args);
                          case Packing::alongLines:
                            return packAlongLines(c, width, args);
                          default:
                            return packElementwise(c, width, args, c.i64(0));
                          }
                        });
}

//===----------------------------------------------------------------------===//
// The register tile
//===----------------------------------------------------------------------===//

/// `rows` rows of a against one panel: (a, distance of rows, distance of k, panel, y, distance of rows, depth, valid columns, accumulate).
struct Tile {
  Tile(Code &c, int64_t rows, ValueRange args)
      : c(c), rows(rows), lanes(c.lanes()), vectors(TileShape::get(c.target).columns / lanes), a(args[0]), aRow(args[1]), aStep(args[2]),
        panel(args[3]), y(args[4]), yRow(args[5]), depth(args[6]), valid(args[7]), accumulate(args[8]) {}

  void emit();

private:
  static constexpr int64_t unroll = 4;

  SmallVector<Value> step(ArrayRef<Value> aRows, Value aOffset, Value panelAt, ValueRange sums);
  SmallVector<Value> start();
  void finish(ValueRange sums);
  void storeSums(ValueRange sums, llvm::function_ref<Value(Value row, int64_t vector)> load,
                 llvm::function_ref<void(Value row, int64_t vector, Value sum)> store);
  Value rowOf(Value base, Value distance, int64_t r) { return r == 0 ? base : moved(c, base, c.mul(distance, r)); }

  Code &c;
  int64_t rows, lanes, vectors;
  Value a, aRow, aStep, panel, y, yRow, depth, valid, accumulate;
};

void Tile::emit() {
  SmallVector<Value> aRows;
  for (int64_t r = 0; r < rows; ++r)
    aRows.push_back(rowOf(a, aRow, r));
  int64_t columns = vectors * lanes;
  auto walk = [&](Value from, Value to, int64_t count, ValueRange carried) {
    return c.loop(from, to, count, carried, [&](Value k, ValueRange inner) {
      SmallVector<Value> next = llvm::to_vector(inner.drop_front());
      Value offset = inner.front(), at = c.mul(k, columns);
      for (int64_t u = 0; u < count; ++u) {
        next = step(aRows, offset, moved(c, panel, c.add(at, c.i64(u * columns))), next);
        offset = c.add(offset, aStep);
      }
      next.insert(next.begin(), offset);
      return next;
    });
  };
  SmallVector<Value> state = start();
  state.insert(state.begin(), c.i64(0));
  Value whole = c.mul(c.div(depth, unroll), unroll);
  state = walk(c.i64(0), whole, unroll, state);
  state = walk(whole, depth, 1, state);
  finish(ArrayRef<Value>(state).drop_front());
}

SmallVector<Value> Tile::step(ArrayRef<Value> aRows, Value aOffset, Value panelAt, ValueRange sums) {
  SmallVector<Value> columns, next;
  for (int64_t v = 0; v < vectors; ++v)
    columns.push_back(c.loadVector(panelAt, c.f32(), c.i64(v * lanes), lanes, lanes));
  for (int64_t r = 0; r < rows; ++r) {
    Value row = c.splat(c.load(aRows[r], c.f32(), aOffset), lanes);
    for (int64_t v = 0; v < vectors; ++v)
      next.push_back(c.fma(row, columns[v], sums[r * vectors + v]));
  }
  return next;
}

SmallVector<Value> Tile::start() {
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t v = 0; v < vectors; ++v)
      c.prefetch(moved(c, rowOf(y, yRow, r), c.i64(v * lanes)), /*forWriting=*/true);
  return SmallVector<Value>(rows * vectors, c.constant(c.vectorOf(c.f32(), lanes), 0));
}

void Tile::finish(ValueRange sums) {
  auto branch = scf::IfOp::create(c.b, c.loc, c.less(valid, c.i64(vectors * lanes)), /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(c.b);
  c.b.setInsertionPointToStart(branch.thenBlock());
  storeSums(sums, [&](Value row, int64_t v) { return c.loadVectorUpTo(row, c.f32(), c.i64(v * lanes), lanes, c.sub(valid, c.i64(v * lanes))); },
            [&](Value row, int64_t v, Value sum) { c.storeVectorUpTo(row, sum, c.i64(v * lanes), c.sub(valid, c.i64(v * lanes))); });
  c.b.setInsertionPointToStart(branch.elseBlock());
  storeSums(sums, [&](Value row, int64_t v) { return c.loadVector(row, c.f32(), c.i64(v * lanes), lanes, lanes); },
            [&](Value row, int64_t v, Value sum) { c.storeVector(row, sum, c.i64(v * lanes), lanes); });
}

/// Stores the sums, added to what stands in y if that is asked for.
void Tile::storeSums(ValueRange sums, llvm::function_ref<Value(Value, int64_t)> load, llvm::function_ref<void(Value, int64_t, Value)> store) {
  auto forEach = [&](bool add) {
    for (int64_t r = 0; r < rows; ++r)
      for (int64_t v = 0; v < vectors; ++v) {
        Value row = rowOf(y, yRow, r), sum = sums[r * vectors + v];
        store(row, v, add ? c.addf(load(row, v), sum) : sum);
      }
  };
  auto branch = scf::IfOp::create(c.b, c.loc, accumulate, /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(c.b);
  c.b.setInsertionPointToStart(branch.thenBlock());
  forEach(true);
  c.b.setInsertionPointToStart(branch.elseBlock());
  forEach(false);
}

func::FuncOp getTile(Code &code, int64_t rows) {
  Type index = code.b.getI64Type(), ptr = pointer(code);
  return code.getShared(("tile_" + Twine(rows)).str(), {ptr, index, index, ptr, ptr, index, index, index, code.b.getI1Type()},
                        [&](Code &c, ValueRange args) { Tile(c, rows, args).emit(); });
}

/// All rows of a against one panel: whole tiles, then what is left by a tile of its own: the arguments of a tile, before them the number of rows and the
/// distance of tiles of a.
func::FuncOp getTiles(Code &code) {
  Type index = code.b.getI64Type(), ptr = pointer(code);
  return code.getShared("tiles", {index, index, ptr, index, index, ptr, ptr, index, index, index, code.b.getI1Type()}, [](Code &c, ValueRange args) {
    int64_t most = TileShape::get(c.target).rows;
    Value rows = args[0], whole = c.div(rows, most), rest = c.rem(rows, most);
    auto call = [&](int64_t count, Value tile) {
      SmallVector<Value> tileArgs = llvm::to_vector(args.drop_front(2));
      tileArgs[0] = moved(c, args[2], c.mul(tile, args[1]));
      tileArgs[4] = moved(c, args[6], c.mul(c.mul(tile, most), args[7]));
      func::CallOp::create(c.b, c.loc, getTile(c, count), tileArgs);
    };
    c.loop(c.i64(0), whole, 1, [&](Value tile) { call(most, tile); });
    for (int64_t count = 1; count < most; ++count)
      c.when(c.equal(rest, c.i64(count)), [&] { call(count, whole); });
  });
}

//===----------------------------------------------------------------------===//
// The product
//===----------------------------------------------------------------------===//

/// (a, distance of rows, distance of k, b, distance of k, distance of columns, y, distance of rows, rows, columns, depth, accumulate).
struct Product {
  Product(Code &c, Packing packA, Packing packB, ValueRange args)
      : c(c), tile(TileShape::get(c.target)), packA(packA), packB(packB), a(args[0]), aRow(args[1]), aStep(args[2]), b(args[3]), bStep(args[4]),
        bColumn(args[5]), y(args[6]), yRow(args[7]), rows(args[8]), columns(args[9]), depth(args[10]), accumulate(args[11]) {}

  void emit();

private:
  void packRows(Value from, Value count, Value deep);

  Code &c;
  TileShape tile;
  Packing packA, packB;
  Value a, aRow, aStep, b, bStep, bColumn, y, yRow, rows, columns, depth, accumulate;
  Value aPacked;
};

void Product::emit() {
  static_assert(packedRows * packedDepth <= largestScratch / 2 && 32 * packedDepth <= largestScratch / 2, "rows of a and a panel of b fit the stack");
  if (packA != Packing::none)
    aPacked = c.scratch(packedRows * packedDepth);
  Value panel = c.scratch(tile.columns * packedDepth);
  c.loop(c.i64(0), rows, packedRows, [&](Value m) {
    Value count = c.min(c.i64(packedRows), c.sub(rows, m));
    c.loop(c.i64(0), depth, packedDepth, [&](Value k) {
      Value deep = c.min(c.i64(packedDepth), c.sub(depth, k));
      Value isLater = c.less(c.i64(0), k);
      Value add = arith::OrIOp::create(c.b, c.loc, accumulate, isLater);
      Value aHere = moved(c, a, c.add(c.mul(m, aRow), c.mul(k, aStep)));
      if (aPacked)
        packRows(aHere, count, deep);
      c.loop(c.i64(0), columns, tile.columns, [&](Value n) {
        Value valid = c.min(c.i64(tile.columns), c.sub(columns, n));
        Value bHere = moved(c, b, c.add(c.mul(k, bStep), c.mul(n, bColumn)));
        func::CallOp::create(c.b, c.loc, getPack(c, tile.columns, packB), ValueRange{panel, bHere, bColumn, bStep, deep, valid});
        Value yHere = moved(c, y, c.add(c.mul(m, yRow), n));
        if (aPacked)
          func::CallOp::create(c.b, c.loc, getTiles(c),
                               ValueRange{count, c.i64(tile.rows * packedDepth), aPacked, c.i64(1), c.i64(tile.rows), panel, yHere, yRow, deep, valid, add});
        else
          func::CallOp::create(c.b, c.loc, getTiles(c),
                               ValueRange{count, c.mul(aRow, tile.rows), aHere, aRow, aStep, panel, yHere, yRow, deep, valid, add});
      });
    });
  });
}

void Product::packRows(Value from, Value count, Value deep) {
  static_assert(packedRows % 12 == 0, "a packed block of rows holds whole tiles");
  c.loop(c.i64(0), count, tile.rows, [&](Value m) {
    Value valid = c.min(c.i64(tile.rows), c.sub(count, m));
    func::CallOp::create(c.b, c.loc, getPack(c, tile.rows, packA),
                         ValueRange{moved(c, aPacked, c.mul(m, packedDepth)), moved(c, from, c.mul(m, aRow)), aRow, aStep, deep, valid});
  });
}

} // namespace

void multiply(Code &code, const Matrix &a, const Matrix &b, const Matrix &y, Value rows, Value columns, Value depth, Value accumulate) {
  // Rows that are contiguous along k are read in place: a tile reads a few streams.
  Packing packA = a.column == 1 ? Packing::none : a.row == 1 ? Packing::acrossLines : Packing::elementwise;
  Packing packB = choosePacking(b.column, b.row);
  Type index = code.b.getI64Type(), ptr = pointer(code);
  std::string name = ("product_" + Twine(int(packA)) + "_" + Twine(int(packB))).str();
  func::FuncOp product = code.getShared(name, {ptr, index, index, ptr, index, index, ptr, index, index, index, index, code.b.getI1Type()},
                                        [&](Code &c, ValueRange args) { Product(c, packA, packB, args).emit(); });
  func::CallOp::create(code.b, code.loc, product,
                       ValueRange{moved(code, a.buffer, a.origin), code.i64(a.row), code.i64(a.column), moved(code, b.buffer, b.origin), code.i64(b.row),
                                  code.i64(b.column), moved(code, y.buffer, y.origin), code.i64(y.row), rows, columns, depth, accumulate});
}

void clear(Code &code, const Matrix &y, Value rows, Value columns) {
  Type index = code.b.getI64Type();
  func::FuncOp function = code.getShared("clear", {pointer(code), index, index, index}, [](Code &c, ValueRange args) {
    Value zero = c.constant(c.vectorOf(c.f32(), c.lanes()), 0);
    c.loop(c.i64(0), args[2], 1, [&](Value m) {
      Value row = moved(c, args[0], c.mul(m, args[1]));
      c.loop(c.i64(0), args[3], c.lanes(), [&](Value n) { c.storeVectorUpTo(row, zero, n, c.sub(args[3], n)); });
    });
  });
  func::CallOp::create(code.b, code.loc, function, ValueRange{moved(code, y.buffer, y.origin), code.i64(y.row), rows, columns});
}

} // namespace moe::cpu
