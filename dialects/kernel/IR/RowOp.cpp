//===- RowOp.cpp - kernel.row and the ops of its region ---------------------===//
#include "dialects/kernel/IR/KernelDialect.h"
#include "dialects/kernel/IR/ScalarRegion.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/PatternMatch.h"
#include "llvm/ADT/BitVector.h"

using namespace mlir;
using namespace moe::kernel;

void RowOp::build(OpBuilder &builder, OperationState &state, TypeRange outs, ValueRange ins, ArrayRef<int64_t> extents,
                  int64_t rowRank, ArrayRef<AffineMap> maps,
                  function_ref<SmallVector<Value>(OpBuilder &, Location, ValueRange)> body) {
  state.addOperands(ins);
  state.addTypes(outs);
  state.addAttribute(getExtentsAttrName(state.name), builder.getDenseI64ArrayAttr(extents));
  state.addAttribute(getRowRankAttrName(state.name), builder.getI64IntegerAttr(rowRank));
  state.addAttribute(getMapsAttrName(state.name), builder.getAffineMapArrayAttr(maps));
  OpBuilder::InsertionGuard guard(builder);
  Region *region = state.addRegion();
  Block *block = builder.createBlock(region);
  for (Value in : ins)
    block->addArgument(cast<RankedTensorType>(in.getType()).getElementType(), in.getLoc());
  YieldOp::create(builder, state.location, body(builder, state.location, block->getArguments()));
}

namespace {

/// A result of a row map is `d`, `c` or `d + c`: the dimension (if any) and the constant.
struct RowIndex {
  std::optional<unsigned> dim;
  int64_t shift = 0;
};

FailureOr<RowIndex> parseRowIndex(AffineExpr expr) {
  if (auto dim = dyn_cast<AffineDimExpr>(expr))
    return RowIndex{dim.getPosition(), 0};
  if (auto constant = dyn_cast<AffineConstantExpr>(expr))
    return RowIndex{std::nullopt, constant.getValue()};
  auto sum = dyn_cast<AffineBinaryOpExpr>(expr);
  if (!sum || sum.getKind() != AffineExprKind::Add)
    return failure();
  auto dim = dyn_cast<AffineDimExpr>(sum.getLHS());
  auto shift = dyn_cast<AffineConstantExpr>(sum.getRHS());
  if (!dim || !shift)
    return failure();
  return RowIndex{dim.getPosition(), shift.getValue()};
}

LogicalResult verifyIndices(RowOp op, AffineMap map, RankedTensorType type, StringRef what, unsigned k) {
  if (static_cast<int64_t>(map.getNumResults()) != type.getRank() || map.getNumSymbols() != 0 ||
      static_cast<int64_t>(map.getNumDims()) != op.getRank())
    return op.emitOpError() << "C1: the map of " << what << " #" << k << " must go from " << op.getRank() << " dimensions to "
                            << type.getRank() << ", got " << AffineMapAttr::get(map);
  for (auto [expr, extent] : llvm::zip_equal(map.getResults(), type.getShape())) {
    FailureOr<RowIndex> index = parseRowIndex(expr);
    if (failed(index))
      return op.emitOpError() << "C1: an index is a dimension, a constant or a dimension plus a constant, got " << AffineMapAttr::get(map);
    int64_t count = index->dim ? op.getExtents()[*index->dim] : 1;
    if (index->shift < 0 || index->shift + count > extent)
      return op.emitOpError() << "C2: " << what << " #" << k << " of type " << type << " is indexed outside by " << AffineMapAttr::get(map);
  }
  return success();
}

/// A result is written once at each of its elements: its map is a permutation of the domain or of the parallel dimensions.
LogicalResult verifyResult(RowOp op, unsigned k) {
  AffineMap map = op.getOutMap(k);
  auto type = cast<RankedTensorType>(op.getOuts()[k].getType());
  if (failed(verifyIndices(op, map, type, "result", k)))
    return failure();
  auto rank = static_cast<int64_t>(map.getNumResults());
  llvm::SmallDenseSet<unsigned> dims;
  for (AffineExpr expr : map.getResults())
    if (auto dim = dyn_cast<AffineDimExpr>(expr))
      dims.insert(dim.getPosition());
  bool distinct = static_cast<int64_t>(dims.size()) == rank;
  bool parallelOnly = llvm::all_of(dims, [&](int64_t dim) { return dim < op.getParallelRank(); });
  if (!distinct || (rank != op.getRank() && !(rank == op.getParallelRank() && parallelOnly)))
    return op.emitOpError() << "C1: the map of result #" << k
                            << " must permute the domain or its parallel dimensions, got " << AffineMapAttr::get(map);
  if (type.getShape() != ArrayRef<int64_t>(map.compose(op.getExtents())))
    return op.emitOpError() << "C2: result #" << k << " of type " << type << " does not have the extents of " << AffineMapAttr::get(map);
  return success();
}

/// Whether a scalar of the region may differ along the row.
bool variesAlongRow(Value value, RowOp op, llvm::DenseMap<Value, bool> &known) {
  if (auto found = known.find(value); found != known.end())
    return found->second;
  auto alongRow = [&](int64_t dim) { return dim >= op.getParallelRank(); };
  bool varies = false;
  if (auto argument = dyn_cast<BlockArgument>(value))
    for (int64_t dim = op.getParallelRank(); dim < op.getRank(); ++dim)
      varies |= op.getInMap(argument.getArgNumber()).isFunctionOfDim(dim) && op.getExtents()[dim] > 1;
  else if (auto index = value.getDefiningOp<IndexOp>())
    varies = alongRow(index.getDim()) && op.getExtents()[index.getDim()] > 1;
  else if (!value.getDefiningOp<ReduceOp>())
    varies = llvm::any_of(value.getDefiningOp()->getOperands(),
                          [&](Value operand) { return variesAlongRow(operand, op, known); });
  return known[value] = varies;
}

} // namespace

