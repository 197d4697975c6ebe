//===- Contract.cpp - sums of products over a box ---------------------------===//
#include "dialects/moe/Reference/Box.h"
#include "dialects/moe/Reference/Models.h"

using namespace mlir;

namespace moe::reference {

/// A linear map to the indices of a tensor, as positions in its data.
static Walk walkMap(AffineMap map, ArrayRef<int64_t> shape) {
  auto positionAt = [&](ArrayRef<int64_t> point) { return walkFrom(map.compose(point), shape).start; };
  SmallVector<int64_t> point(map.getNumDims(), 0);
  Walk walk{positionAt(point), {}};
  for (int64_t &coordinate : point) {
    coordinate = 1;
    walk.strides.push_back(positionAt(point) - walk.start);
    coordinate = 0;
  }
  return walk;
}

static Value compute(ContractOp op, Ins in) {
  auto map = [&](size_t k) { return cast<AffineMapAttr>(op.getMaps()[k]).getValue(); };
  ArrayRef<int64_t> extents = op.getExtents();
  Value y = zerosLike(op.getY());
  Walk walkY = walkMap(map(in.size()), y.shape), walkA = walkMap(map(0), in[0]->shape);
  const double *a = in[0]->data.data();
  if (in.size() == 1) {
    forEach(extents, [&](int64_t i, int64_t j) { y.data[i] += a[j]; }, walkY, walkA);
    return y;
  }
  const double *b = in[1]->data.data();
  forEach(extents, [&](int64_t i, int64_t j, int64_t k) { y.data[i] += a[j] * b[k]; }, walkY, walkA, walkMap(map(1), in[1]->shape));
  return y;
}

void attachContractModel(MLIRContext &context) { attachModels<ContractOp>(context); }

} // namespace moe::reference
