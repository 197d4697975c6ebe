//===- Work.cpp - what a program cannot do without --------------------------===//
#include "moe/Work.h"

#include "dialects/kernel/IR/KernelDialect.h"
#include "dialects/kernel/Transforms/Passes.h"
#include "lib/Conversion/Plan/LocationText.h"
#include "lib/Pipelines/Compilation.h"
#include "lib/Pipelines/Pipelines.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"

using namespace moe;

static double getSize(mlir::Value value) { return static_cast<double>(mlir::cast<mlir::RankedTensorType>(value.getType()).getNumElements()); }

static double getBytes(mlir::Value value) {
  unsigned bits = mlir::getElementTypeOrSelf(value.getType()).getIntOrFloatBitWidth();
  return getSize(value) * std::max(1u, bits / 8);
}

//===-- Products -----------------------------------------------------------------------===//

/// The share of the points of a contraction at which all guards hold.
static double getGuardedShare(kernel::ContractOp op) {
  if (!op.getGuards())
    return 1;
  mlir::AffineMap guards = *op.getGuards();
  llvm::SmallVector<unsigned> dims;
  for (unsigned d = 0; d < guards.getNumDims(); ++d)
    if (guards.isFunctionOfDim(d))
      dims.push_back(d);
  int64_t points = 1, inside = 0;
  for (unsigned d : dims)
    points *= op.getExtents()[d];
  llvm::SmallVector<int64_t> index(guards.getNumDims());
  for (int64_t point = 0; point < points; ++point) {
    int64_t rest = point;
    for (unsigned d : dims) {
      index[d] = rest % op.getExtents()[d];
      rest /= op.getExtents()[d];
    }
    inside += llvm::all_of(llvm::zip_equal(guards.compose(index), *op.getGuardSizes()), [](auto guard) {
      auto [value, size] = guard;
      return 0 <= value && value < size;
    });
  }
  return static_cast<double>(inside) / static_cast<double>(points);
}

static double countFlop(mlir::Operation *op) {
  if (auto contract = mlir::dyn_cast<kernel::ContractOp>(op)) {
    double points = 2 * getGuardedShare(contract);
    for (int64_t extent : contract.getExtents())
      points *= static_cast<double>(extent);
    return points;
  }
  auto widthOf = [](mlir::Value value) { return static_cast<double>(mlir::cast<mlir::RankedTensorType>(value.getType()).getDimSize(1)); };
  if (auto grouped = mlir::dyn_cast<kernel::GroupedContractOp>(op))
    return 2 * static_cast<double>(grouped.getRows() * grouped.getInputs() * grouped.getOutputs());
  if (auto outer = mlir::dyn_cast<kernel::GroupedOuterOp>(op))
    return 2 * static_cast<double>(outer.getRows()) * widthOf(outer.getA()) * widthOf(outer.getB());
  return 0;
}

/// Whether both factors of a product are bf16.
static bool hasNarrowFactors(mlir::Operation *op) {
  auto isNarrow = [](mlir::Value value) { return mlir::getElementTypeOrSelf(value.getType()).isBF16(); };
  if (auto contract = mlir::dyn_cast<kernel::ContractOp>(op))
    return isNarrow(contract.getA()) && isNarrow(contract.getB());
  if (auto grouped = mlir::dyn_cast<kernel::GroupedContractOp>(op))
    return isNarrow(grouped.getX()) && isNarrow(grouped.getW());
  auto outer = mlir::dyn_cast<kernel::GroupedOuterOp>(op);
  return outer && isNarrow(outer.getA()) && isNarrow(outer.getB());
}

//===-- Rows ---------------------------------------------------------------------------===//

