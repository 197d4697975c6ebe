//===- Contract.cpp - kernel.contract as register tiles ---------*- C++ -*-===//
//
// Every index is a linear function of the domain, so a contraction is three addresses that move with each dimension. The dimension
// along which the result is contiguous is vectorised (n). If the other operand alone holds another result dimension (m), this is a matrix product over
// packed panels (PanelContract); otherwise (windows, guards, dot-like shapes) sums are kept for a few m and vectors of n and the operands are read in place,
// after transposing a window into scratch when its columns are far apart (DirectContract).
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/KernelToCPU/Emitters.h"
#include "lib/Conversion/KernelToCPU/Panels.h"

#include <limits>

using namespace mlir;

namespace moe::cpu {
namespace {

/// A contraction after dimensions of extent 1 are dropped, neighbours that all accesses walk as one are merged, and the operands
/// are ordered so that b holds n.
struct Contraction {
  SmallVector<int64_t> extents;
  LinearAccess a, b, y;
  SmallVector<LinearAccess> guards;
  SmallVector<int64_t> guardSizes;
  Value aBuffer, bBuffer, yBuffer;
  Value initBuffer;           ///< laid out as y; null: sums start from 0
  int64_t n = 0, m = 0;       ///< dimensions; m is one of extent 1 where no other result dimension offers itself
  SmallVector<int64_t> outer; ///< the other result dimensions
  SmallVector<int64_t> inner; ///< summed over; the longest last

