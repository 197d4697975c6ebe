#include "lib/Conversion/KernelToCPU/Panels.h"

#include "lib/Conversion/KernelToCPU/Tile.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;

namespace moe::cpu {

TileShape TileShape::get(const CPUTarget &target) {
  CPUTile tile = target.getTile();
  return {tile.rows, tile.vectors * int64_t(target.vectorWidth)};
}

namespace {

Type pointer(Code &c) { return LLVM::LLVMPointerType::get(c.b.getContext()); }
Value moved(Code &c, Value base, Value elements) { return c.address(base, c.f32(), elements); }

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

/// (a, distance of rows, distance of k, b, distance of k, distance of columns, y, distance of rows, rows, columns, depth, accumulate, band, the indices of k of
/// a and b).
class Product {
public:
  Product(Code &c, Packing packA, Packing packB, const Step &step, Band::Along along, ValueRange args)
      : c(c), tile(TileShape::get(c.target)), packA(packA), packB(packB), step(step), along(along), a(args[0]), aRow(args[1]), aStep(args[2]), b(args[3]),
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
  TileForm::Rows rowsForTile() const;
  void packRows(Value from, Value count, Value k, const TileArgs &t);
  /// Where a factor stands at step k, and its index from there on.
  Value atStep(Value from, Value distance, Packing packing, Value k) {
    return packing == Packing::acrossLinesThrough ? from : stored(from, c.mul(k, distance));
  }
  Value stored(Value base, Value numbers) { return c.address(base, step.stored, numbers); }
  Value stepsFrom(Value steps, Packing packing, Value k) { return packing == Packing::acrossLinesThrough ? c.address(steps, c.b.getI32Type(), k) : steps; }