/// Evaluations of elementary functions: one an element, or one a row of what is the same along it.
static double countFunctions(mlir::Operation *op) {
  auto row = mlir::dyn_cast<kernel::RowOp>(op);
  if (!row)
    return 0;
  double rows = 1, elements = 1;
  for (auto [d, extent] : llvm::enumerate(row.getExtents())) {
    elements *= static_cast<double>(extent);
    rows *= static_cast<int64_t>(d) < row.getParallelRank() ? static_cast<double>(extent) : 1;
  }
  llvm::DenseSet<mlir::Value> varying; // along the row
  auto dependsOnRow = [&](mlir::AffineMap map) {
    return llvm::any_of(llvm::seq<int64_t>(row.getParallelRank(), row.getRank()), [&](int64_t dim) { return map.isFunctionOfDim(dim); });
  };
  for (mlir::BlockArgument argument : row.getBody().getArguments())
    if (dependsOnRow(row.getInMap(argument.getArgNumber())))
      varying.insert(argument);
  double count = 0;
  for (mlir::Operation &inner : row.getBody().front()) {
    auto index = mlir::dyn_cast<kernel::IndexOp>(inner);
    bool varies = index ? static_cast<int64_t>(index.getDim()) >= row.getParallelRank()
                        : llvm::any_of(inner.getOperands(), [&](mlir::Value operand) { return varying.contains(operand); });
    if (mlir::isa<mlir::math::ExpOp, mlir::math::LogOp, mlir::math::TanhOp, mlir::math::ErfOp, mlir::math::SinOp, mlir::math::CosOp>(inner))
      count += varies ? elements : rows;
    if (varies && !mlir::isa<kernel::ReduceOp>(inner))
      varying.insert(inner.result_begin(), inner.result_end());
  }
  return count;
}

//===-- Memory -------------------------------------------------------------------------===//

static mlir::Value skipViews(mlir::Value value) {
  while (auto view = value.getDefiningOp<kernel::ViewOp>())
    value = view.getX();
  return value;
}

/// What `op` reads of an operand: of a table the rows that it takes.
static double getReadBytes(mlir::Operation *op, mlir::OpOperand &operand) {
  if (auto gather = mlir::dyn_cast<kernel::GatherRowsOp>(op); gather && operand.getOperandNumber() == 0)
    return std::min(getBytes(operand.get()), getBytes(gather.getY()));
  return getBytes(operand.get());
}

static double countBytes(mlir::Operation *op, llvm::DenseSet<mlir::Value> &read, const llvm::DenseSet<mlir::Value> &written) {
  double bytes = 0;
  for (mlir::OpOperand &operand : op->getOpOperands())
    if (mlir::Value root = skipViews(operand.get()); mlir::isa<mlir::BlockArgument>(root) && read.insert(root).second)
      bytes += getReadBytes(op, operand);
  for (mlir::Value result : op->getResults())
    if (written.contains(result))
      bytes += getBytes(result);
  return bytes;
}

static ProgramWork count(mlir::func::FuncOp function) {
  ProgramWork work;
  work.program = function.getName().str();
  llvm::DenseSet<mlir::Value> read, written;
  mlir::Block &body = function.getBody().front();
  for (mlir::Value value : body.getTerminator()->getOperands())
    written.insert(skipViews(value));
  for (mlir::Operation &op : body.without_terminator()) {
    if (mlir::isa<kernel::ConstantOp, kernel::ViewOp>(op))
      continue;
    OperationWork operation{getOriginText(op.getLoc()), getLocationText(op.getLoc()), countFlop(&op), hasNarrowFactors(&op), countFunctions(&op),
                            countBytes(&op, read, written)};
    if (operation.flop + operation.functions + operation.bytes > 0)
      work.operations.push_back(std::move(operation));
  }
  return work;
}

std::optional<std::vector<ProgramWork>> moe::countWork(const std::string &fileName, const std::string &source, const CompileOptions &options,
                                                       Diagnostics &diagnostics) {
  Compilation compilation(fileName, source, options);
  std::vector<ProgramWork> work;
  bool done = compilation.parse() && compilation.elaborate() && compilation.runPasses(Phase::fused) && compilation.runPhase(Phase::kernels, [&] {
    mlir::PassManager pm(&compilation.getContext());
    buildMergedKernelsPipeline(pm);
    if (mlir::failed(pm.run(compilation.getModule())))
      return false;
    for (auto function : compilation.getModule().getOps<mlir::func::FuncOp>())
      work.push_back(count(function));
    return true;
  });
  compilation.report(diagnostics);
  return done ? std::optional(std::move(work)) : std::nullopt;
}
