//===- DirectContract.cpp - contractions without packing --------------------===//
//
// Sums are kept for a few m and vectors of n; the operands are read in place.
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/KernelToCPU/Contraction.h"

using namespace mlir;

namespace moe::cpu {
namespace {

class DirectContract {
public:
  DirectContract(const Contraction &product, Code &code) : p(product), c(code), lanes(code.lanes()) {
    // Where a guard holds for some columns only, they go one at a time.
    bool guardedColumns = llvm::any_of(p.guards, [&](const LinearAccess &guard) { return guard.coefficients[p.n] != 0; });
    if (guardedColumns)
      lanes = 1;
    int64_t vectors = llvm::divideCeil(p.extents[p.n], lanes);
    // Guards may differ from row to row, so rows go one at a time and the sum over k is spread over four sets instead.
    tileVectors = guardedColumns ? 1 : std::min<int64_t>(vectors, p.guards.empty() ? 3 : 2);
    tileRows = p.guards.empty() ? std::min<int64_t>(4, p.extents[p.m]) : 1;
    unroll = tileRows * tileVectors < 6 ? 4 : 1;
  }
  int64_t emit();

private:
  void emitTile(SmallVector<Value> iv, int64_t rows, int64_t firstVector, int64_t vectors);
  SmallVector<Value> sumOver(unsigned depth, SmallVector<Value> &iv, int64_t rows, int64_t firstVector, int64_t vectors,
                             SmallVector<Value> sums);
  SmallVector<Value> step(ArrayRef<Value> iv, int64_t rows, int64_t firstVector, int64_t vectors, ArrayRef<Value> sums);
  /// [lower, upper) of dimension d inside the guards, the other indices given.
  std::pair<Value, Value> bounds(int64_t d, ArrayRef<Value> iv);
  Value loadAlongN(Value buffer, const LinearAccess &access, Value at, int64_t vector);
  int64_t validLanes(int64_t vector) const { return std::min(lanes, p.extents[p.n] - vector * lanes); }

