//===- Tile.cpp - sums in registers -----------------------------------------===//
#include "lib/Conversion/KernelToCPU/Tile.h"

using namespace mlir;

namespace moe::cpu {

SmallVector<Type> TileArgs::types(Code &c) {
  Type index = c.b.getI64Type(), ptr = LLVM::LLVMPointerType::get(c.b.getContext());
  return {ptr, index, index, ptr, index, ptr, index, index, index, c.b.getI1Type(), index, index};
}

std::string TileForm::suffix() const {
  auto nameOfRows = [&]() -> StringRef {
    switch (rows) {
    case Rows::packed: return "";
    case Rows::contiguous: return "_rows";
    case Rows::neighbours: return "_columns";
    case Rows::strided: return "_strided";
    }
    llvm_unreachable("all are named");
  };
  return (step.suffix() + suffixOf(along) + nameOfRows() + (isPanel ? "" : "_in_place")).str();
}

namespace {

Value moved(Code &c, Value base, Value elements) { return c.address(base, c.f32(), elements); }

class Tile {
public:
  Tile(Code &c, int64_t rows, const TileForm &tileForm, ValueRange args)
      : c(c), form(tileForm.step), rows(rows), lanes(c.lanes()), vectors(TileShape::get(c.target).columns / lanes), along(tileForm.along), t(args) {
    setKnownDistances(tileForm);
  }

  void emit();

private:
  static constexpr int64_t unroll = 4, cacheLine = 64;

  /// What of a step of a is read: all, what the band and the depth leave, or the first of two numbers.
  enum class Reading { all, guarded, first };

  void setKnownDistances(const TileForm &tileForm);
  SmallVector<Value> start();
  SmallVector<Value> walk(Value from, Value to, int64_t steps, Reading reading, ValueRange sums);
  SmallVector<Value> step(Value k, Value aOffset, Reading reading, ValueRange sums);
  Value load(int64_t r, Value k, Value aOffset, Reading reading);
  Value loadGuarded(int64_t r, Value k, Value aOffset);
  SmallVector<Value> sumBand(SmallVector<Value> sums);
  void finish(ValueRange sums);

  void storePartly(ValueRange sums);
  void storeWhole(ValueRange sums);
  /// Calls `store` with the way to bring a sum to an address: added to what stands there, if that is asked for.
  using Put = llvm::function_ref<void(Value to, Value sum)>;
  void whetherAdding(llvm::function_ref<void(Put)> store);

  Value aRow(int64_t r) { return r == 0 ? t.a : form.at(c, t.a, c.mul(t.aRow, r)); }
  Value yAt(int64_t r, int64_t v) { return moved(c, t.y, c.add(c.mul(t.yRow, r), c.i64(v * lanes))); }

  /// k rounded down to whole groups of so many steps, counted from `from`.
  Value wholeSteps(Value from, Value k, int64_t steps) {
    int64_t numbers = steps * form.numbers;
    return c.add(from, c.mul(c.div(c.sub(k, from), numbers), numbers));
  }

