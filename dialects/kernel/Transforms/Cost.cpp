//===- Cost.cpp - what an op takes ------------------------------------------===//
#include "dialects/kernel/Transforms/Cost.h"

#include "dialects/kernel/Transforms/Row.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace moe::kernel;

/// So many multiplications and additions of a product take about as long as to move a byte of a tensor.
constexpr double flopPerByte = 8;
/// A division, an exponential, a random number: as long as to move so many bytes.
constexpr double bytesPerExpensiveOp = 4;

static double countPoints(ArrayRef<int64_t> extents) {
  double points = 1;
  for (int64_t extent : extents)
    points *= static_cast<double>(extent);
  return points;
}

static double countFlop(Operation *op) {
  if (auto contract = dyn_cast<ContractOp>(op))
    return 2 * countPoints(contract.getExtents());
  if (auto grouped = dyn_cast<GroupedContractOp>(op))
    return 2 * static_cast<double>(grouped.getRows() * grouped.getInputs() * grouped.getOutputs());
  return 0;
}

double moe::kernel::getRegionCost(ArrayRef<Operation *> ops, double points) {
  return bytesPerExpensiveOp * points * static_cast<double>(llvm::count_if(ops, [](Operation *op) {
           return isa<ReduceOp, RandomOp, arith::DivFOp>(op) || isa<math::MathDialect>(op->getDialect());
         }));
}

double moe::kernel::getArithmeticCost(Operation *op) {
  auto row = dyn_cast<RowOp>(op);
  if (!row)
    return countFlop(op) / flopPerByte;
  auto ops = llvm::map_to_vector(row.getBody().front(), [](Operation &inner) { return &inner; });
  return getRegionCost(ops, countPoints(row.getExtents()));
}

double moe::kernel::getCost(Operation *op) {
  double cost = getArithmeticCost(op);
  for (Value value : llvm::concat<Value>(op->getOperands(), op->getResults()))
    cost += static_cast<double>(getBytes(value));
  return cost;
}