  const Contraction &p;
  Code &c;
  int64_t lanes, tileVectors, tileRows, unroll;
  Grid grid{};
};

int64_t DirectContract::emit() {
  int64_t rows = p.extents[p.m];
  grid.outer = p.outerCount();
  grid.nChunk = p.extents[p.n];
  grid.nChunks = 1;
  // m is split where the other dimensions give too few blocks to share.
  constexpr int64_t wantedBlocks = 16, leastRows = 32;
  int64_t chunks = std::clamp<int64_t>(llvm::divideCeil(wantedBlocks, grid.outer), 1, std::max<int64_t>(1, rows / leastRows));
  grid.setRows(rows, llvm::alignTo(llvm::divideCeil(rows, chunks), tileRows));
  c.loop(c.begin, c.end, 1, [&](Value block) {
    BlockIndex at = decode(c, p, grid, block);
    auto tiles = [&](Value lower, Value upper, int64_t count) {
      c.loop(lower, upper, count, [&](Value m) {
        SmallVector<Value> iv = at.iv;
        iv[p.m] = m;
        int64_t vectors = llvm::divideCeil(p.extents[p.n], lanes);
        int64_t whole = vectors / tileVectors * tileVectors;
        // Full tiles of full vectors in a loop; what is left, on its own.
        if (validLanes(whole - 1) < lanes && whole == vectors)
          whole -= tileVectors;
        if (whole > 0)
          c.loop(c.i64(0), c.i64(whole * lanes), tileVectors * lanes, [&](Value n) {
            iv[p.n] = n;
            emitTile(iv, count, 0, tileVectors);
          });
        for (int64_t v = whole; v < vectors; v += tileVectors) {
          iv[p.n] = Value();
          emitTile(iv, count, v, std::min(tileVectors, vectors - v));
        }
      });
    };
    Value whole = at.mLast;
    if (tileRows > 1 && (rows % tileRows != 0))
      whole = c.add(at.mFirst, c.mul(c.div(c.sub(at.mLast, at.mFirst), tileRows), tileRows));
    tiles(at.mFirst, whole, tileRows);
    if (tileRows > 1 && rows % tileRows != 0)
      tiles(whole, at.mLast, 1);
  });
  return grid.blocks();
}

void DirectContract::emitTile(SmallVector<Value> iv, int64_t rows, int64_t firstVector, int64_t vectors) {
  Type vector = c.vectorOf(c.f32(), lanes);
  SmallVector<Value> sums(rows * vectors * unroll, c.constant(vector, 0));
  sums = sumOver(0, iv, rows, firstVector, vectors, sums);
  for (int64_t set = 1; set < unroll; ++set)
    for (int64_t i = 0; i < rows * vectors; ++i)
      sums[i] = c.addf(sums[i], sums[set * rows * vectors + i]);
  SmallVector<Value> at = iv;
  for (int64_t d : p.inner)
    at[d] = Value();
  Value origin = c.position(p.y, at);
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t v = 0; v < vectors; ++v) {
      Value place = c.add(origin, c.i64(r * p.y.coefficients[p.m] + (firstVector + v) * lanes)), sum = sums[r * vectors + v];
      int64_t valid = firstVector == 0 && vectors == tileVectors && iv[p.n] ? lanes : validLanes(firstVector + v);
      if (p.initBuffer)
        sum = c.addf(c.loadVector(p.initBuffer, c.f32(), place, lanes, valid), sum);
      c.storeVector(p.yBuffer, sum, place, valid);
    }
}

std::pair<Value, Value> DirectContract::bounds(int64_t d, ArrayRef<Value> iv) {
  Value lower = c.i64(0), upper = c.i64(p.extents[d]);
  SmallVector<Value> others(iv);
  others[d] = Value();
  for (auto [guard, size] : llvm::zip_equal(p.guards, p.guardSizes)) {
    // 0 <= rest + f * i < size
    Value rest = c.position(guard, others);
    int64_t f = guard.coefficients[d];
    if (f > 0) {
      lower = c.max(lower, c.add(c.floorDiv(c.sub(c.i64(-1), rest), f), c.i64(1)));
      upper = c.min(upper, c.add(c.floorDiv(c.sub(c.i64(size - 1), rest), f), c.i64(1)));
    } else if (f < 0) {
      lower = c.max(lower, c.add(c.floorDiv(c.sub(rest, c.i64(size)), -f), c.i64(1)));
      upper = c.min(upper, c.add(c.floorDiv(rest, -f), c.i64(1)));
    } else {
      Value inside = arith::CmpIOp::create(c.b, c.loc, arith::CmpIPredicate::ult, rest, c.i64(size));
      upper = arith::SelectOp::create(c.b, c.loc, inside, upper, lower);
    }
  }
  return {lower, c.max(lower, upper)};
}

SmallVector<Value> DirectContract::sumOver(unsigned depth, SmallVector<Value> &iv, int64_t rows, int64_t firstVector,
                                           int64_t vectors, SmallVector<Value> sums) {
  int64_t d = p.inner[depth];
  bool last = depth + 1 == p.inner.size();
  if (!last)
    return c.loop(c.i64(0), c.i64(p.extents[d]), 1, sums, [&](Value index, ValueRange carried) {
      iv[d] = index;
      return sumOver(depth + 1, iv, rows, firstVector, vectors, llvm::to_vector(carried));
    });
  auto [lower, upper] = bounds(d, iv);
  int64_t set = rows * vectors;
  if (unroll > 1) {
    Value whole = c.add(lower, c.mul(c.div(c.sub(upper, lower), unroll), unroll));
    sums = c.loop(lower, whole, unroll, sums, [&](Value index, ValueRange carried) {
      SmallVector<Value> next;
      for (int64_t u = 0; u < unroll; ++u) {
        iv[d] = c.add(index, c.i64(u));
        llvm::append_range(next, step(iv, rows, firstVector, vectors, llvm::to_vector(carried.slice(u * set, set))));
      }
      return next;
    });
    lower = whole;
  }
  SmallVector<Value> first = c.loop(lower, upper, 1, ArrayRef<Value>(sums).take_front(set), [&](Value index, ValueRange carried) {
    iv[d] = index;
    return step(iv, rows, firstVector, vectors, llvm::to_vector(carried));
  });
  llvm::copy(first, sums.begin());
  return sums;
}

SmallVector<Value> DirectContract::step(ArrayRef<Value> iv, int64_t rows, int64_t firstVector, int64_t vectors,
                                        ArrayRef<Value> sums) {
  Value aOrigin = c.position(p.a, iv), bOrigin = c.position(p.b, iv);
  bool bPerRow = p.b.coefficients[p.m] != 0, aPerVector = p.a.coefficients[p.n] != 0;
  SmallVector<Value> columns, next;
  auto loadColumns = [&](int64_t r) {
    columns.clear();
    for (int64_t v = 0; v < vectors; ++v)
      columns.push_back(loadAlongN(p.bBuffer, p.b, c.add(bOrigin, c.i64(r * p.b.coefficients[p.m])), firstVector + v));
  };
  for (int64_t r = 0; r < rows; ++r) {
    if (r == 0 || bPerRow)
      loadColumns(r);
    Value at = c.add(aOrigin, c.i64(r * p.a.coefficients[p.m]));
    Value scalar = aPerVector ? Value() : c.splat(c.widen(c.load(p.aBuffer, p.stored, at)), lanes);
    for (int64_t v = 0; v < vectors; ++v) {
      Value row = aPerVector ? loadAlongN(p.aBuffer, p.a, at, firstVector + v) : scalar;
      next.push_back(c.fma(row, columns[v], sums[r * vectors + v]));
    }
  }
  return next;
}

Value DirectContract::loadAlongN(Value buffer, const LinearAccess &access, Value at, int64_t vector) {
  int64_t stride = access.coefficients[p.n];
  at = c.add(at, c.i64(vector * lanes * stride));
  int64_t valid = vector == 0 && p.extents[p.n] >= lanes ? lanes : validLanes(vector);
  if (stride == 0 || lanes == 1)
    return c.splat(c.widen(c.load(buffer, p.stored, at)), lanes);
  if (stride == 1)
    return c.widen(c.loadVector(buffer, p.stored, at, lanes, valid));
  SmallVector<Value> parts;
  for (int64_t i = 0; i < lanes; ++i)
    parts.push_back(i < valid ? c.widen(c.load(buffer, p.stored, c.add(at, c.i64(i * stride)))) : c.constant(c.f32(), 0));
  return vector::FromElementsOp::create(c.b, c.loc, VectorType::get({lanes}, c.f32()), parts);
}

} // namespace

int64_t emitDirectContract(const Contraction &p, Code &code) { return DirectContract(p, code).emit(); }

} // namespace moe::cpu
