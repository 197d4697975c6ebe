//===- Rows.cpp - kernel.row in float64 -------------------------------------===//
#include "dialects/kernel/Reference/Evaluate.h"
#include "lib/Support/Philox.h"

#include <cmath>

using namespace mlir;
using namespace moe::kernel;

namespace {

/// The elements of one row, and the value of every scalar of the region at each of them.
struct OneRow {
  std::vector<SmallVector<int64_t>> points;
  llvm::DenseMap<Value, std::vector<double>> values;

  LogicalResult run(Operation &op) {
    std::vector<double> result(points.size());
    if (auto reduce = dyn_cast<ReduceOp>(op)) {
      result.assign(points.size(), reduced(reduce, values[reduce.getX()]));
    } else {
      for (size_t p = 0; p < points.size(); ++p) {
        SmallVector<double> operands = llvm::map_to_vector(op.getOperands(), [&](Value value) { return values[value][p]; });
        FailureOr<double> value = element(op, operands, points[p]);
        if (failed(value))
          return failure();
        result[p] = *value;
      }
    }
    values[op.getResult(0)] = std::move(result);
    return success();
  }

  /// NaN spreads, as in arith.maximumf.
  static double extreme(const std::vector<double> &row, bool (*isBetter)(double, double)) {
    double best = row.front();
    for (double value : row)
      best = std::isnan(best) || (!std::isnan(value) && !isBetter(value, best)) ? best : value;
    return best;
  }

  static double reduced(ReduceOp op, const std::vector<double> &row) {
    switch (op.getKind()) {
    case ReduceKind::sum: return wrapSum(op.getType(), std::accumulate(row.begin(), row.end(), 0.0));
    case ReduceKind::max: return extreme(row, [](double a, double b) { return a > b; });
    case ReduceKind::min: return extreme(row, [](double a, double b) { return a < b; });
    }
    return 0;
  }

  static FailureOr<double> element(Operation &op, ArrayRef<double> x, ArrayRef<int64_t> point) {
    if (auto index = dyn_cast<IndexOp>(op))
      return static_cast<double>(point[index.getDim()]);
    if (isa<RandomOp>(op)) {
      auto word = [](double value) { return static_cast<uint32_t>(static_cast<int64_t>(value)); };
      return moe::toUnit(moe::philox2x32(word(x[4]), word(x[2]), moe::siteKey(word(x[0]), word(x[1]), word(x[3])))[0]);
    }
    return evaluateScalar(&op, x);
  }
};

} // namespace

FailureOr<SmallVector<Array>> moe::kernel::evaluateRow(RowOp op, ArrayRef<const Array *> ins) {
  SmallVector<Array> outs = llvm::map_to_vector(op.getOuts(), [](Value out) { return Array(out); });
  Block &body = op.getBody().front();
  SmallVector<Positions> from, to;
  for (auto [k, in] : llvm::enumerate(ins))
    from.emplace_back(op.getInMap(k), *in);
  for (auto [k, out] : llvm::enumerate(outs))
    to.emplace_back(op.getOutMap(k), out);
  LogicalResult ok = success();
  forEachIndex(op.getExtents().take_front(op.getParallelRank()), [&](ArrayRef<int64_t> parallel) {
    OneRow row;
    forEachIndex(op.getExtents().drop_front(op.getParallelRank()), [&](ArrayRef<int64_t> along) {
      row.points.emplace_back(parallel);
      llvm::append_range(row.points.back(), along);
    });
    for (auto [k, argument] : llvm::enumerate(body.getArguments()))
      for (const auto &point : row.points)
        row.values[argument].push_back(ins[k]->data[from[k].at(point)]);
    for (Operation &scalar : body.without_terminator()) {
      if (failed(ok))
        return;
      ok = row.run(scalar);
    }
    for (auto [k, value] : llvm::enumerate(body.getTerminator()->getOperands()))
      for (auto [p, point] : llvm::enumerate(row.points))
        outs[k].data[to[k].at(point)] = row.values[value][p];
  });
  if (failed(ok))
    return failure();
  return outs;
}

LogicalResult moe::kernel::evaluateEpilogue(GroupedContractOp op, int64_t e, int64_t r, const Array &product, ArrayRef<const Array *> ins,
                                            MutableArrayRef<Array> outs) {
  Block &body = op.getBody().front();
  OneRow row;
  for (int64_t o = 0; o < op.getOutputs(); ++o) {
    row.points.push_back({e, r, o});
    row.values[body.getArgument(0)].push_back(product.at({r, o}));
    for (auto [k, in] : llvm::enumerate(ins))
      row.values[body.getArgument(k + 1)].push_back(in->at(op.getMap(k).compose(row.points.back())));
  }
  for (Operation &scalar : body.without_terminator())
    if (failed(row.run(scalar)))
      return failure();
  for (auto [out, value] : llvm::zip_equal(outs, body.getTerminator()->getOperands()))
    for (int64_t o = 0; o < op.getOutputs(); ++o)
      out.at({r, o}) = row.values[value][o];
  return success();
}