  int64_t outerCount() const {
    int64_t count = 1;
    for (int64_t d : outer)
      count *= extents[d];
    return count;
  }
};

SmallVector<LinearAccess *> allAccesses(Contraction &p) {
  SmallVector<LinearAccess *> all{&p.a, &p.b, &p.y};
  for (LinearAccess &guard : p.guards)
    all.push_back(&guard);
  return all;
}

/// Drops dimensions of extent 1 and merges neighbours.
void simplify(Contraction &p) {
  SmallVector<int64_t> extents;
  SmallVector<LinearAccess *> accesses = allAccesses(p);
  SmallVector<SmallVector<int64_t>> kept(accesses.size());
  for (auto [d, extent] : llvm::enumerate(p.extents)) {
    if (extent == 1)
      continue;
    bool merge = !extents.empty();
    for (auto [access, list] : llvm::zip_equal(accesses, kept))
      merge = merge && list.back() == access->coefficients[d] * extent;
    if (merge) {
      extents.back() *= extent;
    } else {
      extents.push_back(extent);
    }
    for (auto [access, list] : llvm::zip_equal(accesses, kept)) {
      if (merge)
        list.back() = access->coefficients[d];
      else
        list.push_back(access->coefficients[d]);
    }
  }
  p.extents = std::move(extents);
  for (auto [access, list] : llvm::zip_equal(accesses, kept))
    access->coefficients = std::move(list);
}

int64_t addUnitDimension(Contraction &p) {
  p.extents.push_back(1);
  for (LinearAccess *access : allAccesses(p))
    access->coefficients.push_back(0);
  return p.extents.size() - 1;
}

/// Chooses n, m and the roles of the other dimensions.
void classify(Contraction &p) {
  p.n = -1;
  for (auto [d, stride] : llvm::enumerate(p.y.coefficients))
    if (stride == 1)
      p.n = d;
  if (p.n < 0)
    p.n = addUnitDimension(p);
  if (p.b.coefficients[p.n] == 0 || (p.a.coefficients[p.n] != 0 && p.b.coefficients[p.n] != 1)) {
    std::swap(p.a, p.b);
    std::swap(p.aBuffer, p.bBuffer);
  }
  p.m = -1;
  auto rank = [&](int64_t d) { // a alone first, then the longest
    return std::make_pair(p.a.coefficients[d] != 0 && p.b.coefficients[d] == 0, p.extents[d]);
  };
  for (int64_t d = 0, e = p.extents.size(); d < e; ++d)
    if (d != p.n && p.y.coefficients[d] != 0 && p.a.coefficients[d] != 0 && (p.m < 0 || rank(d) > rank(p.m)))
      p.m = d;
  if (p.m < 0)
    p.m = addUnitDimension(p);
  for (int64_t d = 0, e = p.extents.size(); d < e; ++d) {
    if (d == p.n || d == p.m)
      continue;
    (p.y.coefficients[d] != 0 ? p.outer : p.inner).push_back(d);
  }
  if (p.inner.empty())
    p.inner.push_back(addUnitDimension(p));
  llvm::stable_sort(p.inner, [&](int64_t x, int64_t y) { return p.extents[x] < p.extents[y]; });
}

Contraction analyze(kernel::ContractOp op, Code &code) {
  auto access = [&](unsigned k, Type type) {
    return LinearAccess::get(cast<AffineMapAttr>(op.getMaps()[k]).getValue(), cast<RankedTensorType>(type).getShape());
  };
  Contraction p;
  p.extents = llvm::to_vector(op.getExtents());
  p.a = access(0, op.getA().getType());
  p.b = access(1, op.getB().getType());
  p.y = access(2, op.getY().getType());
  if (op.getGuards()) {
    for (AffineExpr expr : op.getGuards()->getResults())
      p.guards.push_back(LinearAccess::get(AffineMap::get(p.extents.size(), 0, expr), {1}));
    p.guardSizes = llvm::to_vector(*op.getGuardSizes());
  }
  p.aBuffer = code.args[0];
  p.bBuffer = code.args[1];
  p.initBuffer = op.getInit() ? code.args[2] : Value();
  p.yBuffer = code.args.back();
  simplify(p);
  classify(p);
  return p;
}

/// The blocks of a launch: (outer dimensions) x (chunks of m) x (chunks of n).
struct Grid {
  int64_t outer, mChunk, mChunks, nChunk, nChunks;
  void setRows(int64_t extent, int64_t chunk) {
    mChunk = chunk;
    mChunks = llvm::divideCeil(extent, chunk);
  }
  int64_t blocks() const { return outer * mChunks * nChunks; }
};

/// Decodes a block into indices of the outer dimensions and the first m and chunk of n.
struct BlockIndex {
  SmallVector<Value> iv;
  Value mFirst, mLast, nChunk;
};
BlockIndex decode(Code &code, const Contraction &p, const Grid &grid, Value block) {
  BlockIndex at;
  at.iv.resize(p.extents.size());
  at.nChunk = code.rem(block, grid.nChunks);
  block = code.div(block, grid.nChunks);
  at.mFirst = code.mul(code.rem(block, grid.mChunks), grid.mChunk);
  at.mLast = code.min(code.add(at.mFirst, code.i64(grid.mChunk)), code.i64(p.extents[p.m]));
  block = code.div(block, grid.mChunks);
  for (int64_t d : llvm::reverse(p.outer)) {
    at.iv[d] = code.rem(block, p.extents[d]);
    block = code.div(block, p.extents[d]);
  }
  return at;
}

/// Splits m where the other dimensions give too few blocks to share, but never below `least` rows.
void splitRows(Grid &grid, int64_t extent, int64_t least, int64_t multiple) {
  constexpr int64_t wantedBlocks = 16;
  int64_t chunks = llvm::divideCeil(wantedBlocks, grid.outer * grid.nChunks);
  chunks = std::max<int64_t>(1, std::min(chunks, extent / least));
  grid.setRows(extent, llvm::alignTo(llvm::divideCeil(extent, chunks), multiple));
}

/// Visits the indices of `dims` in order.
void nest(Code &code, const Contraction &p, ArrayRef<int64_t> dims, MutableArrayRef<Value> iv, llvm::function_ref<void()> body) {
  if (dims.empty())
    return body();
  code.loop(p.extents[dims.front()], [&](Value index) {
    iv[dims.front()] = index;
    nest(code, p, dims.drop_front(), iv, body);
  });
}

//===----------------------------------------------------------------------===//
// Matrix products
//===----------------------------------------------------------------------===//

bool isPanelContract(const Contraction &p) {
  if (!p.guards.empty() || p.a.coefficients[p.n] != 0 || p.b.coefficients[p.n] == 0 || p.b.coefficients[p.m] != 0)
    return false;
  return p.extents[p.m] >= 4 || p.b.coefficients[p.n] != 1;
}

/// The blocks: enough of them to share among threads, with as little packing as possible. An element of a costs about `packA` multiplications of a vector for
/// each chunk of columns it meets, one of b `packB` for each chunk of rows.
Grid choosePanelGrid(const Contraction &p, const TileShape &tile) {
  constexpr double wantedBlocks = 8, leastWork = 1 << 16; // multiplications of a block
  int64_t k = p.inner.back(), columns = p.extents[p.n], rows = p.extents[p.m];
  double packA = p.a.coefficients[k] == 1 ? 1 : 6, packB = p.b.coefficients[p.n] == 1 ? 2 : 5;
  double work = static_cast<double>(p.outerCount() * rows * columns);
  for (int64_t d : p.inner)
    work *= static_cast<double>(p.extents[d]);
  double wanted = std::clamp(work / leastWork, 1.0, wantedBlocks);

  Grid best;
  double bestCost = std::numeric_limits<double>::infinity();
  int64_t mostRows = std::min<int64_t>(llvm::alignTo(rows, tile.rows), packedRows), panels = llvm::divideCeil(columns, tile.columns);
  for (int64_t mParts = 1; mParts <= 16; mParts *= 2)
    for (int64_t nParts = 1; nParts <= panels; nParts *= 2) {
      Grid grid;
      grid.outer = p.outerCount();
      grid.mChunk = llvm::alignTo(llvm::divideCeil(mostRows, mParts), tile.rows);
      grid.mChunks = llvm::divideCeil(rows, grid.mChunk);
      grid.nChunk = llvm::divideCeil(panels, nParts) * tile.columns;
      grid.nChunks = llvm::divideCeil(columns, grid.nChunk);
      double idle = std::max(1.0, wanted / static_cast<double>(grid.blocks()));
      double cost = (packA / static_cast<double>(grid.nChunk) + packB / static_cast<double>(grid.mChunk)) * idle * idle;
      if (cost < bestCost) {
        bestCost = cost;
        best = grid;
      }
    }
  return best;
}

/// Gives y the values that the sums start from. The plan may have put `init` where y lies.
void startSums(Code &code, const Contraction &p, const Matrix &y, Value rows, Value columns) {
  Value isElsewhere = LLVM::ICmpOp::create(code.b, code.loc, LLVM::ICmpPredicate::ne, p.initBuffer, p.yBuffer);
  code.when(isElsewhere, [&] {
    code.loop(code.i64(0), rows, 1, [&](Value m) {
      Value row = code.add(y.origin, code.mul(m, y.row));
      code.loop(code.i64(0), columns, code.lanes(), [&](Value n) {
        Value place = code.add(row, n), valid = code.sub(columns, n);
        code.storeVectorUpTo(p.yBuffer, code.loadVectorUpTo(p.initBuffer, code.f32(), place, code.lanes(), valid), place, valid);
      });
    });
  });
}

int64_t emitPanelContract(const Contraction &p, Code &code) {
  Grid grid = choosePanelGrid(p, TileShape::get(code.target));
  int64_t k = p.inner.back();
  ArrayRef<int64_t> outerSums = ArrayRef<int64_t>(p.inner).drop_back();
  code.loop(code.begin, code.end, 1, [&](Value block) {
    BlockIndex at = decode(code, p, grid, block);
    at.iv[p.m] = at.mFirst;
    at.iv[p.n] = code.mul(at.nChunk, grid.nChunk);
    Value rows = code.sub(at.mLast, at.mFirst);
    Value columns = code.min(code.i64(grid.nChunk), code.sub(code.i64(p.extents[p.n]), at.iv[p.n]));
    Matrix y{p.yBuffer, code.position(p.y, at.iv), p.y.coefficients[p.m], 1};
    if (p.initBuffer)
      startSums(code, p, y, rows, columns);
    nest(code, p, outerSums, at.iv, [&] {
      Value accumulate = code.constant(code.b.getI1Type(), p.initBuffer ? 1 : 0);
      for (int64_t d : outerSums)
        accumulate = arith::OrIOp::create(code.b, code.loc, accumulate, code.less(code.i64(0), at.iv[d]));
      Matrix a{p.aBuffer, code.position(p.a, at.iv), p.a.coefficients[p.m], p.a.coefficients[k]};
      Matrix b{p.bBuffer, code.position(p.b, at.iv), p.b.coefficients[k], p.b.coefficients[p.n]};
      multiply(code, a, b, y, rows, columns, code.i64(p.extents[k]), accumulate);
    });
  });
  return grid.blocks();
}

//===----------------------------------------------------------------------===//
// Windows, guards and the rest
//===----------------------------------------------------------------------===//

class DirectContract {
public:
  DirectContract(Contraction product, Code &code) : p(std::move(product)), c(code), lanes(code.lanes()) {
    // Where a guard holds for some columns only, they go one at a time.
    bool guardedColumns = llvm::any_of(p.guards, [&](const LinearAccess &guard) { return guard.coefficients[p.n] != 0; });
    if (guardedColumns)
      lanes = 1;
    int64_t vectors = llvm::divideCeil(p.extents[p.n], lanes);
    // Guards may differ from row to row, so rows go one at a time and the sum over k is spread over four sets instead.
    tileVectors = guardedColumns ? 1 : std::min<int64_t>(vectors, p.guards.empty() ? 3 : 2);
    tileRows = p.guards.empty() ? std::min<int64_t>(4, p.extents[p.m]) : 1;
    unroll = tileRows * tileVectors < 6 ? 4 : 1;
    window = p.b.coefficients[p.n] != 1 && p.b.coefficients[p.n] == p.b.coefficients[p.m] && p.guards.empty() &&
             p.extents[p.n] > 1 && p.inner.size() == 1;
  }
  int64_t emit();

private:
  void fitWindow();
  void emitTile(SmallVector<Value> iv, int64_t rows, int64_t firstVector, int64_t vectors);
  SmallVector<Value> sumOver(unsigned depth, SmallVector<Value> &iv, int64_t rows, int64_t firstVector, int64_t vectors,
                             SmallVector<Value> sums);
  SmallVector<Value> step(ArrayRef<Value> iv, int64_t rows, int64_t firstVector, int64_t vectors, ArrayRef<Value> sums);
  /// [lower, upper) of dimension d inside the guards, the other indices given.
  std::pair<Value, Value> bounds(int64_t d, ArrayRef<Value> iv);
  Value loadAlongN(Value buffer, const LinearAccess &access, Value at, int64_t vector);
  int64_t validLanes(int64_t vector) const { return std::min(lanes, p.extents[p.n] - vector * lanes); }

