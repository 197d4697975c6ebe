//===- Contraction.cpp - a contraction in terms of addresses ----------------===//
#include "lib/Conversion/KernelToCPU/Contraction.h"

using namespace mlir;

namespace moe::cpu {
namespace {

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

} // namespace

Contraction analyze(kernel::ContractOp op, Code &code) {
  Code::Tensor a = code.tensorOf(0, op.getMap(0), op.getA().getType()), b = code.tensorOf(1, op.getMap(1), op.getB().getType());
  Code::Tensor y = code.tensorOf(code.args.size() - 1, op.getMap(2), op.getY().getType());
  Contraction p;
  p.extents = code.extentsOf(op.getExtents());
  p.a = a.access;
  p.b = b.access;
  p.y = y.access;
  if (op.getGuards()) {
    for (AffineExpr expr : op.getGuards()->getResults())
      p.guards.push_back(LinearAccess::get(AffineMap::get(p.extents.size(), 0, expr), {1}));
    p.guardSizes = llvm::to_vector(*op.getGuardSizes());
  }
  p.aBuffer = a.buffer;
  p.bBuffer = b.buffer;
  p.stored = storageType(getElementTypeOrSelf(op.getA()));
  p.initBuffer = op.getInit() ? code.tensorOf(2, op.getMap(2), op.getY().getType()).buffer : Value();
  p.yBuffer = y.buffer;
  simplify(p);
  classify(p);
  return p;
}

namespace {

/// Exchanges d for e = m + sign * d. Guards must be on e alone: they bound it.
bool shearAlong(Contraction &p, int64_t d, int64_t sign) {
  int64_t rows = p.extents[p.m], width = p.extents[d];
  for (LinearAccess *access : allAccesses(p)) {
    int64_t coefficient = access->coefficients[d];
    access->coefficients[d] = sign * coefficient;
    access->coefficients[p.m] -= sign * coefficient;
  }
  int64_t first = sign > 0 ? 0 : 1 - width, last = sign > 0 ? rows + width - 1 : rows;
  for (auto [guard, size] : llvm::zip_equal(p.guards, p.guardSizes)) {
    int64_t f = guard.coefficients[d];
    bool isAlone = llvm::count_if(guard.coefficients, [](int64_t c) { return c != 0; }) == 1;
    if (!isAlone || (f != 1 && f != -1))
      return false;
    first = std::max(first, f > 0 ? -guard.constant : guard.constant - size + 1);
    last = std::min(last, f > 0 ? size - guard.constant : guard.constant + 1);
  }
  if (first >= last)
    return false;
  p.guards.clear();
  p.guardSizes.clear();
  for (LinearAccess *access : allAccesses(p))
    access->constant += access->coefficients[d] * first;
  p.extents[d] = last - first;
  p.bandLow = (sign > 0 ? 0 : 1 - width) - first;
  p.bandHigh = (sign > 0 ? width : 1) - first;
  return true;
}

} // namespace

bool shear(Contraction &p) {
  constexpr int64_t leastWidth = 8; // below, a tile would see little but the band's edges
  int64_t stride = p.b.coefficients[p.m];
  auto tryDimension = [&](int64_t d, Band::Along along) {
    int64_t sign = p.b.coefficients[d] == stride ? 1 : -1;
    if (p.b.coefficients[d] != sign * stride || p.extents[d] < leastWidth)
      return false;
    Contraction sheared = p;
    if (!shearAlong(sheared, d, sign))
      return false;
    sheared.along = along;
    p = std::move(sheared);
    return true;
  };
  if (stride == 0 || p.a.coefficients[p.n] != 0)
    return false;
  // Along n, the result exists in the band only: nothing else may have to be written, so guards and other sums' starts are out.
  if (p.guards.empty() && !p.initBuffer && p.b.coefficients[p.n] == stride && tryDimension(p.n, Band::alongN))
    return true;
  for (int64_t d : p.inner)
    if (tryDimension(d, Band::alongK)) {
      llvm::erase(p.inner, d);
      p.inner.push_back(d);
      return true;
    }
  return false;
}

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

} // namespace moe::cpu
