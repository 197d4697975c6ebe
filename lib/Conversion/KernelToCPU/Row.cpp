//===- Row.cpp - kernel.row as loops over vectors ---------------*- C++ -*-===//
//
// One dimension of the domain is vectorised: along the row where rows lie contiguously (a reduction then ends in a horizontal
// one), or a parallel dimension where the row is strided (column sums). The region is cut at its reductions into stages; each
// stage walks the row once and computes again what it needs.
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/KernelToCPU/Emitters.h"

#include "mlir/Dialect/Math/IR/Math.h"
#include "llvm/ADT/DenseMap.h"

#include <limits>

using namespace mlir;

namespace moe::cpu {
namespace {

/// The iteration domain after neighbouring dimensions that every access walks as one have been merged.
struct Domain {
  SmallVector<int64_t> extents;
  int64_t parallel = 0; ///< the first dimensions; the rest form the row
  SmallVector<LinearAccess> accesses;
  SmallVector<int64_t> position; ///< of each original dimension; -1: extent 1 or merged away

  int64_t rank() const { return extents.size(); }
  bool isRow(int64_t dim) const { return dim >= parallel; }
};

class RowEmitter {
public:
  RowEmitter(kernel::RowOp op, Code &code) : op(op), c(code), block(op.getBody().front()) {
    for (auto [k, type] : llvm::enumerate(op->getOperandTypes()))
      addAccess(k, type);
    for (auto [k, type] : llvm::enumerate(op->getResultTypes()))
      addAccess(op.getIns().size() + k, type);
    mergeDimensions();
    chooseVectorDimension();
    assignStages();
  }

  int64_t emit();

private:
  using Memo = llvm::DenseMap<Value, Value>;

  void addAccess(unsigned k, Type type) {
    domain.accesses.push_back(LinearAccess::get(op.getMap(k), cast<RankedTensorType>(type).getShape()));
  }
  void mergeDimensions();
  void chooseVectorDimension();
  void assignStages();

  int64_t vectorExtent() const { return domain.extents[vectorDim]; }
  bool vectorAlongRow() const { return domain.isRow(vectorDim); }

  void emitTask(Value task);
  /// All stages and stores for one set of parallel indices; `count` lanes along a parallel vector dimension, else 1.
  void emitRows(int64_t count);
  void emitReductions(unsigned stage, int64_t count);
  void emitStores(bool perElement, int64_t count);
  /// Visits every element of the row; `body` gets the number of lanes it is to compute at indices `iv`.
  void walkRow(int64_t count, llvm::function_ref<void(int64_t lanes)> body);
  SmallVector<Value> walkRow(int64_t dim, int64_t count, SmallVector<Value> carried,
                             llvm::function_ref<SmallVector<Value>(int64_t lanes, ValueRange)> body);

  Value evaluate(Value value, int64_t count, Memo &memo);
  Value evaluateOp(Operation *inner, int64_t count, Memo &memo);
  Value loadOperand(unsigned k, int64_t count);
  void storeResult(unsigned k, Value value, int64_t count);
  Value indexOf(int64_t originalDim, int64_t count);

  Value identity(kernel::ReduceOp reduce, int64_t count);
  Value combine(kernel::ReduceOp reduce, Value x, Value y);
  Value horizontal(kernel::ReduceOp reduce, Value vector);