  Contraction p;
  Code &c;
  int64_t lanes, tileVectors, tileRows, unroll;
  bool window;
  Grid grid{};
};

/// Takes fewer rows at a time if their window would not fit the scratch; gives it up where it would be copied more often than it is used.
void DirectContract::fitWindow() {
  int64_t mostRows = largestScratch / p.extents[p.inner.back()] - p.extents[p.n];
  if (grid.mChunk <= mostRows)
    return;
  constexpr int64_t leastRows = 16;
  if (mostRows < leastRows)
    window = false;
  else
    grid.setRows(p.extents[p.m], mostRows / tileRows * tileRows);
}

int64_t DirectContract::emit() {
  int64_t rows = p.extents[p.m];
  grid.outer = p.outerCount();
  grid.nChunk = p.extents[p.n];
  grid.nChunks = 1;
  splitRows(grid, rows, 32, tileRows);
  if (window)
    fitWindow();
  LinearAccess original = p.b;
  Value scratch;
  if (window)
    scratch = c.scratch((grid.mChunk + p.extents[p.n]) * p.extents[p.inner.back()]);
  Value bBuffer = p.bBuffer;
  c.loop(c.begin, c.end, 1, [&](Value block) {
    BlockIndex at = decode(c, p, grid, block);
    p.b = original;
    p.bBuffer = bBuffer;
    if (window) {
      // b[m + n, k] -> scratch[k][m - mFirst + n].
      Value width = c.sub(c.add(at.mLast, c.i64(p.extents[p.n] - 1)), at.mFirst);
      int64_t k = p.inner.back(), pitch = grid.mChunk + p.extents[p.n];
      SmallVector<Value> iv = at.iv;
      iv[p.m] = at.mFirst;
      Value from = c.position(p.b, iv);
      c.loop(c.i64(0), width, 1, [&](Value u) {
        Value column = c.add(from, c.mul(u, p.b.coefficients[p.n]));
        c.loop(p.extents[k], [&](Value index) {
          Value element = c.load(bBuffer, c.f32(), c.add(column, c.mul(index, p.b.coefficients[k])));
          c.store(scratch, element, c.add(u, c.mul(index, pitch)));
        });
      });
      p.bBuffer = scratch;
      p.b.coefficients.assign(p.extents.size(), 0);
      p.b.coefficients[p.n] = p.b.coefficients[p.m] = 1;
      p.b.coefficients[k] = pitch;
      p.b.constant = 0;
    }
    Value scratchShift = window ? at.mFirst : Value();
    auto tiles = [&](Value lower, Value upper, int64_t count) {
      c.loop(lower, upper, count, [&](Value m) {
        SmallVector<Value> iv = at.iv;
        iv[p.m] = m;
        if (scratchShift)
          iv.push_back(scratchShift);
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
  SmallVector<Value> at(iv.begin(), iv.begin() + p.extents.size());
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
  SmallVector<Value> others(iv.begin(), iv.begin() + p.extents.size());
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
  // A transposed window is indexed from the chunk's first row, which rides at the end of iv.
  SmallVector<Value> domain(iv.begin(), iv.begin() + p.extents.size()), shifted = domain;
  if (iv.size() > p.extents.size())
    shifted[p.m] = c.sub(domain[p.m], iv.back());
  Value aOrigin = c.position(p.a, domain), bOrigin = c.position(p.b, shifted);
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
    Value scalar = aPerVector ? Value() : c.splat(c.load(p.aBuffer, c.f32(), at), lanes);
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
    return c.splat(c.load(buffer, c.f32(), at), lanes);
  if (stride == 1)
    return c.loadVector(buffer, c.f32(), at, lanes, valid);
  SmallVector<Value> parts;
  for (int64_t i = 0; i < lanes; ++i)
    parts.push_back(i < valid ? c.load(buffer, c.f32(), c.add(at, c.i64(i * stride))) : c.constant(c.f32(), 0));
  return vector::FromElementsOp::create(c.b, c.loc, VectorType::get({lanes}, c.f32()), parts);
}

} // namespace

int64_t emit(kernel::ContractOp op, Code &code) {
  Contraction p = analyze(op, code);
  if (isPanelContract(p))
    return emitPanelContract(p, code);
  return DirectContract(std::move(p), code).emit();
}

} // namespace moe::cpu
