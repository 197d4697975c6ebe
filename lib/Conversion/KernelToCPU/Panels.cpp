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
Value moved(Code &c, Type element, Value base, Value elements) { return c.address(base, element, elements); }

/// y[m, n] = 0 for m < rows, n < columns.
void callClear(Code &code, Value y, Value yRow, Value rows, Value columns) {
  Type index = code.b.getI64Type();
  func::FuncOp function = code.getShared("clear", {pointer(code), index, index, index}, [](Code &c, ValueRange args) {
    Value zero = c.constant(c.vectorOf(c.f32(), c.lanes()), 0);
    c.loop(c.i64(0), args[2], 1, [&](Value m) {
      Value row = moved(c, args[0], c.mul(m, args[1]));
      c.loop(c.i64(0), args[3], c.lanes(), [&](Value n) { c.storeVectorUpTo(row, zero, n, c.sub(args[3], n)); });
    });
  });
  func::CallOp::create(code.b, code.loc, function, ValueRange{y, yRow, rows, columns});
}

//===----------------------------------------------------------------------===//
// Packing
//===----------------------------------------------------------------------===//

/// How `width` lines of a matrix (rows of a, columns of b) are brought into the order [k][width], as f32. All functions have the arguments
/// (to, from, distance of lines, distance of k, depth, valid lines, index of k). What stands in lines that are not valid does not matter: it is never stored.
enum class Packing {
  none,         ///< read where it lies
  acrossLines,  ///< the lines are neighbours: rows of `width` elements are copied
  acrossLinesThrough, ///< so, and what stands at step k is what the index says
  alongLines,   ///< each line is contiguous along k: blocks are transposed
  elementwise,
  widened       ///< rows of a that are contiguous along k stay so: [rows][packedDepth]
};

/// What names the functions for elements that are stored so.
StringRef suffixOf(Type element) { return element.isF32() ? "" : "_bf16"; }

Packing choosePacking(int64_t line, int64_t k, Value steps) {
  if (steps)
    return Packing::acrossLinesThrough;
  return line == 1 ? Packing::acrossLines : k == 1 ? Packing::alongLines : Packing::elementwise;
}

/// Where step k of a matrix begins; `steps` may be null.
Value stepAt(Code &c, Type stored, Value from, Value distance, Value steps, Value k) {
  return moved(c, stored, from, c.mul(steps ? c.toI64(c.load(steps, c.b.getI32Type(), k)) : k, distance));
}

void packElementwise(Code &c, int64_t width, Type stored, ValueRange args, Value firstK) {
  Value to = args[0], from = args[1], line = args[2], step = args[3], depth = args[4], last = c.sub(args[5], c.i64(1));
  c.loop(firstK, depth, 1, [&](Value k) {
    Value source = moved(c, stored, from, c.mul(k, step));
    c.loop(width, [&](Value n) {
      Value element = c.widen(c.load(source, stored, c.mul(c.min(n, last), line)));
      c.store(to, element, c.add(c.mul(k, width), n));
    });
  });
}

