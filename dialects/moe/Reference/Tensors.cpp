//===- Tensors.cpp - constants, layout and indexing -------------------------===//
#include "dialects/moe/Reference/Box.h"
#include "dialects/moe/Reference/Models.h"
#include "lib/Support/Philox.h"

#include <functional>
#include <numeric>

using namespace mlir;

namespace moe::reference {

//===-- Values from nothing -------------------------------------------------===//

static FailureOr<Value> compute(ConstantOp op, Ins) {
  auto dense = dyn_cast<DenseElementsAttr>(op.getValue());
  if (!dense)
    return op.emitError("a constant whose elements are not in the program");
  Value y = zerosLike(op.getY());
  if (isa<FloatType>(dense.getElementType()))
    llvm::transform(dense.getValues<APFloat>(), y.data.begin(), [](const APFloat &x) { return x.convertToDouble(); });
  else if (dense.getElementType().isInteger(1))
    llvm::copy(dense.getValues<bool>(), y.data.begin());
  else
    llvm::transform(dense.getValues<APInt>(), y.data.begin(), [](const APInt &x) { return static_cast<double>(x.getSExtValue()); });
  return y;
}

static Value compute(IotaOp op, Ins) {
  Value y = zerosLike(op.getY());
  Walk index{0, SmallVector<int64_t>(y.shape.size(), 0)};
  index.strides[op.getDim()] = 1;
  forEach(y.shape, [&](int64_t to, int64_t i) { y.data[to] = static_cast<double>(i); }, walkAll(y.shape), index);
  return y;
}

static Value compute(UniformOp op, Ins in) {
  auto key = [&](int i) { return static_cast<uint32_t>(static_cast<int64_t>(in[0]->data[i])); };
  uint32_t site = siteKey(key(0), key(1), op.getSite());
  Value y = zerosLike(op.getY());
  for (size_t e = 0; e < y.data.size(); ++e)
    y.data[e] = toUnit(philox2x32(static_cast<uint32_t>(e), key(2), site)[0]);
  return y;
}

//===-- Layout --------------------------------------------------------------===//

static Value compute(BroadcastOp op, Ins in) {
  Value y = zerosLike(op.getY());
  Walk from{0, SmallVector<int64_t>(y.shape.size(), 0)};
  for (auto [dim, stride] : llvm::zip_equal(op.getDims(), rowMajorStrides(in[0]->shape)))
    from.strides[dim] = stride;
  forEach(y.shape, [&](int64_t i, int64_t j) { y.data[i] = in[0]->data[j]; }, walkAll(y.shape), from);
  return y;
}

static Value compute(ReshapeOp op, Ins in) {
  Value y = *in[0];
  y.shape = shapeOf(op.getY()).vec();
  return y;
}

static Value compute(TransposeOp op, Ins in) {
  Value y = zerosLike(op.getY());
  SmallVector<int64_t> strides = rowMajorStrides(in[0]->shape);
  Walk from{0, llvm::map_to_vector(op.getPerm(), [&](int64_t dim) { return strides[dim]; })};
  forEach(y.shape, [&](int64_t i, int64_t j) { y.data[i] = in[0]->data[j]; }, walkAll(y.shape), from);
  return y;
}

static Value compute(SliceOp op, Ins in) {
  Value y = zerosLike(op.getY());
  forEach(y.shape, [&](int64_t i, int64_t j) { y.data[i] = in[0]->data[j]; }, walkAll(y.shape), walkFrom(op.getOffsets(), in[0]->shape));
  return y;
}

/// Writes x into y as the box that begins at `offsets`.
static void insert(const Value &x, ArrayRef<int64_t> offsets, Value &y) {
  forEach(x.shape, [&](int64_t i, int64_t j) { y.data[i] = x.data[j]; }, walkFrom(offsets, y.shape), walkAll(x.shape));
}

static Value compute(PadOp op, Ins in) {
  Value y = zerosLike(op.getY());
  insert(*in[0], op.getOffsets(), y);
  return y;
}

static Value compute(ConcatOp op, Ins in) {
  Value y = zerosLike(op.getY());
  SmallVector<int64_t> offsets(y.shape.size(), 0);
  for (const Value *x : in) {
    insert(*x, offsets, y);
    offsets[op.getDim()] += x->shape[op.getDim()];
  }
  return y;
}

static Value compute(DetachOp, Ins in) { return *in[0]; }

//===-- Rows of a table -----------------------------------------------------===//

/// Calls `visit` with the place of each id and the row of the table that it names.
static LogicalResult forEachId(Operation *op, const Value &ids, int64_t rows, llvm::function_ref<void(int64_t, int64_t)> visit) {
  for (auto [place, id] : llvm::enumerate(ids.data)) {
    if (!(id >= 0 && id < static_cast<double>(rows)))
      return op->emitError() << "id " << static_cast<int64_t>(id) << " is outside the table of " << rows << " rows";
    visit(static_cast<int64_t>(place), static_cast<int64_t>(id));
  }
  return success();
}

/// The number of elements of a row; a table may have no row.
static int64_t rowWidth(const Value &table) { return std::accumulate(table.shape.begin() + 1, table.shape.end(), int64_t(1), std::multiplies<>()); }

/// y[to, :] += x[from, :] in rows of `width` elements.
static void addRow(Value &y, int64_t to, const Value &x, int64_t from, int64_t width) {
  for (int64_t i = 0; i < width; ++i)
    y.data[to * width + i] += x.data[from * width + i];
}

static FailureOr<Value> compute(GatherOp op, Ins in) {
  const Value &table = *in[0], &ids = *in[1];
  Value y = zerosLike(op.getY());
  int64_t rows = table.shape[0], width = rowWidth(table);
  if (failed(forEachId(op, ids, rows, [&](int64_t place, int64_t id) { addRow(y, place, table, id, width); })))
    return failure();
  return y;
}

static FailureOr<Value> compute(ScatterAddOp op, Ins in) {
  const Value &ids = *in[0], &x = *in[1];
  Value table = zerosLike(op.getTable());
  int64_t rows = table.shape[0], width = rowWidth(table);
  if (failed(forEachId(op, ids, rows, [&](int64_t place, int64_t id) { addRow(table, id, x, place, width); })))
    return failure();
  return table;
}

void attachTensorModels(MLIRContext &context) {
  attachModels<ConstantOp, IotaOp, UniformOp, BroadcastOp, ReshapeOp, TransposeOp, SliceOp, PadOp, ConcatOp, DetachOp, GatherOp, ScatterAddOp>(
      context);
}

} // namespace moe::reference
