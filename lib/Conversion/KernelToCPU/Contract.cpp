//===- Contract.cpp - kernel.contract as register tiles ---------*- C++ -*-===//
//
// Every index is a linear function of the domain, so a contraction is three addresses that move with each dimension. The dimension along which the result is
// contiguous is vectorised (n). If the other operand alone holds another result dimension (m), this is a matrix product over packed panels. A window is
// brought to that form by shearing; what is left (guards, dot-like shapes) is DirectContract's.
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/KernelToCPU/Contraction.h"
#include "lib/Conversion/KernelToCPU/Emitters.h"

#include <limits>

using namespace mlir;

namespace moe::cpu {

bool isPanelContract(const Contraction &p) {
  if (!p.guards.empty() || p.a.coefficients[p.n] != 0 || p.b.coefficients[p.n] == 0 || p.b.coefficients[p.m] != 0)
    return false;
  bool inPlace = p.along == Band::alongK && p.a.coefficients[p.m] != 1 && p.a.coefficients[p.inner.back()] != 1;
  if (inPlace && !p.stored.isF32()) // a tile reads floats
    return false;
  return p.extents[p.m] >= 4 || p.b.coefficients[p.n] != 1;
}

/// The blocks: enough of them to share among threads, with as little packing as possible. An element of a costs about `packA` multiplications of a vector for
/// each chunk of columns it meets, one of b `packB` for each chunk of rows.
static Grid choosePanelGrid(const Contraction &p, const CPUTarget &target) {
  TileShape tile = TileShape::get(target);
  constexpr double leastWork = 1 << 16; // multiplications of a block
  double wantedBlocks = 4.0 * target.threads; // whoever is done first takes the next: the last ones decide how long the others wait
  int64_t k = p.inner.back(), columns = p.extents[p.n], rows = p.extents[p.m];
  double packA = p.a.coefficients[k] == 1 || p.a.coefficients[p.m] == 1 ? 1 : 6, packB = p.b.coefficients[p.n] == 1 ? 2 : 5;
  double work = static_cast<double>(p.outerCount() * rows * columns);
  for (int64_t d : p.inner)
    work *= static_cast<double>(p.extents[d]);
  double wanted = std::clamp(work / leastWork, 1.0, wantedBlocks);

  Grid best;
  double bestCost = std::numeric_limits<double>::infinity();
  int64_t mostRows = std::min<int64_t>(llvm::alignTo(rows, tile.rows), p.a.coefficients[k] == 1 && p.stored.isF32() ? rowsInPlace : packedRows), panels = llvm::divideCeil(columns, tile.columns);
  for (int64_t mParts = 1; mParts <= 16; mParts *= 2)
    for (int64_t nParts = 1; nParts <= panels; nParts *= 2) {
      Grid grid;
      grid.outer = p.outerCount();
      int64_t rowParts = llvm::divideCeil(rows, llvm::alignTo(llvm::divideCeil(mostRows, mParts), tile.rows));
      grid.mChunk = llvm::alignTo(llvm::divideCeil(rows, rowParts), tile.rows); // parts of one size
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

/// Visits the indices of `dims` in order.
static void nest(Code &code, const Contraction &p, ArrayRef<int64_t> dims, MutableArrayRef<Value> iv, llvm::function_ref<void()> body) {
  if (dims.empty())
    return body();
  code.loop(p.extents[dims.front()], [&](Value index) {
    iv[dims.front()] = index;
    nest(code, p, dims.drop_front(), iv, body);
  });
}

/// Gives y the values that the sums start from. The plan may have put `init` where y lies.
static void startSums(Code &code, const Contraction &p, const Matrix &y, Value rows, Value columns) {
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
  Grid grid = choosePanelGrid(p, code.target);
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
      Matrix a{p.aBuffer, code.position(p.a, at.iv), p.a.coefficients[p.m], p.a.coefficients[k], p.stored};
      Matrix b{p.bBuffer, code.position(p.b, at.iv), p.b.coefficients[k], p.b.coefficients[p.n], p.stored};
      Value diagonal = p.along == Band::alongN ? code.sub(at.mFirst, at.iv[p.n]) : at.mFirst;
      Band band{p.along, code.add(diagonal, code.i64(p.bandLow)), code.add(diagonal, code.i64(p.bandHigh)),
                p.extents[p.n] > TileShape::get(code.target).columns};
      multiply(code, a, b, y, rows, columns, code.i64(p.extents[k]), accumulate, band);
    });
  });
  return grid.blocks();
}

int64_t emit(kernel::ContractOp op, Code &code) {
  Contraction p = analyze(op, code);
  if (isPanelContract(p))
    return emitPanelContract(p, code);
  if (Contraction sheared = p; shear(sheared) && isPanelContract(sheared))
    return emitPanelContract(sheared, code);
  return emitDirectContract(p, code);
}

} // namespace moe::cpu
