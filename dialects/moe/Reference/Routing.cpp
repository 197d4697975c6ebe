//===- Routing.cpp - choosing experts and moving rows to them ---------------===//
//
// Rows past the last pair of a routing hold NaN here: an op that reads one shows at once.
//
//===----------------------------------------------------------------------===//
#include "dialects/moe/Reference/Models.h"

#include <cmath>
#include <limits>

using namespace mlir;

namespace moe::reference {

static Value unspecifiedLike(mlir::Value tensor) {
  Value y = zerosLike(tensor);
  llvm::fill(y.data, std::numeric_limits<double>::quiet_NaN());
  return y;
}

static Value compute(TopMaskOp op, Ins in) {
  Value y = zerosLike(op.getY());
  int64_t width = y.shape.back();
  auto score = [&](int64_t i) { return std::isnan(in[0]->data[i]) ? -std::numeric_limits<double>::infinity() : in[0]->data[i]; };
  for (int64_t row = 0; row < y.size(); row += width) {
    SmallVector<int64_t> order = llvm::to_vector(llvm::seq(row, row + width));
    llvm::stable_sort(order, [&](int64_t a, int64_t b) { return score(a) > score(b); });
    for (int64_t i : ArrayRef(order).take_front(op.getK()))
      y.data[i] = 1;
  }
  return y;
}

static SmallVector<Value> compute(RouteOp op, Ins in) {
  auto type = cast<RoutingType>(op.getRouting().getType());
  Value routing, excess = Value::zeros({});
  routing.routing = {type.getTokens(), type.getExperts(), type.getRows(), {}, {}};
  auto &[tokens, experts, rows, token, expert] = routing.routing;
  int64_t found = 0;
  for (int64_t e = 0; e < experts; ++e)
    for (int64_t n = 0; n < tokens; ++n)
      if (in[0]->data[n * experts + e] != 0 && found++ < rows) {
        token.push_back(n);
        expert.push_back(e);
      }
  excess.data[0] = static_cast<double>(type.getExact() ? std::abs(found - rows) : std::max<int64_t>(found - rows, 0));
  return {std::move(routing), std::move(excess)};
}

/// The position among the leading extents of a tensor that row r of the routing stands for.
static int64_t placeOf(Over over, const Routing &routing, size_t r) {
  switch (over) {
  case Over::tokens:
    return routing.token[r];
  case Over::experts:
    return routing.expert[r];
  case Over::pairs:
    return routing.token[r] * routing.experts + routing.expert[r];
  }
  llvm_unreachable("all axes are above");
}

static Value compute(DispatchOp op, Ins in) {
  const Routing &routing = in[1]->routing;
  Value y = unspecifiedLike(op.getY());
  int64_t width = y.size() / routing.rows;
  for (size_t r = 0; r < routing.token.size(); ++r)
    std::copy_n(in[0]->data.begin() + placeOf(op.getOver(), routing, r) * width, width, y.data.begin() + static_cast<int64_t>(r) * width);
  return y;
}

/// Rows are in increasing order of expert and then token, and so are the sums.
static Value compute(CombineOp op, Ins in) {
  const Routing &routing = in[1]->routing;
  Value y = zerosLike(op.getY());
  int64_t width = in[0]->size() / routing.rows;
  for (size_t r = 0; r < routing.token.size(); ++r)
    for (int64_t i = 0; i < width; ++i)
      y.data[placeOf(op.getOver(), routing, r) * width + i] += in[0]->data[r * width + i];
  return y;
}

static Value compute(GroupedMatmulOp op, Ins in) {
  const Value &x = *in[0], &w = *in[1];
  const Routing &routing = in[2]->routing;
  Value y = unspecifiedLike(op.getY());
  int64_t inner = x.shape[1], outer = y.shape[1];
  int64_t strideI = op.getTransposeW() ? 1 : outer, strideO = op.getTransposeW() ? inner : 1;
  for (size_t r = 0; r < routing.token.size(); ++r) {
    const double *matrix = &w.data[routing.expert[r] * inner * outer];
    for (int64_t o = 0; o < outer; ++o) {
      double sum = 0;
      for (int64_t i = 0; i < inner; ++i)
        sum += x.data[r * inner + i] * matrix[i * strideI + o * strideO];
      y.data[r * outer + o] = sum;
    }
  }
  return y;
}

static Value compute(GroupedOuterOp op, Ins in) {
  const Value &a = *in[0], &b = *in[1];
  const Routing &routing = in[2]->routing;
  Value w = zerosLike(op.getW());
  int64_t inner = a.shape[1], outer = b.shape[1];
  for (size_t r = 0; r < routing.token.size(); ++r)
    for (int64_t i = 0; i < inner; ++i)
      for (int64_t o = 0; o < outer; ++o)
        w.data[(routing.expert[r] * inner + i) * outer + o] += a.data[r * inner + i] * b.data[r * outer + o];
  return w;
}

void attachRoutingModels(MLIRContext &context) {
  attachModels<TopMaskOp, RouteOp, DispatchOp, CombineOp, GroupedMatmulOp, GroupedOuterOp>(context);
}

} // namespace moe::reference
