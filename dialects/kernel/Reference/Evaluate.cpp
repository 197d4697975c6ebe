//===- Evaluate.cpp - kernel ops in float64, as plainly as possible ---------===//
#include "dialects/kernel/Reference/Evaluate.h"

#include "llvm/ADT/TypeSwitch.h"

#include <cmath>
#include <numeric>

using namespace mlir;
using namespace moe::kernel;

Array::Array(ArrayRef<int64_t> shape)
    : shape(shape), data(std::accumulate(shape.begin(), shape.end(), int64_t(1), std::multiplies<>()), 0.0) {}

static int64_t getPosition(ArrayRef<int64_t> index, ArrayRef<int64_t> shape) {
  int64_t position = 0;
  for (auto [i, extent] : llvm::zip_equal(index, shape))
    position = position * extent + i;
  return position;
}

double &Array::at(ArrayRef<int64_t> index) { return data[getPosition(index, shape)]; }

Positions::Positions(AffineMap map, const Array &array) {
  SmallVector<int64_t> point(map.getNumDims(), 0);
  first = getPosition(map.compose(point), array.shape);
  for (int64_t &coordinate : point) {
    coordinate = 1;
    strides.push_back(getPosition(map.compose(point), array.shape) - first);
    coordinate = 0;
  }
}

int64_t Positions::at(ArrayRef<int64_t> point) const { return std::inner_product(point.begin(), point.end(), strides.begin(), first); }

void moe::kernel::forEachIndex(ArrayRef<int64_t> extents, llvm::function_ref<void(ArrayRef<int64_t>)> visit) {
  SmallVector<int64_t> index(extents.size(), 0);
  while (true) {
    visit(index);
    auto d = static_cast<int64_t>(extents.size()) - 1;
    for (; d >= 0 && ++index[d] == extents[d]; --d)
      index[d] = 0;
    if (d < 0)
      return;
  }
}