  kernel::RowOp op;
  Code &c;
  Block &block;
  Domain domain;
  int64_t vectorDim = 0, lanes = 1, chunk = 1;
  SmallVector<SmallVector<kernel::ReduceOp>> stages;
  SmallVector<Value> iv;                         ///< current index of each dimension of the domain
  llvm::DenseMap<Operation *, Value> reduced;    ///< results of the reductions so far
};

void RowEmitter::mergeDimensions() {
  llvm::SmallDenseSet<int64_t> indexed;
  op.getBody().walk([&](kernel::IndexOp index) { indexed.insert(index.getDim()); });
  ArrayRef<int64_t> extents = op.getExtents();
  int64_t parallel = op.getParallelRank();
  SmallVector<LinearAccess> merged(domain.accesses.size());
  for (auto [to, from] : llvm::zip_equal(merged, domain.accesses))
    to.constant = from.constant;
  domain.position.assign(extents.size(), -1);
  bool mayExtend = false; // the last kept dimension accepts its right neighbour
  for (int64_t d = 0, e = extents.size(); d < e; ++d) {
    if (d == parallel)
      mayExtend = false;
    if (extents[d] == 1)
      continue;
    bool extend = mayExtend && !indexed.contains(d);
    for (auto [to, from] : llvm::zip_equal(merged, domain.accesses))
      extend = extend && to.coefficients.back() == from.coefficients[d] * extents[d];
    if (extend) {
      domain.extents.back() *= extents[d];
      for (auto [to, from] : llvm::zip_equal(merged, domain.accesses))
        to.coefficients.back() = from.coefficients[d];
    } else {
      domain.extents.push_back(extents[d]);
      domain.parallel += d < parallel;
      domain.position[d] = domain.extents.size() - 1;
      for (auto [to, from] : llvm::zip_equal(merged, domain.accesses))
        to.coefficients.push_back(from.coefficients[d]);
    }
    mayExtend = !indexed.contains(d);
  }
  domain.accesses = std::move(merged);
  if (!domain.extents.empty())
    return;
  // A single element: one parallel dimension of extent 1.
  domain.extents.push_back(1);
  domain.parallel = 1;
  for (LinearAccess &access : domain.accesses)
    access.coefficients.push_back(0);
}

void RowEmitter::chooseVectorDimension() {
  int64_t best = std::numeric_limits<int64_t>::min();
  for (int64_t d = 0; d < domain.rank(); ++d) {
    int64_t score = domain.extents[d] < c.lanes() ? -1000 : 0;
    for (const LinearAccess &access : domain.accesses)
      score += access.coefficients[d] == 1 ? 2 : access.coefficients[d] == 0 ? 0 : -3;
    if (score >= best) {
      best = score;
      vectorDim = d;
    }
  }
  lanes = vectorExtent() >= c.lanes() && best > 0 ? c.lanes() : 1;
}

void RowEmitter::assignStages() {
  llvm::DenseMap<Value, unsigned> level;
  for (Operation &inner : block.without_terminator()) {
    unsigned highest = 0;
    for (Value operand : inner.getOperands())
      highest = std::max(highest, level.lookup(operand));
    if (auto reduce = dyn_cast<kernel::ReduceOp>(inner)) {
      if (stages.size() <= highest)
        stages.resize(highest + 1);
      stages[highest].push_back(reduce);
      ++highest;
    }
    for (Value result : inner.getResults())
      level[result] = highest;
  }
}

//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

int64_t RowEmitter::emit() {
  int64_t elements = 1, outer = 1;
  for (int64_t d = 0; d < domain.rank(); ++d) {
    elements *= domain.extents[d];
    if (!domain.isRow(d) && d != vectorDim)
      outer *= domain.extents[d];
  }
  // A task is one set of outer indices and, where a parallel dimension is vectorised, a chunk of it.
  int64_t perTask = elements / outer, chunks = 1;
  chunk = vectorExtent();
  if (!vectorAlongRow()) {
    int64_t perColumn = std::max<int64_t>(1, perTask / vectorExtent());
    chunk = std::max<int64_t>(elementsPerBlock / perColumn, 8 * lanes) / lanes * lanes;
    chunk = std::min(chunk, vectorExtent());
    chunks = llvm::divideCeil(vectorExtent(), chunk);
    perTask = perColumn * chunk;
  }
  int64_t tasks = outer * chunks;
  int64_t tasksPerBlock = std::max<int64_t>(1, elementsPerBlock / std::max<int64_t>(1, perTask));

  Value lower = c.mul(c.begin, tasksPerBlock);
  Value upper = c.min(c.mul(c.end, tasksPerBlock), c.i64(tasks));
  c.loop(lower, upper, 1, [&](Value task) { emitTask(task); });
  return llvm::divideCeil(tasks, tasksPerBlock);
}

void RowEmitter::emitTask(Value task) {
  iv.assign(domain.rank(), Value());
  Value first = c.i64(0), last = c.i64(vectorExtent());
  if (!vectorAlongRow()) {
    int64_t chunks = llvm::divideCeil(vectorExtent(), chunk);
    first = c.mul(c.rem(task, chunks), chunk);
    last = c.min(c.add(first, c.i64(chunk)), c.i64(vectorExtent()));
    task = c.div(task, chunks);
  }
  for (int64_t d = domain.parallel - 1; d >= 0; --d) {
    if (d == vectorDim)
      continue;
    iv[d] = c.rem(task, domain.extents[d]);
    task = c.div(task, domain.extents[d]);
  }
  if (vectorAlongRow())
    return emitRows(1);

  Value whole = last;
  if (vectorExtent() % lanes != 0)
    whole = c.add(first, c.mul(c.div(c.sub(last, first), lanes), lanes));
  c.loop(first, whole, lanes, [&](Value index) {
    iv[vectorDim] = index;
    emitRows(lanes);
  });
  if (vectorExtent() % lanes != 0)
    c.loop(whole, last, 1, [&](Value index) {
      iv[vectorDim] = index;
      emitRows(1);
    });
}

void RowEmitter::emitRows(int64_t count) {
  reduced.clear();
  for (unsigned stage = 0; stage < stages.size(); ++stage)
    emitReductions(stage, count);
  emitStores(/*perElement=*/true, count);
  emitStores(/*perElement=*/false, count);
}

SmallVector<Value> RowEmitter::walkRow(int64_t dim, int64_t count, SmallVector<Value> carried,
                                       llvm::function_ref<SmallVector<Value>(int64_t, ValueRange)> body) {
  if (dim == domain.rank())
    return body(count, carried);
  auto step = [&](Value lower, Value upper, int64_t width, SmallVector<Value> values) {
    return c.loop(lower, upper, width, values, [&](Value index, ValueRange inner) {
      iv[dim] = index;
      return walkRow(dim + 1, dim == vectorDim ? width : count, llvm::to_vector(inner), body);
    });
  };
  int64_t extent = domain.extents[dim];
  if (dim != vectorDim)
    return step(c.i64(0), c.i64(extent), 1, carried);
  int64_t whole = extent / lanes * lanes;
  carried = step(c.i64(0), c.i64(whole), lanes, carried);
  if (whole != extent)
    carried = step(c.i64(whole), c.i64(extent), 1, carried);
  return carried;
}

void RowEmitter::emitReductions(unsigned stage, int64_t count) {
  // Along a vectorised row each reduction carries a vector for the whole part and a scalar for the tail.
  ArrayRef<kernel::ReduceOp> reduces = stages[stage];
  SmallVector<Value> init;
  for (kernel::ReduceOp reduce : reduces) {
    init.push_back(identity(reduce, vectorAlongRow() ? lanes : count));
    if (vectorAlongRow())
      init.push_back(identity(reduce, 1));
  }
  // The row's vector dimension may not be the last: the body sees its width through walkRow.
  SmallVector<Value> sums = walkRow(domain.parallel, count, init, [&](int64_t width, ValueRange carried) {
    Memo memo;
    SmallVector<Value> next = llvm::to_vector(carried);
    for (auto [k, each] : llvm::enumerate(reduces)) {
      kernel::ReduceOp reduce = each;
      unsigned slot = vectorAlongRow() ? 2 * k + (width == lanes ? 0 : 1) : k;
      next[slot] = combine(reduce, carried[slot], evaluate(reduce.getX(), width, memo));
    }
    return next;
  });
  for (auto [k, reduce] : llvm::enumerate(reduces)) {
    if (!vectorAlongRow()) {
      reduced[reduce] = sums[k];
    } else {
      reduced[reduce] = lanes == 1 ? sums[2 * k] : combine(reduce, horizontal(reduce, sums[2 * k]), sums[2 * k + 1]);
    }
  }
}

void RowEmitter::emitStores(bool perElement, int64_t count) {
  auto variesAlongRow = [&](unsigned k) {
    ArrayRef<int64_t> coefficients = domain.accesses[op.getIns().size() + k].coefficients;
    return llvm::any_of(coefficients.drop_front(domain.parallel), [](int64_t f) { return f != 0; });
  };
  SmallVector<unsigned> wanted;
  for (unsigned k = 0; k < op.getNumResults(); ++k)
    if (variesAlongRow(k) == perElement)
      wanted.push_back(k);
  if (wanted.empty())
    return;
  auto storeAll = [&](int64_t width) {
    // All values before the first store: a result may lie on an operand that another result reads.
    Memo memo;
    SmallVector<Value> values = llvm::map_to_vector(wanted, [&](unsigned k) { return evaluate(op.getYield()->getOperand(k), width, memo); });
    for (auto [k, value] : llvm::zip_equal(wanted, values))
      storeResult(k, value, width);
  };
  if (!perElement) {
    for (int64_t d = domain.parallel; d < domain.rank(); ++d)
      iv[d] = Value();
    return storeAll(count);
  }
  walkRow(domain.parallel, count, {}, [&](int64_t width, ValueRange) {
    storeAll(width);
    return SmallVector<Value>();
  });
}

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

Value RowEmitter::evaluate(Value value, int64_t count, Memo &memo) {
  if (Value known = memo.lookup(value))
    return known;
  Value result;
  if (auto argument = dyn_cast<BlockArgument>(value))
    result = loadOperand(argument.getArgNumber(), count);
  else
    result = evaluateOp(value.getDefiningOp(), count, memo);
  memo[value] = result;
  return result;
}

Value RowEmitter::evaluateOp(Operation *inner, int64_t count, Memo &memo) {
  if (auto reduce = dyn_cast<kernel::ReduceOp>(inner)) {
    Value value = reduced.lookup(reduce);
    return isa<VectorType>(value.getType()) ? value : c.splat(value, count);
  }
  if (auto index = dyn_cast<kernel::IndexOp>(inner))
    return indexOf(index.getDim(), count);
  if (auto constant = dyn_cast<arith::ConstantOp>(inner)) {
    Value scalar = arith::ConstantOp::create(c.b, c.loc, cast<TypedAttr>(constant.getValue()));
    return c.splat(scalar, count);
  }
  SmallVector<Value> operands;
  for (Value operand : inner->getOperands())
    operands.push_back(evaluate(operand, count, memo));
  if (isa<kernel::RandomOp>(inner))
    return emitRandom(c, operands[0], operands[1], operands[2], operands[3], operands[4]);
  // Elementwise ops of arith and math mean the same on vectors.
  OperationState state(c.loc, inner->getName());
  state.addOperands(operands);
  state.addTypes(c.vectorOf(inner->getResult(0).getType(), count));
  state.addAttributes(inner->getDiscardableAttrDictionary().getValue());
  state.propertiesAttr = inner->getPropertiesAsAttribute();
  return c.b.create(state)->getResult(0);
}

Value RowEmitter::indexOf(int64_t originalDim, int64_t count) {
  int64_t d = domain.position[originalDim];
  Value index = d < 0 || !iv[d] ? c.i32(0) : c.toI32(iv[d]);
  Value lanesOf = c.splat(index, count);
  if (count == 1 || d != vectorDim)
    return lanesOf;
  SmallVector<int32_t> steps(count);
  for (int64_t i = 0; i < count; ++i)
    steps[i] = i;
  Value offsets = arith::ConstantOp::create(
      c.b, c.loc, DenseElementsAttr::get(VectorType::get({count}, c.b.getI32Type()), ArrayRef<int32_t>(steps)));
  return c.add(lanesOf, offsets);
}

Value RowEmitter::loadOperand(unsigned k, int64_t count) {
  Type element = cast<RankedTensorType>(op->getOperand(k).getType()).getElementType();
  Type stored = storageType(element);
  const LinearAccess &access = domain.accesses[k];
  Value at = c.position(access, iv);
  int64_t stride = access.coefficients[vectorDim];
  Value value;
  if (count == 1 || stride == 0) {
    value = c.splat(c.load(c.args[k], stored, at), count);
  } else if (stride == 1) {
    value = c.loadVector(c.args[k], stored, at, count, count);
  } else {
    SmallVector<Value> parts;
    for (int64_t i = 0; i < count; ++i)
      parts.push_back(c.load(c.args[k], stored, c.add(at, c.i64(i * stride))));
    value = vector::FromElementsOp::create(c.b, c.loc, VectorType::get({count}, stored), parts);
  }
  if (stored == element)
    return value;
  return arith::CmpIOp::create(c.b, c.loc, arith::CmpIPredicate::ne, value, c.constant(value.getType(), 0));
}

void RowEmitter::storeResult(unsigned k, Value value, int64_t count) {
  unsigned slot = op.getIns().size() + k;
  Type element = cast<RankedTensorType>(op->getResult(k).getType()).getElementType();
  Type stored = storageType(element);
  if (stored != element)
    value = arith::ExtUIOp::create(c.b, c.loc, c.vectorOf(stored, count), value);
  const LinearAccess &access = domain.accesses[slot];
  Value at = c.position(access, iv);
  int64_t stride = access.coefficients[vectorDim];
  if (count == 1 || stride == 1)
    return c.storeVector(c.args[slot], value, at, count);
  for (int64_t i = 0; i < count; ++i)
    c.store(c.args[slot], vector::ExtractOp::create(c.b, c.loc, value, ArrayRef<int64_t>{i}), c.add(at, c.i64(i * stride)));
}

//===----------------------------------------------------------------------===//
// Reductions
//===----------------------------------------------------------------------===//

Value RowEmitter::identity(kernel::ReduceOp reduce, int64_t count) {
  Type type = reduce.getType();
  double limit = isa<FloatType>(type) ? std::numeric_limits<double>::infinity() : std::numeric_limits<int32_t>::max();
  double value = reduce.getKind() == kernel::ReduceKind::sum ? 0 : reduce.getKind() == kernel::ReduceKind::max ? -limit : limit;
  return c.constant(c.vectorOf(type, count), value);
}

Value RowEmitter::combine(kernel::ReduceOp reduce, Value x, Value y) {
  OpBuilder &b = c.b;
  bool isFloat = isa<FloatType>(reduce.getType());
  switch (reduce.getKind()) {
  case kernel::ReduceKind::sum:
    return isFloat ? c.addf(x, y) : c.add(x, y);
  case kernel::ReduceKind::max:
    return isFloat ? arith::MaximumFOp::create(b, c.loc, x, y).getResult() : c.max(x, y);
  case kernel::ReduceKind::min:
    return isFloat ? arith::MinimumFOp::create(b, c.loc, x, y).getResult() : c.min(x, y);
  }
  llvm_unreachable("all kinds handled");
}

Value RowEmitter::horizontal(kernel::ReduceOp reduce, Value vector) {
  bool isFloat = isa<FloatType>(reduce.getType());
  switch (reduce.getKind()) {
  case kernel::ReduceKind::sum:
    // A tree of fixed shape, not a chain: faster, and as reproducible.
    return vector::ReductionOp::create(c.b, c.loc, vector::CombiningKind::ADD, vector,
                                       isFloat ? arith::FastMathFlags::reassoc : arith::FastMathFlags::none);
  case kernel::ReduceKind::max:
    return vector::ReductionOp::create(c.b, c.loc, isFloat ? vector::CombiningKind::MAXIMUMF : vector::CombiningKind::MAXSI,
                                       vector);
  case kernel::ReduceKind::min:
    return vector::ReductionOp::create(c.b, c.loc, isFloat ? vector::CombiningKind::MINIMUMF : vector::CombiningKind::MINSI,
                                       vector);
  }
  llvm_unreachable("all kinds handled");
}

} // namespace

int64_t emit(kernel::RowOp op, Code &code) { return RowEmitter(op, code).emit(); }

} // namespace moe::cpu
