//===- Row.cpp - kernel.row as loops over vectors ---------------*- C++ -*-===//
//
// One dimension of the domain is vectorised: along the row where rows lie contiguously (a reduction then ends in a horizontal
// one), or a parallel dimension where the row is strided (column sums). The region is cut at its reductions into stages; each
// stage walks the row once and computes again what it needs, but for values that are dear: those wait in scratch.
//
// A row is read whole before anything of it is written (kernel::mayOverwrite relies on it).
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/KernelToCPU/Emitters.h"

#include "mlir/Dialect/Math/IR/Math.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/SmallPtrSet.h"

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
    keepDearValues();
  }

  int64_t emit();

private:
  using Memo = llvm::DenseMap<Value, Value>;

  void addAccess(unsigned k, Type type) {
    Code::Tensor tensor = c.tensorOf(k, op.getMap(k), type);
    domain.accesses.push_back(tensor.access);
    buffers.push_back(tensor.buffer);
  }
  void mergeDimensions();
  void chooseVectorDimension();
  void assignStages();
  /// Finds the values worth keeping from one stage to the next.
  void keepDearValues();
  /// How many vectors of columns are summed up side by side: a row of a strided walk is then some whole cache lines.
  int64_t chooseColumns();
  /// How many sums a reduction of this stage is spread over, so that they do not wait for each other.
  int64_t chooseSets(unsigned stage);
  /// The ops that a stage evaluates; the last stage is that of the stores.
  llvm::SmallPtrSet<Operation *, 32> opsOf(unsigned stage);

  int64_t vectorExtent() const { return domain.extents[vectorDim]; }
  bool vectorAlongRow() const { return domain.isRow(vectorDim); }

  void emitTask(Value task);
  /// All stages and stores for one set of parallel indices; `count` lanes along a parallel vector dimension, else 1.
  void emitRows(int64_t count);
  void emitReductions(unsigned stage, int64_t count);
  void emitStores(bool perElement, int64_t count);
  /// Visits every element of the row; `body` gets the number of lanes it is to compute at indices `iv`, and the set its sums belong to.
  using RowBody = llvm::function_ref<SmallVector<Value>(int64_t lanes, int64_t set, ValueRange carried)>;
  SmallVector<Value> walkRow(int64_t dim, int64_t count, int64_t sets, SmallVector<Value> carried, RowBody body);

  Value evaluate(Value value, int64_t count, Memo &memo);
  Value evaluateOp(Operation *inner, int64_t count, Memo &memo);
  Value evaluateKept(Operation *inner, int64_t count, Memo &memo);
  Value computeOp(Operation *inner, int64_t count, Memo &memo);
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
  SmallVector<Value> buffers; ///< of the operands, then of the results
  int64_t vectorDim = 0, lanes = 1, chunk = 1;
  SmallVector<SmallVector<kernel::ReduceOp>> stages;
  SmallVector<Value> iv;                         ///< current index of each dimension of the domain
  llvm::DenseMap<Operation *, Value> reduced;    ///< results of the reductions so far
  struct Kept {
    unsigned firstStage; ///< computes the value and stores it; later ones load it
    Value scratch;
  };
  llvm::DenseMap<Operation *, Kept> kept;
  unsigned currentStage = 0;
};

