//===- Reductions.cpp - sums, prefixes and rows -----------------------------===//
#include "dialects/moe/Reference/Box.h"
#include "dialects/moe/Reference/Models.h"
#include "dialects/moe/Reference/Softmax.h"

#include <cmath>
#include <limits>

using namespace mlir;

namespace moe::reference {

/// Sums of i32 wrap around; up to 2^53 a float64 holds the sum before that.
static void wrapIntegers(mlir::Value tensor, Value &y) {
  if (isInteger(tensor))
    llvm::transform(y.data, y.data.begin(), [](double sum) { return wrap(asInt(sum)); });
}

static double neutral(ReduceKind kind) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  return kind == ReduceKind::sum ? 0 : kind == ReduceKind::max ? -infinity : infinity;
}

static double reduced(ReduceKind kind, double a, double b) {
  switch (kind) {
  case ReduceKind::sum:
    return a + b;
  case ReduceKind::max:
    return maximum(a, b);
  case ReduceKind::min:
    return minimum(a, b);
  }
  llvm_unreachable("all kinds are above");
}

static Value compute(ReduceOp op, Ins in) {
  Value y = zerosLike(op.getY());
  llvm::fill(y.data, neutral(op.getKind()));
  SmallVector<int64_t> strides = rowMajorStrides(y.shape);
  Walk to;
  for (int64_t dim = 0, kept = 0, rank = in[0]->shape.size(); dim < rank; ++dim)
    to.strides.push_back(llvm::is_contained(op.getDims(), dim) ? 0 : strides[kept++]);
  ReduceKind kind = op.getKind();
  forEach(in[0]->shape, [&](int64_t i, int64_t j) { y.data[i] = reduced(kind, y.data[i], in[0]->data[j]); }, to, walkAll(in[0]->shape));
  if (kind == ReduceKind::sum)
    wrapIntegers(op.getY(), y);
  return y;
}

static Value compute(CumsumOp op, Ins in) {
  Value y = zerosLike(op.getY());
  int64_t length = y.shape[op.getDim()], stride = rowMajorStrides(y.shape)[op.getDim()];
  std::vector<int64_t> lines = y.shape;
  lines[op.getDim()] = 1;
  auto prefixes = [&](int64_t line) {
    double sum = 0;
    for (int64_t step = 0; step < length; ++step) {
      int64_t i = line + stride * (op.getReverse() ? length - 1 - step : step);
      y.data[i] = op.getExclusive() ? sum : sum + in[0]->data[i];
      sum += in[0]->data[i];
    }
  };
  forEach(lines, prefixes, walkAll(y.shape));
  wrapIntegers(op.getY(), y);
  return y;
}

static Value compute(SoftmaxOp op, Ins in) {
  Value y = *in[0];
  int64_t width = y.shape.back();
  for (int64_t row = 0; row < y.size(); row += width)
    softmax(MutableArrayRef(y.data).slice(row, width));
  return y;
}

static Value compute(LogSumExpOp op, Ins in) {
  Value y = zerosLike(op.getY());
  int64_t width = in[0]->shape.back();
  for (int64_t row = 0; row < y.size(); ++row)
    y.data[row] = logSumExp(ArrayRef(in[0]->data).slice(row * width, width));
  return y;
}

static Value compute(NormalizeOp op, Ins in) {
  Value y = *in[0];
  int64_t width = y.shape.back();
  auto n = static_cast<double>(width);
  for (int64_t first = 0; first < y.size(); first += width) {
    auto row = MutableArrayRef(y.data).slice(first, width);
    double mean = std::accumulate(row.begin(), row.end(), 0.0) / n, variance = 0;
    for (double x : row)
      variance += (x - mean) * (x - mean) / n;
    for (double &x : row)
      x = (x - mean) / std::sqrt(variance + op.getEps().convertToDouble());
  }
  return y;
}

void attachReductionModels(MLIRContext &context) { attachModels<ReduceOp, CumsumOp, SoftmaxOp, LogSumExpOp, NormalizeOp>(context); }

} // namespace moe::reference