bool moe::kernel::isScalarOp(Operation &op) {
  auto isScalar = [](Type type) { return type.isF32() || type.isInteger(32) || type.isInteger(1); };
  return (isa<arith::ArithDialect, math::MathDialect>(op.getDialect()) || isa<ReduceOp, IndexOp, RandomOp>(op)) &&
         llvm::all_of(op.getOperandTypes(), isScalar) && llvm::all_of(op.getResultTypes(), isScalar);
}

bool moe::kernel::convertsStored(Operation &op) {
  if (!isa<arith::TruncFOp, arith::ExtFOp>(op))
    return false;
  Type from = op.getOperand(0).getType(), to = op.getResult(0).getType();
  return isa<arith::ExtFOp>(op) ? from.isBF16() && to.isF32() : from.isF32() && to.isBF16();
}

/// What nobody reads is not written, and what no value comes from is not read.
LogicalResult RowOp::canonicalize(RowOp op, PatternRewriter &rewriter) {
  Block &body = op.getBody().front();
  llvm::BitVector unread(op.getNumOperands()), unwritten(op.getNumResults());
  for (BlockArgument argument : body.getArguments())
    unread[argument.getArgNumber()] = argument.use_empty();
  for (OpResult result : op->getResults())
    unwritten[result.getResultNumber()] = result.use_empty();
  if (unwritten.all() || (unread.none() && unwritten.none()))
    return failure();

  SmallVector<Value> ins, results, yielded;
  SmallVector<Attribute> maps;
  auto keep = [](auto range, const llvm::BitVector &without, auto &list) {
    for (auto [k, value] : llvm::enumerate(range))
      if (!without[k])
        list.push_back(value);
  };
  keep(op.getIns(), unread, ins);
  keep(op->getResults(), unwritten, results);
  keep(op.getYield()->getOperands(), unwritten, yielded);
  keep(op.getMaps().getValue().take_front(op.getNumOperands()), unread, maps);
  keep(op.getMaps().getValue().drop_front(op.getNumOperands()), unwritten, maps);

  OperationState state(op.getLoc(), getOperationName());
  state.addOperands(ins);
  state.addTypes(TypeRange(ValueRange(results)));
  state.addAttributes(op->getAttrs());
  state.attributes.set("maps", rewriter.getArrayAttr(maps));
  rewriter.modifyOpInPlace(op, [&] {
    op.getYield()->setOperands(yielded);
    body.eraseArguments(unread);
  });
  state.addRegion()->takeBody(op.getBody());
  Operation *smaller = rewriter.create(state);
  for (auto [result, kept] : llvm::zip_equal(results, smaller->getResults()))
    rewriter.replaceAllUsesWith(result, kept);
  rewriter.eraseOp(op);
  return success();
}

LogicalResult RowOp::verify() {
  if (llvm::any_of(getExtents(), [](int64_t extent) { return extent < 1; }))
    return emitOpError("C4: extents must be positive");
  if (static_cast<int64_t>(getRowRank()) < 0 || getParallelRank() < 0)
    return emitOpError("C4: row_rank must be between 0 and the rank of the domain");
  if (getMaps().size() != getIns().size() + getOuts().size())
    return emitOpError("C1: needs one map an operand and a result, got ") << getMaps().size();
  for (unsigned k = 0; k < getIns().size(); ++k)
    if (failed(verifyIndices(*this, getInMap(k), cast<RankedTensorType>(getIns()[k].getType()), "operand", k)))
      return failure();
  for (unsigned k = 0; k < getOuts().size(); ++k)
    if (failed(verifyResult(*this, k)))
      return failure();
  return success();
}

LogicalResult RowOp::verifyRegions() {
  Block &block = getBody().front();
  auto yield = dyn_cast<YieldOp>(block.getTerminator());
  if (!yield)
    return emitOpError("C6: the region must end in kernel.yield");
  auto elementOf = [](Value tensor) { return cast<RankedTensorType>(tensor.getType()).getElementType(); };
  if (block.getNumArguments() != getIns().size() || yield.getValues().size() != getOuts().size())
    return emitOpError("C3: needs one block argument an operand and one yielded value a result");
  for (auto [argument, in] : llvm::zip_equal(block.getArguments(), getIns()))
    if (argument.getType() != elementOf(in))
      return emitOpError("C3: block argument #") << argument.getArgNumber() << " must be " << elementOf(in);
  for (Operation &op : block.without_terminator()) {
    if (isa<arith::TruncFOp, arith::ExtFOp>(op)) {
      if (!convertsStored(op))
        return op.emitOpError(isa<arith::ExtFOp>(op) ? "C7: makes an f32 of a bf16" : "C7: rounds an f32 to a bf16");
      continue;
    }
    if (!isScalarOp(op))
      return op.emitOpError("C6: is not an op of a kernel.row region");
    if (auto index = dyn_cast<IndexOp>(op)) {
      auto dim = static_cast<int64_t>(index.getDim());
      if (dim < 0 || dim >= getRank())
        return index.emitOpError("C6: dim = ") << dim << " is outside the domain";
    }
  }
  llvm::DenseMap<Value, bool> varies;
  for (auto [k, value] : llvm::enumerate(yield.getValues())) {
    if (value.getType() != elementOf(getOuts()[k]))
      return emitOpError("C3: yielded value #") << k << " must be " << elementOf(getOuts()[k]);
    bool perRow = static_cast<int64_t>(getOutMap(k).getNumResults()) != getRank();
    if (perRow && variesAlongRow(value, *this, varies))
      return emitOpError("C5: result #") << k << " omits the row but its value varies along it";
  }
  return success();
}