void RowEmitter::mergeDimensions() {
  llvm::SmallDenseSet<int64_t> indexed;
  op.getBody().walk([&](kernel::IndexOp index) { indexed.insert(index.getDim()); });
  SmallVector<int64_t> extents = c.extentsOf(op.getExtents());
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

llvm::SmallPtrSet<Operation *, 32> RowEmitter::opsOf(unsigned stage) {
  SmallVector<Value> worklist;
  if (stage < stages.size())
    for (kernel::ReduceOp reduce : stages[stage])
      worklist.push_back(reduce.getX());
  else
    llvm::append_range(worklist, op.getYield()->getOperands());
  llvm::SmallPtrSet<Operation *, 32> ops;
  while (!worklist.empty()) {
    Operation *inner = worklist.pop_back_val().getDefiningOp();
    if (inner && !isa<kernel::ReduceOp>(inner) && ops.insert(inner).second)
      llvm::append_range(worklist, inner->getOperands());
  }
  return ops;
}

static bool isDear(Operation *inner) {
  return isa<math::ExpOp, math::LogOp, math::TanhOp, math::ErfOp, math::PowFOp, math::SinOp, math::CosOp, kernel::RandomOp>(inner);
}

void RowEmitter::keepDearValues() {
  if (!vectorAlongRow() || domain.rank() - domain.parallel != 1 || lanes == 1)
    return;
  llvm::DenseMap<Operation *, unsigned> firstStage;
  llvm::SetVector<Operation *> again;
  for (unsigned stage = 0; stage <= stages.size(); ++stage)
    for (Operation *inner : opsOf(stage))
      if (isDear(inner) && !firstStage.try_emplace(inner, stage).second)
        again.insert(inner);
  int64_t left = c.scratchLimit;
  for (Operation &inner : block) // not in the order of a set of addresses
    if (again.contains(&inner) && (left -= vectorExtent()) >= 0)
      kept[&inner] = {firstStage.lookup(&inner), c.scratch(vectorExtent())};
}

int64_t RowEmitter::chooseSets(unsigned stage) {
  constexpr int64_t sets = 4, fewOps = 10;
  bool isShort = vectorExtent() < 4 * sets * lanes;
  return vectorAlongRow() && lanes > 1 && !isShort && static_cast<int64_t>(opsOf(stage).size()) <= fewOps ? sets : 1;
}

int64_t RowEmitter::chooseColumns() {
  constexpr size_t fewOps = 4;
  constexpr int64_t mostColumns = 8; // half of the registers of AVX2
  if (vectorAlongRow() || lanes == 1 || stages.size() != 1 || stages[0].size() != 1 || opsOf(0).size() > fewOps)
    return 1;
  return vectorExtent() >= mostColumns * lanes ? mostColumns : 1;
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
    chunk = std::max<int64_t>(elementsPerBlock / perColumn, 8 * lanes) / (8 * lanes) * (8 * lanes);
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

  SmallVector<int64_t> widths{chooseColumns() * lanes, lanes, 1};
  widths.erase(llvm::unique(widths), widths.end());
  for (int64_t width : widths) {
    bool isWhole = vectorExtent() % width == 0;
    Value whole = isWhole ? last : c.add(first, c.mul(c.div(c.sub(last, first), width), width));
    c.loop(first, whole, width, [&](Value index) {
      iv[vectorDim] = index;
      emitRows(width);
    });
    if (isWhole)
      break;
    first = whole;
  }
}

void RowEmitter::emitRows(int64_t count) {
  reduced.clear();
  for (currentStage = 0; currentStage < stages.size(); ++currentStage)
    emitReductions(currentStage, count);
  emitStores(/*perElement=*/false, count);
  emitStores(/*perElement=*/true, count);
}

SmallVector<Value> RowEmitter::walkRow(int64_t dim, int64_t count, int64_t sets, SmallVector<Value> carried, RowBody body) {
  if (dim == domain.rank())
    return body(count, 0, carried);
  int64_t extent = domain.extents[dim];
  // `steps` runs of `width` lanes a turn; each is of a set of its own.
  auto walk = [&](int64_t lower, int64_t upper, int64_t width, int64_t steps) {
    if (lower == upper)
      return;
    carried = c.loop(c.i64(lower), c.i64(upper), width * steps, carried, [&](Value index, ValueRange inner) {
      SmallVector<Value> values = llvm::to_vector(inner);
      for (int64_t set = 0; set < steps; ++set) {
        iv[dim] = c.add(index, c.i64(set * width));
        values = walkRow(dim + 1, dim == vectorDim ? width : count, 1, values,
                         [&](int64_t lanesHere, int64_t, ValueRange in) { return body(lanesHere, set, in); });
      }
      return values;
    });
  };
  if (dim != vectorDim) {
    walk(0, extent, 1, 1);
    return carried;
  }
  int64_t whole = extent / lanes * lanes, inSets = extent / (lanes * sets) * (lanes * sets);
  walk(0, inSets, lanes, sets);
  walk(inSets, whole, lanes, 1);
  walk(whole, extent, 1, 1);
  return carried;
}

void RowEmitter::emitReductions(unsigned stage, int64_t count) {
  // Along a vectorised row each reduction carries a vector a set for the whole part and a scalar for the tail.
  ArrayRef<kernel::ReduceOp> reduces = stages[stage];
  int64_t sets = chooseSets(stage), slots = vectorAlongRow() ? sets + 1 : 1;
  SmallVector<Value> init;
  for (kernel::ReduceOp reduce : reduces) {
    for (int64_t set = 0; set < sets; ++set)
      init.push_back(identity(reduce, vectorAlongRow() ? lanes : count));
    if (vectorAlongRow())
      init.push_back(identity(reduce, 1));
  }
  // The row's vector dimension may not be the last: the body sees its width through walkRow.
  SmallVector<Value> sums = walkRow(domain.parallel, count, sets, init, [&](int64_t width, int64_t set, ValueRange carried) {
    Memo memo;
    SmallVector<Value> next = llvm::to_vector(carried);
    for (auto [k, each] : llvm::enumerate(reduces)) {
      kernel::ReduceOp reduce = each;
      int64_t slot = k * slots + (vectorAlongRow() && width != lanes ? sets : set);
      next[slot] = combine(reduce, carried[slot], evaluate(reduce.getX(), width, memo));
    }
    return next;
  });
  for (auto [k, each] : llvm::enumerate(reduces)) {
    kernel::ReduceOp reduce = each;
    ArrayRef<Value> parts = ArrayRef<Value>(sums).slice(k * slots, slots);
    Value total = parts[0];
    for (int64_t set = 1; set < sets; ++set)
      total = combine(reduce, total, parts[set]);
    bool hasTail = vectorAlongRow() && lanes > 1;
    reduced[reduce] = hasTail ? combine(reduce, horizontal(reduce, total), parts[sets]) : total;
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
  walkRow(domain.parallel, count, /*sets=*/1, {}, [&](int64_t width, int64_t, ValueRange) {
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
  return kept.contains(inner) ? evaluateKept(inner, count, memo) : computeOp(inner, count, memo);
}

Value RowEmitter::evaluateKept(Operation *inner, int64_t count, Memo &memo) {
  const Kept &value = kept[inner];
  Value index = iv[vectorDim];
  if (currentStage > value.firstStage)
    return c.loadVector(value.scratch, c.f32(), index, count, count);
  Value result = computeOp(inner, count, memo);
  c.storeVector(value.scratch, result, index, count);
  return result;
}

Value RowEmitter::computeOp(Operation *inner, int64_t count, Memo &memo) {
  SmallVector<Value> operands;
  for (Value operand : inner->getOperands())
    operands.push_back(evaluate(operand, count, memo));
  return emitScalarOp(inner, operands, count, c);
}

Value RowEmitter::indexOf(int64_t originalDim, int64_t count) {
  if (Value fixed = c.slice ? c.slice->getIndex(originalDim) : Value())
    return c.splat(c.toI32(fixed), count);
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
    value = c.splat(c.load(buffers[k], stored, at), count);
  } else if (stride == 1) {
    value = c.loadVector(buffers[k], stored, at, count, count);
  } else {
    SmallVector<Value> parts;
    for (int64_t i = 0; i < count; ++i)
      parts.push_back(c.load(buffers[k], stored, c.add(at, c.i64(i * stride))));
    value = vector::FromElementsOp::create(c.b, c.loc, VectorType::get({count}, stored), parts);
  }
  if (!element.isInteger(1))
    return value;
  return arith::CmpIOp::create(c.b, c.loc, arith::CmpIPredicate::ne, value, c.constant(value.getType(), 0));
}

void RowEmitter::storeResult(unsigned k, Value value, int64_t count) {
  unsigned slot = op.getIns().size() + k;
  Type element = cast<RankedTensorType>(op->getResult(k).getType()).getElementType();
  Type stored = storageType(element);
  if (element.isInteger(1))
    value = arith::ExtUIOp::create(c.b, c.loc, c.vectorOf(stored, count), value);
  const LinearAccess &access = domain.accesses[slot];
  Value at = c.position(access, iv);
  int64_t stride = access.coefficients[vectorDim];
  if (count == 1 || stride == 1)
    return c.storeVector(buffers[slot], value, at, count);
  for (int64_t i = 0; i < count; ++i)
    c.store(buffers[slot], vector::ExtractOp::create(c.b, c.loc, value, ArrayRef<int64_t>{i}), c.add(at, c.i64(i * stride)));
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
  bool isFloat = isa<FloatType>(reduce.getType());
  switch (reduce.getKind()) {
  case kernel::ReduceKind::sum:
    return isFloat ? c.addf(x, y) : c.add(x, y);
  case kernel::ReduceKind::max:
    return isFloat ? c.maximum(x, y) : c.max(x, y);
  case kernel::ReduceKind::min:
    return isFloat ? c.minimum(x, y) : c.min(x, y);
  }
  llvm_unreachable("all kinds handled");
}

/// By halves: a tree of fixed shape, faster than a chain and as reproducible.
Value RowEmitter::horizontal(kernel::ReduceOp reduce, Value vector) {
  for (int64_t half = lanes / 2; half > 0; half /= 2) {
    SmallVector<int64_t> low = llvm::to_vector(llvm::seq<int64_t>(half)), high = llvm::to_vector(llvm::seq<int64_t>(half, 2 * half));
    vector = combine(reduce, vector::ShuffleOp::create(c.b, c.loc, vector, vector, low), vector::ShuffleOp::create(c.b, c.loc, vector, vector, high));
  }
  return vector::ExtractOp::create(c.b, c.loc, vector, ArrayRef<int64_t>{0});
}

} // namespace

Value emitScalarOp(Operation *inner, ArrayRef<Value> operands, int64_t count, Code &c) {
  if (isa<kernel::RandomOp>(inner))
    return emitRandom(c, operands[0], operands[1], operands[2], operands[3], operands[4]);
  if (isa<arith::MaximumFOp>(inner))
    return c.maximum(operands[0], operands[1]);
  if (isa<arith::MinimumFOp>(inner))
    return c.minimum(operands[0], operands[1]);
  if (isa<arith::TruncFOp>(inner))
    return c.narrow(operands[0]);
  if (isa<arith::ExtFOp>(inner))
    return c.widen(operands[0]);
  // Elementwise ops of arith and math mean the same on vectors.
  OperationState state(c.loc, inner->getName());
  state.addOperands(operands);
  state.addTypes(c.vectorOf(inner->getResult(0).getType(), count));
  state.addAttributes(inner->getDiscardableAttrDictionary().getValue());
  state.propertiesAttr = inner->getPropertiesAsAttribute();
  return c.b.create(state)->getResult(0);
}

int64_t emit(kernel::RowOp op, Code &code) { return RowEmitter(op, code).emit(); }

} // namespace moe::cpu