  Code &c;
  TileShape tile;
  Packing packA, packB;
  Step step; ///< of a and b
  Band::Along along;
  Value a, aRow, aStep, b, bStep, bColumn, y, yRow, rows, columns, depth, accumulate, low, high, aSteps, bSteps;
  Value aPacked, panel;
};

void Product::emit() {
  assert(packedRows % tile.rows == 0 && "a packed block of rows holds whole tiles");
  static_assert(packedRows * packedDepth <= largestScratch / 2 && 64 * packedDepth <= largestScratch / 2, "rows of a and a panel of b fit the stack");
  if (isPacked(packA))
    aPacked = c.scratch(packedRows * packedDepth / step.numbers);
  panel = c.scratch(tile.columns * packedDepth / step.numbers);
  int64_t together = packA == Packing::inPlace ? rowsInPlace : packedRows;
  c.loop(c.i64(0), rows, together, [&](Value m) {
    Value count = c.min(c.i64(together), c.sub(rows, m));
    Range passes = restrict(depth, Band::alongK, m, count);
    // A sum is taken in the same parts whichever rows stand in a block.
    passes.first = c.mul(c.div(passes.first, packedDepth), packedDepth);
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
  t.a = atStep(stored(a, c.mul(m, aRow)), aStep, packA, k);
  t.aRow = aRow;
  t.aStep = aStep;
  t.yRow = yRow;
  t.low = c.sub(c.add(low, m), k);
  t.high = c.sub(c.add(high, m), k);
  if (aPacked) {
    packRows(t.a, count, k, t);
    t.a = aPacked;
    t.aRow = c.i64(packA == Packing::widened ? packedDepth : step.numbers);
    t.aStep = c.i64(packA == Packing::widened ? 1 : tile.rows);
  }
  Range range = restrict(columns, Band::alongN, m, count);
  c.loop(range.first, range.last, tile.columns, [&](Value n) { emitPanel(m, count, k, n, range.last, t); });
}

void Product::emitPanel(Value m, Value count, Value k, Value n, Value lastColumn, TileArgs t) {
  Value bHere = atStep(stored(b, c.mul(n, bColumn)), bStep, packB, k);
  Value origin = along == Band::alongK ? k : n;
  t.valid = c.min(c.i64(tile.columns), c.sub(lastColumn, n));
  t.y = moved(c, y, c.add(c.mul(m, yRow), n));
  t.low = c.sub(c.add(low, m), origin);
  t.high = c.sub(c.add(high, m), origin);
  auto callTiles = [&](bool isPanel) {
    SmallVector<Value> args{count, aPacked ? c.i64(tile.rows * packedDepth) : c.mul(aRow, tile.rows)};
    llvm::append_range(args, t.get());
    func::CallOp::create(c.b, c.loc, getTiles(c, {step, along, rowsForTile(), isPanel}), args);
  };
  auto packAndCall = [&] {
    t.b = panel;
    t.bStep = c.i64(tile.columns);
    func::CallOp::create(c.b, c.loc, getPack(c, tile.columns, packB, step), ValueRange{panel, bHere, bColumn, bStep, t.depth, t.valid, stepsFrom(bSteps, packB, k)});
    callTiles(/*isPanel=*/true);
  };
  if (packB != Packing::acrossLines || !step.isFloat())
    return packAndCall();
  // A single tile reads the panel once: it may as well do so in place.
  Value mustPack = arith::OrIOp::create(c.b, c.loc, c.less(c.i64(tile.rows), count), c.less(t.valid, c.i64(tile.columns)));
  auto branch = scf::IfOp::create(c.b, c.loc, mustPack, /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(c.b);
  c.b.setInsertionPointToStart(branch.thenBlock());
  packAndCall();
  c.b.setInsertionPointToStart(branch.elseBlock());
  t.b = bHere;
  t.bStep = bStep;
  callTiles(/*isPanel=*/false);
}

TileForm::Rows Product::rowsForTile() const {
  switch (packA) {
  case Packing::inPlace:
  case Packing::widened: return TileForm::Rows::contiguous;
  case Packing::neighbours: return TileForm::Rows::neighbours;
  case Packing::strided: return TileForm::Rows::strided;
  default: return TileForm::Rows::packed;
  }
}

void Product::packRows(Value from, Value count, Value k, const TileArgs &t) {
  if (packA == Packing::widened) {
    func::CallOp::create(c.b, c.loc, getWidenRows(c, step, along), ValueRange{aPacked, from, aRow, t.depth, count, t.low, t.high});
    return;
  }
  if (packA == Packing::acrossLines || packA == Packing::acrossLinesThrough) {
    func::CallOp::create(c.b, c.loc, getPackTiles(c, step, packA, along),
                         ValueRange{aPacked, from, aStep, t.depth, count, t.low, t.high, stepsFrom(aSteps, packA, k)});
    return;
  }
  c.loop(c.i64(0), count, tile.rows, [&](Value m) {
    Value valid = c.min(c.i64(tile.rows), c.sub(count, m));
    func::CallOp::create(c.b, c.loc, getPack(c, tile.rows, packA, step),
                         ValueRange{step.at(c, aPacked, c.mul(m, packedDepth)), stored(from, c.mul(m, aRow)), aRow, aStep, t.depth, valid, aSteps});
  });
}

/// Whether what lies so far apart falls into one set of a first-level cache, which holds fewer lines than a panel has steps.
bool sharesOneSet(int64_t distance) { return distance % 1024 == 0; }

/// Rows that are contiguous along k are read in place: a tile reads a few streams. So are rows that are neighbours, of which a tile finds those of a step in a line
/// or two. So is a band that is read once, or of any other kind: it ends within what
/// would be packed. A tile reads floats, or pairs that lie side by side.
Packing choosePackingOfRows(const Matrix &a, const Step &step, const Band &band) {
  if (a.steps)
    return Packing::acrossLinesThrough;
  if (a.column == 1)
    return step.stored == step.element ? Packing::inPlace : Packing::widened;
  if (band.along != Band::alongK)
    return a.row != 1 ? Packing::elementwise : step.isFloat() && !sharesOneSet(a.column) ? Packing::neighbours : Packing::acrossLines;
  if (a.row != 1)
    return Packing::strided;
  return band.isReadOften || !step.isFloat() ? Packing::acrossLines : Packing::neighbours;
}

} // namespace

void multiply(Code &code, const Matrix &a, const Matrix &b, const Matrix &y, Value rows, Value columns, Value depth, Value accumulate, const Band &band) {
  Step step = Step::get(code, a.element ? a.element : code.f32());
  Packing packA = choosePackingOfRows(a, step, band);
  Packing packB = choosePacking(b.column, b.row, b.steps);
  Type index = code.b.getI64Type(), ptr = pointer(code);
  std::string name = ("product_" + nameOf(packA) + "_" + nameOf(packB) + step.suffix() + suffixOf(band.along)).str();
  func::FuncOp product =
      code.getShared(name, {ptr, index, index, ptr, index, index, ptr, index, index, index, index, code.b.getI1Type(), index, index, ptr, ptr},
                     [&](Code &c, ValueRange args) { Product(c, packA, packB, step, band.along, args).emit(); });
  bool isBand = band.along != Band::none;
  Value noSteps = LLVM::ZeroOp::create(code.b, code.loc, ptr);
  func::CallOp::create(code.b, code.loc, product,
                       ValueRange{code.address(a.buffer, step.stored, a.origin), code.i64(a.row), code.i64(a.column), code.address(b.buffer, step.stored, b.origin), code.i64(b.row),
                                  code.i64(b.column), moved(code, y.buffer, y.origin), code.i64(y.row), rows, columns, depth, accumulate,
                                  isBand ? band.low : code.i64(0), isBand ? band.high : code.i64(0), a.steps ? a.steps : noSteps, b.steps ? b.steps : noSteps});
}

void clear(Code &code, const Matrix &y, Value rows, Value columns) {
  callClear(code, moved(code, y.buffer, y.origin), code.i64(y.row), rows, columns);
}

} // namespace moe::cpu