/// Whole rows by two or more vectors, of which the last may overlap the one before it. The next lines stand in the same rows, each row in a page of its
/// own, where no hardware looks ahead.
void packAcrossLines(Code &c, int64_t width, Type stored, ValueRange args, Value steps) {
  Value to = args[0], from = args[1], step = args[3], depth = args[4], valid = args[5];
  int64_t lanes = std::min<int64_t>(c.lanes(), llvm::bit_floor(uint64_t(width)));
  auto copyRows = [&](llvm::function_ref<Value(Value source, int64_t at)> load) {
    c.loop(c.i64(0), depth, 1, [&](Value k) {
      Value source = stepAt(c, stored, from, step, steps, k), target = moved(c, to, c.mul(k, width));
      for (int64_t n = 0; n < width; n += lanes) {
        int64_t at = std::min(n, width - lanes);
        c.storeVector(target, c.widen(load(source, at)), c.i64(at), lanes);
      }
      c.prefetch(moved(c, stored, source, c.i64(width)), /*forWriting=*/false);
    });
  };
  auto isPartial = scf::IfOp::create(c.b, c.loc, c.less(valid, c.i64(width)), /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(c.b);
  c.b.setInsertionPointToStart(isPartial.thenBlock());
  copyRows([&](Value source, int64_t at) { return c.loadVectorUpTo(source, stored, c.i64(at), lanes, c.sub(valid, c.i64(at))); });
  c.b.setInsertionPointToStart(isPartial.elseBlock());
  copyRows([&](Value source, int64_t at) { return c.loadVector(source, stored, c.i64(at), lanes, lanes); });
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

void packAlongLines(Code &c, int64_t width, Type stored, ValueRange args) {
  Value to = args[0], from = args[1], line = args[2], depth = args[4], last = c.sub(args[5], c.i64(1));
  int64_t lanes = c.lanes();
  Value whole = c.mul(c.div(depth, lanes), lanes);
  c.loop(c.i64(0), whole, lanes, [&](Value k) {
    Value target = moved(c, to, c.mul(k, width));
    c.loop(c.i64(0), c.i64(width), lanes, [&](Value n) {
      SmallVector<Value> rows;
      for (int64_t i = 0; i < lanes; ++i) {
        Value column = moved(c, stored, from, c.mul(c.min(c.add(n, c.i64(i)), last), line));
        rows.push_back(c.widen(c.loadVector(column, stored, k, lanes, lanes)));
      }
      transpose(c, rows);
      for (int64_t i = 0; i < lanes; ++i)
        c.storeVector(target, rows[i], c.add(n, c.i64(i * width)), lanes);
    });
  });
  packElementwise(c, width, stored, args, whole);
}

/// Rows of a that are neighbours: each step of k is read once for all tiles. The arguments are (to, from, distance of k, depth, rows, low, high, index of k): of a
/// band only the entries are read.
func::FuncOp getPackTiles(Code &code, Type stored, Packing packing, Band::Along along) {
  Type index = code.b.getI64Type(), ptr = pointer(code);
  bool isBand = along == Band::alongK, isThrough = packing == Packing::acrossLinesThrough;
  StringRef name = isThrough ? "pack_tiles_through" : isBand ? "pack_tiles_band" : "pack_tiles";
  return code.getShared((name + suffixOf(stored)).str(), {ptr, ptr, index, index, index, index, index, ptr}, [&](Code &c, ValueRange args) {
    int64_t width = TileShape::get(c.target).rows, lanes = std::min<int64_t>(c.lanes(), llvm::bit_floor(uint64_t(width)));
    auto toTile = [&](Value m) { return c.mul(c.div(m, width), width); };
    c.loop(c.i64(0), args[3], 1, [&](Value k) {
      Value source = stepAt(c, stored, args[1], args[2], isThrough ? args[7] : Value(), k), target = moved(c, args[0], c.mul(k, width));
      auto copyTile = [&](Value m, llvm::function_ref<Value(Value at)> load) {
        for (int64_t n = 0; n < width; n += lanes) {
          Value at = c.i64(std::min(n, width - lanes));
          c.storeVector(moved(c, target, c.mul(m, packedDepth)), c.widen(load(c.add(m, at))), at, lanes);
        }
      };
      // Row m has an entry where low + m <= k < high + m.
      Value first = isBand ? c.max(c.i64(0), c.sub(c.add(k, c.i64(1)), args[6])) : c.i64(0);
      Value last = isBand ? c.max(first, c.min(args[4], c.sub(c.add(k, c.i64(1)), args[5]))) : args[4];
      Value firstWhole = isBand ? c.min(toTile(c.add(first, c.i64(width - 1))), last) : first;
      Value lastWhole = c.max(firstWhole, toTile(last));
      auto copyPart = [&](Value m) {
        copyTile(m, [&](Value at) { return c.loadVectorBetween(source, stored, at, lanes, c.sub(first, at), c.sub(last, at)); });
      };
      if (isBand)
        c.when(c.less(first, firstWhole), [&] { copyPart(toTile(first)); });
      c.loop(firstWhole, lastWhole, width, [&](Value m) { copyTile(m, [&](Value at) { return c.loadVector(source, stored, at, lanes, lanes); }); });
      c.when(c.less(lastWhole, last), [&] { copyPart(lastWhole); });
    });
  });
}

/// Rows of a that are contiguous along k, as f32 and `packedDepth` apart. The arguments are those of the tiles, with the distance of rows in place of that of k.
func::FuncOp getWidenRows(Code &code, Type stored, Band::Along along) {
  Type index = code.b.getI64Type(), ptr = pointer(code);
  bool isBand = along == Band::alongK;
  StringRef name = isBand ? "widen_rows_band" : "widen_rows";
  return code.getShared((name + suffixOf(stored)).str(), {ptr, ptr, index, index, index, index, index}, [&](Code &c, ValueRange args) {
    int64_t lanes = c.lanes();
    c.loop(c.i64(0), args[4], 1, [&](Value m) {
      Value source = moved(c, stored, args[1], c.mul(m, args[2])), target = moved(c, args[0], c.mul(m, packedDepth));
      auto within = [&](Value x) { return c.max(c.i64(0), c.min(x, args[3])); };
      Value first = isBand ? within(c.add(args[5], m)) : c.i64(0), last = isBand ? c.max(first, within(c.add(args[6], m))) : args[3];
      Value whole = c.add(first, c.mul(c.div(c.sub(last, first), lanes), lanes));
      auto copy = [&](Value begin, Value end, int64_t count) {
        c.loop(begin, end, count, [&](Value k) { c.storeVector(target, c.widen(c.loadVector(source, stored, k, count, count)), k, count); });
      };
      copy(first, whole, lanes);
      copy(whole, last, 1);
    });
  });
}

StringRef nameOf(Packing packing) {
  switch (packing) {
  case Packing::none: return "in_place";
  case Packing::acrossLines: return "across";
  case Packing::acrossLinesThrough: return "through";
  case Packing::alongLines: return "along";
  case Packing::elementwise: return "elements";
  case Packing::widened: return "widened";
  }
  llvm_unreachable("all ways are named");
}

func::FuncOp getPack(Code &code, int64_t width, Packing packing, Type stored) {
  Type index = code.b.getI64Type(), ptr = pointer(code);
  return code.getShared(("pack_" + nameOf(packing) + "_" + Twine(width) + suffixOf(stored)).str(), {ptr, ptr, index, index, index, index, ptr},
                        [&](Code &c, ValueRange args) {
                          switch (packing) {
                          case Packing::acrossLines:
                            return packAcrossLines(c, width, stored, args, /*steps=*/Value());
                          case Packing::acrossLinesThrough:
                            return packAcrossLines(c, width, stored, args, args[6]);
                          case Packing::alongLines:
                            return packAlongLines(c, width, stored, args);
                          default:
                            return packElementwise(c, width, stored, args, c.i64(0));
                          }
                        });
}

//===----------------------------------------------------------------------===//
// The register tile
//===----------------------------------------------------------------------===//

/// The arguments of a tile: `rows` rows of a against one panel of b, packed or in place.
struct TileArgs {
  Value a, aRow, aStep, ///< distances of rows and of k
      b, bStep,         ///< distance of k; the columns are neighbours
      y, yRow, depth, valid, accumulate,
      low, high; ///< the band of the first row, if there is one

  TileArgs() = default;
  explicit TileArgs(ValueRange v)
      : a(v[0]), aRow(v[1]), aStep(v[2]), b(v[3]), bStep(v[4]), y(v[5]), yRow(v[6]), depth(v[7]), valid(v[8]), accumulate(v[9]), low(v[10]),
        high(v[11]) {}
  SmallVector<Value> get() const { return {a, aRow, aStep, b, bStep, y, yRow, depth, valid, accumulate, low, high}; }
  static SmallVector<Type> types(Code &c) {
    Type index = c.b.getI64Type(), ptr = pointer(c);
    return {ptr, index, index, ptr, index, ptr, index, index, index, c.b.getI1Type(), index, index};
  }
};

class Tile {
public:
  Tile(Code &c, int64_t rows, Band::Along along, ValueRange args)
      : c(c), rows(rows), lanes(c.lanes()), vectors(TileShape::get(c.target).columns / lanes), along(along), t(args) {}

  void emit();

private:
  static constexpr int64_t unroll = 4, cacheLine = 64;

  SmallVector<Value> start();
  SmallVector<Value> walk(Value from, Value to, int64_t count, bool guarded, ValueRange sums);
  SmallVector<Value> step(Value k, Value aOffset, bool guarded, ValueRange sums);
  Value loadGuarded(int64_t r, Value k, Value aOffset);
  SmallVector<Value> sumBand(SmallVector<Value> sums);
  void finish(ValueRange sums);

  void storePartly(ValueRange sums);
  void storeWhole(ValueRange sums);
  /// Calls `store` with the way to bring a sum to an address: added to what stands there, if that is asked for.
  using Put = llvm::function_ref<void(Value to, Value sum)>;
  void whetherAdding(llvm::function_ref<void(Put)> store);

  Value aRow(int64_t r) { return r == 0 ? t.a : moved(c, t.a, c.mul(t.aRow, r)); }
  Value yAt(int64_t r, int64_t v) { return moved(c, t.y, c.add(c.mul(t.yRow, r), c.i64(v * lanes))); }

  Code &c;
  int64_t rows, lanes, vectors;
  Band::Along along;
  TileArgs t;
};

void Tile::emit() {
  SmallVector<Value> sums = start();
  if (along == Band::alongK) {
    sums = sumBand(std::move(sums));
  } else {
    Value whole = c.mul(c.div(t.depth, unroll), unroll);
    sums = walk(c.i64(0), whole, unroll, /*guarded=*/false, sums);
    sums = walk(whole, t.depth, 1, /*guarded=*/false, sums);
  }
  finish(sums);
}

SmallVector<Value> Tile::start() {
  int64_t perLine = std::max<int64_t>(1, cacheLine / (lanes * 4));
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t v = 0; v < vectors; v += perLine)
      c.prefetch(yAt(r, v), /*forWriting=*/true);
  return SmallVector<Value>(rows * vectors, c.constant(c.vectorOf(c.f32(), lanes), 0));
}

SmallVector<Value> Tile::walk(Value from, Value to, int64_t count, bool guarded, ValueRange sums) {
  SmallVector<Value> init{c.mul(from, t.aStep)};
  llvm::append_range(init, sums);
  SmallVector<Value> state = c.loop(from, to, count, init, [&](Value k, ValueRange inner) {
    SmallVector<Value> next = llvm::to_vector(inner.drop_front());
    Value offset = inner.front();
    for (int64_t u = 0; u < count; ++u) {
      next = step(c.add(k, c.i64(u)), offset, guarded, next);
      offset = c.add(offset, t.aStep);
    }
    next.insert(next.begin(), offset);
    return next;
  });
  state.erase(state.begin());
  return state;
}

SmallVector<Value> Tile::step(Value k, Value aOffset, bool guarded, ValueRange sums) {
  Value panelAt = moved(c, t.b, c.mul(k, t.bStep));
  SmallVector<Value> columns, next;
  for (int64_t v = 0; v < vectors; ++v)
    columns.push_back(c.loadVector(panelAt, c.f32(), c.i64(v * lanes), lanes, lanes));
  for (int64_t r = 0; r < rows; ++r) {
    Value scalar = guarded ? loadGuarded(r, k, aOffset) : c.load(aRow(r), c.f32(), aOffset);
    Value row = c.splat(scalar, lanes);
    for (int64_t v = 0; v < vectors; ++v)
      next.push_back(c.fma(row, columns[v], sums[r * vectors + v]));
  }
  return next;
}

/// a[r, k], or 0 outside of the band.
Value Tile::loadGuarded(int64_t r, Value k, Value aOffset) {
  Value entry = c.sub(k, c.i64(r));
  Value isAbove = c.less(c.sub(t.low, c.i64(1)), entry), isBelow = c.less(entry, t.high);
  auto branch = scf::IfOp::create(c.b, c.loc, c.f32(), arith::AndIOp::create(c.b, c.loc, isAbove, isBelow), /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(c.b);
  c.b.setInsertionPointToStart(branch.thenBlock());
  scf::YieldOp::create(c.b, c.loc, c.load(aRow(r), c.f32(), aOffset));
  c.b.setInsertionPointToStart(branch.elseBlock());
  scf::YieldOp::create(c.b, c.loc, c.constant(c.f32(), 0));
  return branch.getResult(0);
}

/// Between two edges, where some rows have entries, lie those that all rows have.
SmallVector<Value> Tile::sumBand(SmallVector<Value> sums) {
  auto clamp = [&](Value x, Value least) { return c.max(least, c.min(x, t.depth)); };
  Value begin = clamp(t.low, c.i64(0)), allBegin = clamp(c.add(t.low, c.i64(rows - 1)), begin);
  Value allEnd = clamp(t.high, allBegin), end = clamp(c.add(t.high, c.i64(rows - 1)), allEnd);
  Value whole = c.add(allBegin, c.mul(c.div(c.sub(allEnd, allBegin), unroll), unroll));
  sums = walk(begin, allBegin, 1, /*guarded=*/true, sums);
  sums = walk(allBegin, whole, unroll, /*guarded=*/false, sums);
  sums = walk(whole, allEnd, 1, /*guarded=*/false, sums);
  return walk(allEnd, end, 1, /*guarded=*/true, sums);
}

void Tile::finish(ValueRange sums) {
  Value isPartial = c.less(t.valid, c.i64(vectors * lanes));
  if (along == Band::alongN) {
    Value cutLeft = c.less(c.i64(1 - rows), t.low), cutRight = c.less(t.high, c.i64(vectors * lanes));
    isPartial = arith::OrIOp::create(c.b, c.loc, isPartial, arith::OrIOp::create(c.b, c.loc, cutLeft, cutRight));
  }
  auto branch = scf::IfOp::create(c.b, c.loc, isPartial, /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(c.b);
  c.b.setInsertionPointToStart(branch.thenBlock());
  storePartly(sums);
  c.b.setInsertionPointToStart(branch.elseBlock());
  storeWhole(sums);
}

/// Some columns of each row. The sums go by way of the stack, and what is less than a vector goes by elements: on some machines a masked store takes longer
/// than the tile.
void Tile::storePartly(ValueRange sums) {
  int64_t width = vectors * lanes;
  Value staged = c.scratch(rows * width);
  for (int64_t i = 0; i < rows * vectors; ++i)
    c.storeVector(staged, sums[i], c.i64(i * lanes), lanes);
  auto clamp = [&](Value x, Value least, int64_t most) { return c.min(c.max(x, least), c.i64(most)); };
  whetherAdding([&](Put put) {
    c.loop(rows, [&](Value r) {
      Value from = moved(c, staged, c.mul(r, width)), to = moved(c, t.y, c.mul(r, t.yRow)), first = c.i64(0), last = t.valid;
      if (along == Band::alongN) {
        first = clamp(c.add(t.low, r), first, width);
        last = c.min(last, c.add(t.high, r));
      }
      last = clamp(last, first, width);
      auto copy = [&](Value begin, Value end, int64_t count) {
        c.loop(begin, end, count, [&](Value n) { put(moved(c, to, n), c.loadVector(from, c.f32(), n, count, count)); });
      };
      Value firstWhole = c.min(c.mul(c.div(c.add(first, c.i64(lanes - 1)), lanes), lanes), last);
      Value lastWhole = c.max(firstWhole, c.mul(c.div(last, lanes), lanes));
      copy(first, firstWhole, 1);
      copy(firstWhole, lastWhole, lanes);
      copy(lastWhole, last, 1);
    });
  });
}

void Tile::storeWhole(ValueRange sums) {
  whetherAdding([&](Put put) {
    for (int64_t r = 0; r < rows; ++r)
      for (int64_t v = 0; v < vectors; ++v)
        put(yAt(r, v), sums[r * vectors + v]);
  });
}

void Tile::whetherAdding(llvm::function_ref<void(Put)> store) {
  auto put = [&](Value to, Value sum) { c.storeVector(to, sum, c.i64(0), lanes); };
  auto branch = scf::IfOp::create(c.b, c.loc, t.accumulate, /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(c.b);
  c.b.setInsertionPointToStart(branch.thenBlock());
  store([&](Value to, Value sum) {
    auto vector = dyn_cast<VectorType>(sum.getType());
    put(to, c.addf(c.loadVector(to, c.f32(), c.i64(0), vector ? lanes : 1, lanes), sum));
  });
  c.b.setInsertionPointToStart(branch.elseBlock());
  store(put);
}

StringRef suffixOf(Band::Along along) { return along == Band::alongK ? "_band_k" : along == Band::alongN ? "_band_n" : ""; }

func::FuncOp getTile(Code &code, int64_t rows, Band::Along along) {
  return code.getShared(("tile_" + Twine(rows) + suffixOf(along)).str(), TileArgs::types(code),
                        [&](Code &c, ValueRange args) { Tile(c, rows, along, args).emit(); });
}

/// All rows of a against one panel, whole tiles first: the number of rows, the distance of tiles of a, the arguments of the first tile.
func::FuncOp getTiles(Code &code, Band::Along along) {
  SmallVector<Type> types(2, code.b.getI64Type());
  llvm::append_range(types, TileArgs::types(code));
  return code.getShared(("tiles" + suffixOf(along)).str(), types, [&](Code &c, ValueRange args) {
    int64_t most = TileShape::get(c.target).rows;
    Value rows = args[0], whole = c.div(rows, most), rest = c.rem(rows, most);
    TileArgs first(args.drop_front(2));
    auto call = [&](int64_t count, Value tile) {
      TileArgs t = first;
      Value row = c.mul(tile, most);
      t.a = moved(c, first.a, c.mul(tile, args[1]));
      t.y = moved(c, first.y, c.mul(row, first.yRow));
      t.low = c.add(first.low, row);
      t.high = c.add(first.high, row);
      auto emitCall = [&] { func::CallOp::create(c.b, c.loc, getTile(c, count, along), t.get()); };
      if (along != Band::alongN)
        return emitCall();
      Value isBefore = c.less(c.i64(1 - count), t.high), isBehind = c.less(t.low, first.valid); // some row has a column of the panel
      c.when(arith::AndIOp::create(c.b, c.loc, isBefore, isBehind), emitCall);
    };
    c.loop(c.i64(0), whole, 1, [&](Value tile) { call(most, tile); });
    for (int64_t count = 1; count < most; ++count)
      c.when(c.equal(rest, c.i64(count)), [&] { call(count, whole); });
  });
}

//===----------------------------------------------------------------------===//
// The product
//===----------------------------------------------------------------------===//

/// (a, distance of rows, distance of k, b, distance of k, distance of columns, y, distance of rows, rows, columns, depth, accumulate, band, the indices of k of
/// a and b).
class Product {
public:
  Product(Code &c, Packing packA, Packing packB, Type stored, Band::Along along, ValueRange args)
      : c(c), tile(TileShape::get(c.target)), packA(packA), packB(packB), stored(stored), along(along), a(args[0]), aRow(args[1]), aStep(args[2]), b(args[3]),
        bStep(args[4]), bColumn(args[5]), y(args[6]), yRow(args[7]), rows(args[8]), columns(args[9]), depth(args[10]), accumulate(args[11]), low(args[12]),
        high(args[13]), aSteps(args[14]), bSteps(args[15]) {}

  void emit();

private:
  struct Range {
    Value first, last;
  };
  Range restrict(Value extent, Band::Along which, Value m, Value count);
  void emitPass(Value m, Value count, Value k, const Range &passes);
  void emitPanel(Value m, Value count, Value k, Value n, Value lastColumn, TileArgs t);
  void packRows(Value from, Value count, Value k, const TileArgs &t);
  /// Where a factor stands at step k, and its index from there on.
  Value atStep(Value from, Value distance, Packing packing, Value k) {
    return packing == Packing::acrossLinesThrough ? from : moved(c, stored, from, c.mul(k, distance));
  }
  Value stepsFrom(Value steps, Packing packing, Value k) { return packing == Packing::acrossLinesThrough ? c.address(steps, c.b.getI32Type(), k) : steps; }

  Code &c;
  TileShape tile;
  Packing packA, packB;
  Type stored; ///< the elements of a and b
  Band::Along along;
  Value a, aRow, aStep, b, bStep, bColumn, y, yRow, rows, columns, depth, accumulate, low, high, aSteps, bSteps;
  Value aPacked, panel;
};

void Product::emit() {
  static_assert(packedRows * packedDepth <= largestScratch / 2 && 32 * packedDepth <= largestScratch / 2, "rows of a and a panel of b fit the stack");
  if (packA != Packing::none)
    aPacked = c.scratch(packedRows * packedDepth);
  panel = c.scratch(tile.columns * packedDepth);
  c.loop(c.i64(0), rows, packedRows, [&](Value m) {
    Value count = c.min(c.i64(packedRows), c.sub(rows, m));
    Range passes = restrict(depth, Band::alongK, m, count);
    if (along == Band::alongK) {
      Value nothing = arith::AndIOp::create(c.b, c.loc, c.equal(passes.first, passes.last), c.equal(accumulate, c.constant(c.b.getI1Type(), 0)));
      c.when(nothing, [&] { callClear(c, moved(c, y, c.mul(m, yRow)), yRow, count, columns); });
    }
    c.loop(passes.first, passes.last, packedDepth, [&](Value k) { emitPass(m, count, k, passes); });
  });
}

/// What of [0, extent) rows m to m + count have in their band.
Product::Range Product::restrict(Value extent, Band::Along which, Value m, Value count) {
  if (along != which)
    return {c.i64(0), extent};
  Value first = c.min(c.max(c.i64(0), c.add(low, m)), extent);
  Value last = c.min(extent, c.add(high, c.sub(c.add(m, count), c.i64(1))));
  return {first, c.max(first, last)};
}

void Product::emitPass(Value m, Value count, Value k, const Range &passes) {
  TileArgs t;
  t.depth = c.min(c.i64(packedDepth), c.sub(passes.last, k));
  t.accumulate = arith::OrIOp::create(c.b, c.loc, accumulate, c.less(passes.first, k));
  t.a = atStep(moved(c, stored, a, c.mul(m, aRow)), aStep, packA, k);
  t.aRow = aRow;
  t.aStep = aStep;
  t.yRow = yRow;
  t.low = c.sub(c.add(low, m), k);
  t.high = c.sub(c.add(high, m), k);
  if (aPacked) {
    packRows(t.a, count, k, t);
    t.a = aPacked;
    t.aRow = c.i64(packA == Packing::widened ? packedDepth : 1);
    t.aStep = c.i64(packA == Packing::widened ? 1 : tile.rows);
  }
  Range range = restrict(columns, Band::alongN, m, count);
  c.loop(range.first, range.last, tile.columns, [&](Value n) { emitPanel(m, count, k, n, range.last, t); });
}

void Product::emitPanel(Value m, Value count, Value k, Value n, Value lastColumn, TileArgs t) {
  Value bHere = atStep(moved(c, stored, b, c.mul(n, bColumn)), bStep, packB, k);
  Value origin = along == Band::alongK ? k : n;
  t.valid = c.min(c.i64(tile.columns), c.sub(lastColumn, n));
  t.y = moved(c, y, c.add(c.mul(m, yRow), n));
  t.low = c.sub(c.add(low, m), origin);
  t.high = c.sub(c.add(high, m), origin);
  t.b = panel;
  t.bStep = c.i64(tile.columns);
  Value mustPack = c.constant(c.b.getI1Type(), 1);
  if (packB == Packing::acrossLines && stored.isF32()) {
    // A single tile reads the panel once: it may as well do so in place.
    mustPack = arith::OrIOp::create(c.b, c.loc, c.less(c.i64(tile.rows), count), c.less(t.valid, c.i64(tile.columns)));
    t.b = arith::SelectOp::create(c.b, c.loc, mustPack, panel, bHere);
    t.bStep = arith::SelectOp::create(c.b, c.loc, mustPack, t.bStep, bStep);
  }
  c.when(mustPack, [&] {
    func::CallOp::create(c.b, c.loc, getPack(c, tile.columns, packB, stored), ValueRange{panel, bHere, bColumn, bStep, t.depth, t.valid, stepsFrom(bSteps, packB, k)});
  });
  SmallVector<Value> args{count, aPacked ? c.i64(tile.rows * packedDepth) : c.mul(aRow, tile.rows)};
  llvm::append_range(args, t.get());
  func::CallOp::create(c.b, c.loc, getTiles(c, along), args);
}

void Product::packRows(Value from, Value count, Value k, const TileArgs &t) {
  static_assert(packedRows % 12 == 0, "a packed block of rows holds whole tiles");
  if (packA == Packing::widened) {
    func::CallOp::create(c.b, c.loc, getWidenRows(c, stored, along), ValueRange{aPacked, from, aRow, t.depth, count, t.low, t.high});
    return;
  }
  if (packA == Packing::acrossLines || packA == Packing::acrossLinesThrough) {
    func::CallOp::create(c.b, c.loc, getPackTiles(c, stored, packA, along),
                         ValueRange{aPacked, from, aStep, t.depth, count, t.low, t.high, stepsFrom(aSteps, packA, k)});
    return;
  }
  c.loop(c.i64(0), count, tile.rows, [&](Value m) {
    Value valid = c.min(c.i64(tile.rows), c.sub(count, m));
    func::CallOp::create(c.b, c.loc, getPack(c, tile.rows, packA, stored),
                         ValueRange{moved(c, aPacked, c.mul(m, packedDepth)), moved(c, stored, from, c.mul(m, aRow)), aRow, aStep, t.depth, valid, aSteps});
  });
}

/// Rows that are contiguous along k are read in place: a tile reads a few streams. So is a band that is read once, or of any other kind: it ends within what
/// would be packed. A tile reads floats.
Packing choosePackingOfRows(const Matrix &a, Type stored, const Band &band) {
  bool isFloat = stored.isF32();
  if (a.steps)
    return Packing::acrossLinesThrough;
  if (a.column == 1)
    return isFloat ? Packing::none : Packing::widened;
  if (band.along != Band::alongK)
    return a.row == 1 ? Packing::acrossLines : Packing::elementwise;
  return a.row == 1 && (band.isReadOften || !isFloat) ? Packing::acrossLines : Packing::none;
}

} // namespace

void multiply(Code &code, const Matrix &a, const Matrix &b, const Matrix &y, Value rows, Value columns, Value depth, Value accumulate, const Band &band) {
  Type stored = a.element ? a.element : code.f32();
  Packing packA = choosePackingOfRows(a, stored, band);
  Packing packB = choosePacking(b.column, b.row, b.steps);
  Type index = code.b.getI64Type(), ptr = pointer(code);
  std::string name = ("product_" + nameOf(packA) + "_" + nameOf(packB) + suffixOf(stored) + suffixOf(band.along)).str();
  func::FuncOp product =
      code.getShared(name, {ptr, index, index, ptr, index, index, ptr, index, index, index, index, code.b.getI1Type(), index, index, ptr, ptr},
                     [&](Code &c, ValueRange args) { Product(c, packA, packB, stored, band.along, args).emit(); });
  bool isBand = band.along != Band::none;
  Value noSteps = LLVM::ZeroOp::create(code.b, code.loc, ptr);
  func::CallOp::create(code.b, code.loc, product,
                       ValueRange{moved(code, stored, a.buffer, a.origin), code.i64(a.row), code.i64(a.column), moved(code, stored, b.buffer, b.origin), code.i64(b.row),
                                  code.i64(b.column), moved(code, y.buffer, y.origin), code.i64(y.row), rows, columns, depth, accumulate,
                                  isBand ? band.low : code.i64(0), isBand ? band.high : code.i64(0), a.steps ? a.steps : noSteps, b.steps ? b.steps : noSteps});
}

void clear(Code &code, const Matrix &y, Value rows, Value columns) {
  callClear(code, moved(code, y.buffer, y.origin), code.i64(y.row), rows, columns);
}

} // namespace moe::cpu
