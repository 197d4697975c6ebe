//===- Packing.cpp - factors in the order in which they are multiplied ------===//
#include "lib/Conversion/KernelToCPU/Packing.h"

using namespace mlir;

namespace moe::cpu {

Step Step::get(Code &c, Type stored) {
  if (stored.isF32())
    return {stored, stored, 1};
  return c.target.usesBF16Dot ? Step{stored, stored, 2} : Step{stored, c.f32(), 1};
}

Type Step::packed() const { return isPair() ? IntegerType::get(stored.getContext(), 32) : element; }

StringRef Step::suffix() const { return isFloat() ? "" : isPair() ? "_pairs" : "_bf16"; }

StringRef nameOf(Packing packing) {
  switch (packing) {
  case Packing::inPlace: return "in_place";
  case Packing::neighbours: return "neighbours";
  case Packing::strided: return "strided";
  case Packing::acrossLines: return "across";
  case Packing::acrossLinesThrough: return "through";
  case Packing::alongLines: return "along";
  case Packing::elementwise: return "elements";
  case Packing::widened: return "widened";
  }
  llvm_unreachable("all ways are named");
}

StringRef suffixOf(Band::Along along) { return along == Band::alongK ? "_band_k" : along == Band::alongN ? "_band_n" : ""; }

Packing choosePacking(int64_t line, int64_t k, Value steps) {
  if (steps)
    return Packing::acrossLinesThrough;
  return line == 1 ? Packing::acrossLines : k == 1 ? Packing::alongLines : Packing::elementwise;
}

namespace {

/// Visits the steps of the numbers [first, depth): their first number, and how many they have. Only the last one may lack one.
void forEachStep(Code &c, const Step &step, Value first, Value depth, llvm::function_ref<void(Value k, int64_t numbers)> body) {
  if (!step.isPair())
    return c.loop(first, depth, 1, [&](Value k) { body(k, 1); });
  Value whole = c.add(first, c.mul(c.div(c.sub(depth, first), 2), 2));
  c.loop(first, whole, 2, [&](Value k) { body(k, 2); });
  c.when(c.less(whole, depth), [&] { body(whole, 1); });
}

/// The numbers of a step as one: what is missing is 0.
Value join(Code &c, const Step &step, ArrayRef<Value> numbers) {
  if (!step.isPair())
    return c.widen(numbers[0]);
  return c.pair(numbers[0], numbers.size() == 2 ? numbers[1] : Value());
}

/// Where the numbers of the step at k begin; `steps` may be null.
SmallVector<Value> placesOf(Code &c, const Step &step, Value from, Value distance, Value steps, Value k, int64_t numbers) {
  SmallVector<Value> places;
  for (int64_t i = 0; i < numbers; ++i) {
    Value at = i == 0 ? k : c.add(k, c.i64(i));
    places.push_back(c.address(from, step.stored, c.mul(steps ? c.toI64(c.load(steps, c.b.getI32Type(), at)) : at, distance)));
  }
  return places;
}

void packElementwise(Code &c, int64_t width, const Step &step, ValueRange args, Value firstK) {
  Value to = args[0], from = args[1], line = args[2], distance = args[3], depth = args[4], last = c.sub(args[5], c.i64(1));
  forEachStep(c, step, firstK, depth, [&](Value k, int64_t numbers) {
    SmallVector<Value> places = placesOf(c, step, from, distance, /*steps=*/Value(), k, numbers);
    Value target = step.at(c, to, c.mul(k, width));
    c.loop(width, [&](Value n) {
      Value at = c.mul(c.min(n, last), line);
      auto loaded = llvm::map_to_vector(places, [&](Value place) { return c.load(place, step.stored, at); });
      c.store(target, join(c, step, loaded), n);
    });
  });
}

/// Whole rows by two or more vectors, of which the last may overlap the one before it. The next lines stand in the same rows, each row in a page of its
/// own, where no hardware looks ahead.
void packAcrossLines(Code &c, int64_t width, const Step &step, ValueRange args, Value steps) {
  Value to = args[0], from = args[1], distance = args[3], depth = args[4], valid = args[5];
  int64_t lanes = std::min<int64_t>(c.lanes(), llvm::bit_floor(uint64_t(width)));
  auto copyRows = [&](llvm::function_ref<Value(Value place, int64_t at)> load) {
    forEachStep(c, step, c.i64(0), depth, [&](Value k, int64_t numbers) {
      SmallVector<Value> places = placesOf(c, step, from, distance, steps, k, numbers);
      Value target = step.at(c, to, c.mul(k, width));
      for (int64_t n = 0; n < width; n += lanes) {
        int64_t at = std::min(n, width - lanes);
        auto loaded = llvm::map_to_vector(places, [&](Value place) { return load(place, at); });
        c.storeVector(target, join(c, step, loaded), c.i64(at), lanes);
      }
      for (Value place : places)
        c.prefetch(c.address(place, step.stored, c.i64(width)), /*forWriting=*/false);
    });
  };
  auto isPartial = scf::IfOp::create(c.b, c.loc, c.less(valid, c.i64(width)), /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(c.b);
  c.b.setInsertionPointToStart(isPartial.thenBlock());
  copyRows([&](Value place, int64_t at) { return c.loadVectorUpTo(place, step.stored, c.i64(at), lanes, c.sub(valid, c.i64(at))); });
  c.b.setInsertionPointToStart(isPartial.elseBlock());
  copyRows([&](Value place, int64_t at) { return c.loadVector(place, step.stored, c.i64(at), lanes, lanes); });
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

void packAlongLines(Code &c, int64_t width, const Step &step, ValueRange args) {
  Value to = args[0], from = args[1], line = args[2], depth = args[4], last = c.sub(args[5], c.i64(1));
  int64_t lanes = c.lanes(), block = lanes * step.numbers;
  Value whole = c.mul(c.div(depth, block), block);
  c.loop(c.i64(0), whole, block, [&](Value k) {
    Value target = step.at(c, to, c.mul(k, width));
    c.loop(c.i64(0), c.i64(width), lanes, [&](Value n) {
      SmallVector<Value> rows;
      for (int64_t i = 0; i < lanes; ++i) {
        Value column = c.address(from, step.stored, c.mul(c.min(c.add(n, c.i64(i)), last), line));
        Value numbers = c.loadVector(column, step.stored, k, block, block); // neighbours already
        rows.push_back(step.isPair() ? vector::BitCastOp::create(c.b, c.loc, VectorType::get({lanes}, step.packed()), numbers).getResult() : c.widen(numbers));
      }
      transpose(c, rows);
      for (int64_t i = 0; i < lanes; ++i)
        c.storeVector(step.at(c, target, c.i64(i * step.numbers * width)), rows[i], n, lanes);
    });
  });
  packElementwise(c, width, step, args, whole);
}

/// Packs the rows of one step into all their tiles. Of a band, row m has an entry where low + m <= k < high + m.
class TilePacker {
public:
  TilePacker(Code &c, const Step &step, bool isBand, bool isThrough, ValueRange args)
      : c(c), step(step), isBand(isBand), width(TileShape::get(c.target).rows), lanes(std::min<int64_t>(c.lanes(), llvm::bit_floor(uint64_t(width)))), to(args[0]),
        from(args[1]), distance(args[2]), rows(args[4]), low(args[5]), high(args[6]), steps(isThrough ? args[7] : Value()) {}

  void emit(Value k, int64_t numbers);

private:
  struct Range {
    Value first, last;
  };
  Range rowsAt(Value k);
  void copyTile(Value target, Value m, ArrayRef<Value> places, llvm::function_ref<Value(unsigned number, Value at)> load);
  Value toTile(Value m) { return c.mul(c.div(m, width), width); }

  Code &c;
  Step step;
  bool isBand;
  int64_t width, lanes;
  Value to, from, distance, rows, low, high, steps;
};

TilePacker::Range TilePacker::rowsAt(Value k) {
  if (!isBand)
    return {c.i64(0), rows};
  Value next = c.add(k, c.i64(1)), first = c.max(c.i64(0), c.sub(next, high));
  return {first, c.max(first, c.min(rows, c.sub(next, low)))};
}

void TilePacker::copyTile(Value target, Value m, ArrayRef<Value> places, llvm::function_ref<Value(unsigned number, Value at)> load) {
  for (int64_t n = 0; n < width; n += lanes) {
    Value at = c.i64(std::min(n, width - lanes));
    SmallVector<Value> loaded;
    for (unsigned number = 0; number < places.size(); ++number)
      loaded.push_back(load(number, c.add(m, at)));
    c.storeVector(step.at(c, target, c.mul(m, packedDepth)), join(c, step, loaded), at, lanes);
  }
}

void TilePacker::emit(Value k, int64_t numbers) {
  SmallVector<Value> places = placesOf(c, step, from, distance, steps, k, numbers);
  Value target = step.at(c, to, c.mul(k, width));
  SmallVector<Range> has;
  for (int64_t i = 0; i < numbers; ++i)
    has.push_back(rowsAt(i == 0 ? k : c.add(k, c.i64(i))));
  // Both bounds grow by at most one from a number to the next: between the last first and the first last, all numbers have the row.
  Value first = has.front().first, last = has.back().last;
  Value firstWhole = isBand ? c.min(toTile(c.add(has.back().first, c.i64(width - 1))), last) : first;
  Value lastWhole = c.max(firstWhole, toTile(has.front().last));
  auto copyPart = [&](Value m) {
    copyTile(target, m, places, [&](unsigned number, Value at) {
      return c.loadVectorBetween(places[number], step.stored, at, lanes, c.sub(has[number].first, at), c.sub(has[number].last, at));
    });
  };
  if (isBand)
    c.when(c.less(first, firstWhole), [&] { copyPart(toTile(first)); });
  c.loop(firstWhole, lastWhole, width, [&](Value m) {
    copyTile(target, m, places, [&](unsigned number, Value at) { return c.loadVector(places[number], step.stored, at, lanes, lanes); });
  });
  c.when(c.less(lastWhole, last), [&] { copyPart(lastWhole); });
}

} // namespace

func::FuncOp getPackTiles(Code &code, const Step &step, Packing packing, Band::Along along) {
  Type index = code.b.getI64Type(), ptr = LLVM::LLVMPointerType::get(code.b.getContext());
  bool isBand = along == Band::alongK, isThrough = packing == Packing::acrossLinesThrough;
  StringRef name = isThrough ? "pack_tiles_through" : isBand ? "pack_tiles_band" : "pack_tiles";
  return code.getShared((name + step.suffix()).str(), {ptr, ptr, index, index, index, index, index, ptr}, [&](Code &c, ValueRange args) {
    TilePacker packer(c, step, isBand, isThrough, args);
    forEachStep(c, step, c.i64(0), args[3], [&](Value k, int64_t numbers) { packer.emit(k, numbers); });
  });
}

func::FuncOp getWidenRows(Code &code, const Step &step, Band::Along along) {
  Type index = code.b.getI64Type(), ptr = LLVM::LLVMPointerType::get(code.b.getContext());
  bool isBand = along == Band::alongK;
  StringRef name = isBand ? "widen_rows_band" : "widen_rows";
  return code.getShared((name + step.suffix()).str(), {ptr, ptr, index, index, index, index, index}, [&](Code &c, ValueRange args) {
    int64_t lanes = c.lanes();
    c.loop(c.i64(0), args[4], 1, [&](Value m) {
      Value source = c.address(args[1], step.stored, c.mul(m, args[2])), target = step.at(c, args[0], c.mul(m, packedDepth));
      auto within = [&](Value x) { return c.max(c.i64(0), c.min(x, args[3])); };
      Value first = isBand ? within(c.add(args[5], m)) : c.i64(0), last = isBand ? c.max(first, within(c.add(args[6], m))) : args[3];
      Value whole = c.add(first, c.mul(c.div(c.sub(last, first), lanes), lanes));
      auto copy = [&](Value begin, Value end, int64_t count) {
        c.loop(begin, end, count, [&](Value k) { c.storeVector(target, c.widen(c.loadVector(source, step.stored, k, count, count)), k, count); });
      };
      copy(first, whole, lanes);
      copy(whole, last, 1);
    });
  });
}

func::FuncOp getPack(Code &code, int64_t width, Packing packing, const Step &step) {
  Type index = code.b.getI64Type(), ptr = LLVM::LLVMPointerType::get(code.b.getContext());
  return code.getShared(("pack_" + nameOf(packing) + "_" + Twine(width) + step.suffix()).str(), {ptr, ptr, index, index, index, index, ptr},
                        [&](Code &c, ValueRange args) {
                          switch (packing) {
                          case Packing::acrossLines:
                            return packAcrossLines(c, width, step, args, /*steps=*/Value());
                          case Packing::acrossLinesThrough:
                            return packAcrossLines(c, width, step, args, args[6]);
                          case Packing::alongLines:
                            return packAlongLines(c, width, step, args);
                          default:
                            return packElementwise(c, width, step, args, c.i64(0));
                          }
                        });
}

} // namespace moe::cpu