  Code &c;
  Step form;
  int64_t rows, lanes, vectors;
  Band::Along along;
  TileArgs t;
};

void Tile::setKnownDistances(const TileForm &tileForm) {
  if (tileForm.rows == TileForm::Rows::packed) {
    t.aRow = c.i64(form.numbers);
    t.aStep = c.i64(TileShape::get(c.target).rows);
  } else if (tileForm.rows == TileForm::Rows::contiguous) {
    t.aStep = c.i64(1);
  } else if (tileForm.rows == TileForm::Rows::neighbours) {
    t.aRow = c.i64(1);
  }
  if (tileForm.isPanel)
    t.bStep = c.i64(vectors * lanes);
}

void Tile::emit() {
  SmallVector<Value> sums = start();
  if (along == Band::alongK) {
    sums = sumBand(std::move(sums));
  } else {
    Value zero = c.i64(0), whole = wholeSteps(zero, t.depth, unroll), complete = wholeSteps(zero, t.depth, 1);
    sums = walk(zero, whole, unroll, Reading::all, sums);
    sums = walk(whole, complete, 1, Reading::all, sums);
    if (form.isPair())
      sums = walk(complete, t.depth, 1, Reading::first, sums);
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

SmallVector<Value> Tile::walk(Value from, Value to, int64_t steps, Reading reading, ValueRange sums) {
  SmallVector<Value> init{c.mul(from, t.aStep)};
  llvm::append_range(init, sums);
  Value distance = c.mul(t.aStep, form.numbers);
  SmallVector<Value> state = c.loop(from, to, steps * form.numbers, init, [&](Value k, ValueRange inner) {
    SmallVector<Value> next = llvm::to_vector(inner.drop_front());
    Value offset = inner.front();
    for (int64_t u = 0; u < steps; ++u) {
      if (u > 0) // else LLVM reads the panel ahead, for which 16 registers are too few
        c.keepOrder();
      next = step(c.add(k, c.i64(u * form.numbers)), offset, reading, next);
      offset = c.add(offset, distance);
    }
    next.insert(next.begin(), offset);
    return next;
  });
  state.erase(state.begin());
  return state;
}

SmallVector<Value> Tile::step(Value k, Value aOffset, Reading reading, ValueRange sums) {
  Value panelAt = form.at(c, t.b, c.mul(k, t.bStep));
  SmallVector<Value> columns, next;
  for (int64_t v = 0; v < vectors; ++v)
    columns.push_back(c.loadVector(panelAt, form.packed(), c.i64(v * lanes), lanes, lanes));
  for (int64_t r = 0; r < rows; ++r) {
    Value row = c.splat(load(r, k, aOffset, reading), lanes);
    for (int64_t v = 0; v < vectors; ++v) {
      Value sum = sums[r * vectors + v];
      next.push_back(form.isPair() ? c.dot(row, columns[v], sum) : c.fma(row, columns[v], sum));
    }
  }
  return next;
}

Value Tile::load(int64_t r, Value k, Value aOffset, Reading reading) {
  if (reading == Reading::first)
    return c.pair(c.load(aRow(r), form.element, aOffset), /*high=*/Value());
  if (reading == Reading::all)
    return form.isPair() ? c.loadPair(aRow(r), aOffset) : c.load(aRow(r), form.element, aOffset);
  if (!form.isPair())
    return loadGuarded(r, k, aOffset);
  return c.pair(loadGuarded(r, k, aOffset), loadGuarded(r, c.add(k, c.i64(1)), c.add(aOffset, c.i64(1))));
}

/// a[r, k], or 0 outside of the band and behind the last number.
Value Tile::loadGuarded(int64_t r, Value k, Value aOffset) {
  Value entry = c.sub(k, c.i64(r));
  Value isAbove = c.less(c.sub(t.low, c.i64(1)), entry), isBelow = c.less(k, c.min(t.depth, c.add(t.high, c.i64(r))));
  auto branch = scf::IfOp::create(c.b, c.loc, form.element, arith::AndIOp::create(c.b, c.loc, isAbove, isBelow), /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(c.b);
  c.b.setInsertionPointToStart(branch.thenBlock());
  scf::YieldOp::create(c.b, c.loc, c.load(aRow(r), form.element, aOffset));
  c.b.setInsertionPointToStart(branch.elseBlock());
  scf::YieldOp::create(c.b, c.loc, c.constant(form.element, 0));
  return branch.getResult(0);
}

/// Between two edges, where some rows have entries, lie those that all rows have.
SmallVector<Value> Tile::sumBand(SmallVector<Value> sums) {
  Value zero = c.i64(0);
  auto clamp = [&](Value x, Value least) { return c.max(least, c.min(x, t.depth)); };
  auto roundUp = [&](Value x) { return wholeSteps(zero, c.add(x, c.i64(form.numbers - 1)), 1); };
  Value begin = wholeSteps(zero, clamp(t.low, zero), 1), allBegin = roundUp(clamp(c.add(t.low, c.i64(rows - 1)), begin));
  Value allEnd = c.max(allBegin, wholeSteps(zero, clamp(t.high, zero), 1)), end = clamp(c.add(t.high, c.i64(rows - 1)), allEnd);
  Value whole = wholeSteps(allBegin, allEnd, unroll);
  sums = walk(begin, allBegin, 1, Reading::guarded, sums);
  sums = walk(allBegin, whole, unroll, Reading::all, sums);
  sums = walk(whole, allEnd, 1, Reading::all, sums);
  return walk(allEnd, end, 1, Reading::guarded, sums);
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


func::FuncOp getTile(Code &code, int64_t rows, const TileForm &form) {
  return code.getShared(("tile_" + Twine(rows) + form.suffix()).str(), TileArgs::types(code),
                        [&](Code &c, ValueRange args) { Tile(c, rows, form, args).emit(); });
}

} // namespace

func::FuncOp getTiles(Code &code, const TileForm &form) {
  SmallVector<Type> types(2, code.b.getI64Type());
  llvm::append_range(types, TileArgs::types(code));
  return code.getShared("tiles" + form.suffix(), types, [&](Code &c, ValueRange args) {
    int64_t most = TileShape::get(c.target).rows;
    // The last rows are found by distances that are known at run time only: tiles of each number of rows are many, and serve all forms so.
    TileForm rest{form.step, form.along, TileForm::Rows::strided, /*isPanel=*/false};
    Value rows = args[0], whole = c.div(rows, most), last = c.rem(rows, most);
    TileArgs first(args.drop_front(2));
    auto call = [&](int64_t count, Value tile) {
      TileArgs t = first;
      Value row = c.mul(tile, most);
      t.a = form.step.at(c, first.a, c.mul(tile, args[1]));
      t.y = moved(c, first.y, c.mul(row, first.yRow));
      t.low = c.add(first.low, row);
      t.high = c.add(first.high, row);
      auto emitCall = [&] { func::CallOp::create(c.b, c.loc, getTile(c, count, count == most ? form : rest), t.get()); };
      if (form.along != Band::alongN)
        return emitCall();
      Value isBefore = c.less(c.i64(1 - count), t.high), isBehind = c.less(t.low, first.valid); // some row has a column of the panel
      c.when(arith::AndIOp::create(c.b, c.loc, isBefore, isBehind), emitCall);
    };
    c.loop(c.i64(0), whole, 1, [&](Value tile) { call(most, tile); });
    for (int64_t count = 1; count < most; ++count)
      c.when(c.equal(last, c.i64(count)), [&] { call(count, whole); });
  });
}

} // namespace moe::cpu