namespace {

using Ins = ArrayRef<const Array *>;
using Outs = FailureOr<SmallVector<Array>>;

SmallVector<Array> single(Array array) {
  SmallVector<Array> arrays;
  arrays.push_back(std::move(array));
  return arrays;
}

/// y[to, :] += x[from, :], where a row is what lies under one index of the leading dimension.
void addRow(Array &y, int64_t to, const Array &x, int64_t from, int64_t size) {
  for (int64_t i = 0; i < size; ++i)
    y.data[to * size + i] += x.data[from * size + i];
}

SmallVector<Array> contract(ContractOp op, Ins in) {
  Array y = op.getInit() ? *in[2] : Array(op.getY());
  Positions a(op.getMap(0), *in[0]), b(op.getMap(1), *in[1]), sum(op.getMap(2), y);
  forEachIndex(op.getExtents(), [&](ArrayRef<int64_t> point) {
    if (op.getGuards()) {
      for (auto [guard, size] : llvm::zip_equal(op.getGuards()->compose(point), *op.getGuardSizes()))
        if (guard < 0 || guard >= size)
          return;
    }
    y.data[sum.at(point)] += in[0]->data[a.at(point)] * in[1]->data[b.at(point)];
  });
  return single(std::move(y));
}

/// Calls `visit` with each routed row and its expert.
void forEachRoutedRow(const Array &offsets, llvm::function_ref<void(int64_t, int64_t)> visit) {
  for (int64_t e = 0; e + 1 < offsets.size(); ++e)
    for (auto r = static_cast<int64_t>(offsets.data[e]); r < offsets.data[e + 1]; ++r)
      visit(r, e);
}

/// The index at which row r of a grouped op stands.
int64_t rowThrough(const Array *index, int64_t r) { return index ? static_cast<int64_t>(index->data[r]) : r; }

Outs groupedContract(GroupedContractOp op, Ins in) {
  const auto *next = in.begin();
  const Array &x = **next++, *index = op.getIndex() ? *next++ : nullptr, &w = **next++, &offsets = **next++;
  Ins ins(next, in.end());
  Array product({op.getRows(), op.getOutputs()});
  SmallVector<Array> outs = llvm::map_to_vector(op.getOuts(), [](Value out) { return Array(out); });
  LogicalResult ok = success();
  forEachRoutedRow(offsets, [&](int64_t r, int64_t e) {
    for (int64_t o = 0; o < op.getOutputs(); ++o)
      for (int64_t i = 0; i < op.getInputs(); ++i)
        product.at({r, o}) += x.at({rowThrough(index, r), i}) * (op.getTransposeW() ? w.at({e, o, i}) : w.at({e, i, o}));
    if (op.hasRegion() && succeeded(ok))
      ok = evaluateEpilogue(op, e, r, product, ins, outs);
  });
  if (failed(ok))
    return failure();
  return op.hasRegion() ? Outs(std::move(outs)) : Outs(single(std::move(product)));
}

SmallVector<Array> groupedOuter(GroupedOuterOp op, Ins in) {
  const auto *next = in.begin();
  const Array &a = **next++, *aIndex = op.getAIndex() ? *next++ : nullptr, &b = **next++, *bIndex = op.getBIndex() ? *next++ : nullptr, &offsets = **next;
  Array w(op.getW());
  forEachRoutedRow(offsets, [&](int64_t r, int64_t e) {
    for (int64_t i = 0; i < w.shape[1]; ++i)
      for (int64_t o = 0; o < w.shape[2]; ++o)
        w.at({e, i, o}) += a.at({rowThrough(aIndex, r), i}) * b.at({rowThrough(bIndex, r), o});
  });
  return single(std::move(w));
}

SmallVector<Array> topMask(TopMaskOp op, Ins in) {
  Array y(op.getY());
  int64_t width = y.shape.back();
  auto score = [](double value) { return std::isnan(value) ? -INFINITY : value; };
  for (int64_t row = 0; row < y.size(); row += width) {
    SmallVector<int64_t> order = llvm::to_vector(llvm::seq(row, row + width));
    std::stable_sort(order.begin(), order.end(),
                     [&](int64_t a, int64_t b) { return score(in[0]->data[a]) > score(in[0]->data[b]); });
    for (int64_t best : ArrayRef(order).take_front(op.getK()))
      y.data[best] = 1;
  }
  return single(std::move(y));
}

SmallVector<Array> route(RouteOp op, Ins in) {
  SmallVector<Array> outs = llvm::map_to_vector(op->getResults(), [](Value out) { return Array(out); });
  Array &offsets = outs[0], &token = outs[1], &expert = outs[2], &pair = outs[3], &slot = outs[4], &excess = outs[5];
  for (Array *array : {&token, &expert, &pair, &slot})
    std::fill(array->data.begin(), array->data.end(), -1);
  int64_t tokens = in[0]->shape[0], experts = in[0]->shape[1], rows = token.size(), found = 0;
  for (int64_t e = 0; e < experts; ++e) {
    for (int64_t n = 0; n < tokens; ++n) {
      if (in[0]->at({n, e}) == 0)
        continue;
      if (found < rows) {
        token.data[found] = n;
        expert.data[found] = e;
        pair.data[found] = n * experts + e;
        slot.at({n, e}) = found;
      }
      ++found;
    }
    offsets.data[e + 1] = std::min(found, rows);
  }
  excess.data[0] = op.getExact() ? std::abs(found - rows) : std::max<int64_t>(found - rows, 0);
  return outs;
}

SmallVector<Array> gatherRows(GatherRowsOp op, Ins in) {
  Array y(op.getY());
  for (auto [r, index] : llvm::enumerate(in[1]->data))
    if (index >= 0 && index < static_cast<double>(in[0]->shape[0]))
      addRow(y, r, *in[0], static_cast<int64_t>(index), in[0]->rowSize());
  return single(std::move(y));
}

SmallVector<Array> scatterAddRows(ScatterAddRowsOp op, Ins in) {
  Array y(op.getY());
  for (auto [r, index] : llvm::enumerate(in[0]->data))
    if (index >= 0 && index < static_cast<double>(y.shape[0]))
      addRow(y, static_cast<int64_t>(index), *in[1], r, y.rowSize());
  return single(std::move(y));
}

SmallVector<Array> combineRows(CombineRowsOp op, Ins in) {
  Array y(op.getY());
  forEachIndex(in[1]->shape, [&](ArrayRef<int64_t> pair) {
    double row = in[1]->at(pair);
    if (row >= 0)
      addRow(y, pair[0], *in[0], static_cast<int64_t>(row), y.rowSize());
  });
  return single(std::move(y));
}

SmallVector<Array> segmentSum(SegmentSumOp op, Ins in) {
  Array y(op.getY());
  forEachRoutedRow(*in[1], [&](int64_t r, int64_t e) { addRow(y, e, *in[0], r, y.rowSize()); });
  return single(std::move(y));
}

SmallVector<Array> scan(ScanOp op, Ins in) {
  Array y(op.getY());
  int64_t dim = op.getDim(), length = y.shape[dim];
  forEachIndex(y.shape, [&](ArrayRef<int64_t> index) {
    SmallVector<int64_t> other(index);
    bool reverse = op.getReverse(), exclusive = op.getExclusive();
    for (int64_t j = 0; j < length; ++j) {
      int64_t ahead = reverse ? j - index[dim] : index[dim] - j;
      if (ahead > 0 || (ahead == 0 && !exclusive)) {
        other[dim] = j;
        y.at(index) += in[0]->at(other);
      }
    }
    y.at(index) = wrapSum(getElementTypeOrSelf(op.getType()), y.at(index));
  });
  return single(std::move(y));
}

SmallVector<Array> concat(ConcatOp op, Ins in) {
  Array y(op.getY());
  int64_t start = 0;
  for (const Array *x : in) {
    forEachIndex(x->shape, [&](ArrayRef<int64_t> index) {
      SmallVector<int64_t> to(index);
      to[op.getDim()] += start;
      y.at(to) = x->at(index);
    });
    start += x->shape[op.getDim()];
  }
  return single(std::move(y));
}

SmallVector<Array> pad(PadOp op, Ins in) {
  Array y(op.getY());
  forEachIndex(in[0]->shape, [&](ArrayRef<int64_t> index) {
    SmallVector<int64_t> to;
    for (auto [i, offset] : llvm::zip_equal(index, op.getOffsets()))
      to.push_back(i + offset);
    y.at(to) = in[0]->at(index);
  });
  return single(std::move(y));
}

SmallVector<Array> constant(ConstantOp op) {
  Array y(op.getY());
  auto dense = cast<DenseElementsAttr>(op.getValue());
  bool isBool = dense.getElementType().isInteger(1);
  if (isa<FloatType>(dense.getElementType()))
    llvm::transform(dense.getValues<APFloat>(), y.data.begin(), [](const APFloat &value) { return value.convertToDouble(); });
  else
    llvm::transform(dense.getValues<APInt>(), y.data.begin(), [&](const APInt &value) {
      return static_cast<double>(isBool ? value.getBoolValue() : value.getSExtValue());
    });
  return single(std::move(y));
}

SmallVector<Array> view(ViewOp op, Ins in) {
  Array y(op.getY());
  auto first = in[0]->data.begin() + static_cast<int64_t>(op.getOffset());
  y.data.assign(first, first + y.size());
  return single(std::move(y));
}

Outs evaluateBlock(Block &block, Ins arguments);

Outs evaluateOp(Operation *op, Ins in) {
  return llvm::TypeSwitch<Operation *, Outs>(op)
      .Case([&](RowOp row) { return evaluateRow(row, in); })
      .Case([&](ContractOp c) { return contract(c, in); })
      .Case([&](SlicesOp c) { return evaluateBlock(c.getBody().front(), in); })
      .Case([&](GroupedContractOp c) { return groupedContract(c, in); })
      .Case([&](GroupedOuterOp c) { return groupedOuter(c, in); })
      .Case([&](TopMaskOp c) { return topMask(c, in); })
      .Case([&](RouteOp c) { return route(c, in); })
      .Case([&](GatherRowsOp c) { return gatherRows(c, in); })
      .Case([&](ScatterAddRowsOp c) { return scatterAddRows(c, in); })
      .Case([&](CombineRowsOp c) { return combineRows(c, in); })
      .Case([&](SegmentSumOp c) { return segmentSum(c, in); })
      .Case([&](ScanOp c) { return scan(c, in); })
      .Case([&](ConcatOp c) { return concat(c, in); })
      .Case([&](PadOp c) { return pad(c, in); })
      .Case([&](ConstantOp c) { return constant(c); })
      .Case([&](ViewOp c) { return view(c, in); })
      .Default([](Operation *unknown) -> Outs { return unknown->emitError("has no reference among kernels"); });
}

Outs evaluateBlock(Block &block, Ins arguments) {
  llvm::DenseMap<Value, Array> values;
  for (auto [argument, array] : llvm::zip_equal(block.getArguments(), arguments))
    values[argument] = *array;
  for (Operation &op : block.without_terminator()) {
    SmallVector<const Array *> ins = llvm::map_to_vector(op.getOperands(), [&](Value in) -> const Array * { return &values[in]; });
    Outs outs = evaluateOp(&op, ins);
    if (failed(outs))
      return failure();
    for (auto [result, out] : llvm::zip_equal(op.getResults(), *outs))
      values[result] = std::move(out);
  }
  return llvm::map_to_vector(block.getTerminator()->getOperands(), [&](Value result) { return values[result]; });
}

} // namespace

FailureOr<SmallVector<Array>> moe::kernel::evaluate(func::FuncOp function, ArrayRef<Array> arguments) {
  return evaluateBlock(function.getBody().front(), llvm::map_to_vector(arguments, [](const Array &array) { return &array; }));
}
