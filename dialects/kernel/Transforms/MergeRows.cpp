//===- MergeRows.cpp - one row from a producer and its consumer -------------===//
#include "dialects/kernel/Transforms/MergeRows.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace moe::kernel;

namespace {

using Index = SmallVector<AffineExpr>;

Index identityIndex(unsigned rank, MLIRContext *context) {
  Index index;
  for (unsigned d = 0; d < rank; ++d)
    index.push_back(getAffineDimExpr(d, context));
  return index;
}

/// The map of an access of a row, over the merged domain in which the row has the given index.
AffineMap mapThrough(AffineMap map, ArrayRef<AffineExpr> index, unsigned rank) {
  SmallVector<AffineExpr> exprs;
  for (AffineExpr expr : map.getResults())
    exprs.push_back(simplifyAffineExpr(expr.replaceDims(index), rank, 0));
  return AffineMap::get(rank, 0, exprs, map.getContext());
}

/// What the producer's index must be for its result k to be the element that the consumer's operand reads. Dimensions of the producer's row
/// that the result does not have are null.
Index indexFor(const Row &producer, unsigned k, const Row &consumer, unsigned operand) {
  Index index(producer.rank());
  for (auto [dim, expr] : llvm::zip_equal(producer.outs[k].map.getResults(), consumer.ins[operand].map.getResults()))
    index[cast<AffineDimExpr>(dim).getPosition()] = expr;
  return index;
}

std::optional<unsigned> asDim(AffineExpr expr) {
  auto dim = dyn_cast<AffineDimExpr>(expr);
  return dim ? std::optional(dim.getPosition()) : std::nullopt;
}

bool dependsOnAny(AffineExpr expr, ArrayRef<unsigned> dims) {
  return llvm::any_of(dims, [&](unsigned dim) { return expr.isFunctionOfDim(dim); });
}

/// A producer with rows in the domain of a consumer that walks, or can walk, the same rows. Fills in the null entries of `index` and sets `rowDims`
/// to the consumer's dimensions that form the row.
LogicalResult matchRows(const Row &producer, const Row &consumer, Index &index, SmallVector<unsigned> &rowDims) {
  // The dimensions in question: the consumer's row, or those that the producer's parallel index leaves free.
  SmallVector<unsigned> free;
  ArrayRef<AffineExpr> parallel = ArrayRef<AffineExpr>(index).take_front(producer.parallelRank());
  for (unsigned d = 0; d < consumer.extents.size(); ++d) {
    bool inRow = consumer.rowRank > 0
                     ? static_cast<int64_t>(d) >= consumer.parallelRank()
                     : llvm::none_of(parallel, [&](AffineExpr expr) { return expr.isFunctionOfDim(d); });
    if (inRow)
      free.push_back(d);
  }
  if (static_cast<int64_t>(free.size()) != producer.rowRank ||
      llvm::any_of(parallel, [&](AffineExpr expr) { return dependsOnAny(expr, free); }))
    return failure();
  // A reduced value does not tell which element of the row is which: in order.
  for (auto [k, dim] : llvm::enumerate(free)) {
    AffineExpr &expr = index[producer.parallelRank() + k];
    if (!expr)
      expr = getAffineDimExpr(dim, consumer.op->getContext());
  }
  for (int64_t d = producer.parallelRank(); d < producer.rank(); ++d) {
    std::optional<unsigned> dim = asDim(index[d]);
    if (!dim || !llvm::is_contained(free, *dim) || llvm::is_contained(rowDims, *dim) ||
        consumer.extents[*dim] != producer.extents[d])
      return failure();
    rowDims.push_back(*dim);
  }
  return success();
}

/// Merged over the consumer's dimensions.
FailureOr<Merge> planInConsumer(const Row &producer, const Row &consumer, ArrayRef<std::pair<unsigned, unsigned>> reads) {
  MLIRContext *context = consumer.op->getContext();
  Merge merge{producer, consumer, consumer.extents, consumer.rowRank, {}, {}, identityIndex(consumer.rank(), context)};
  for (auto [operand, result] : reads) {
    Index index = indexFor(producer, result, consumer, operand);
    SmallVector<unsigned> rowDims;
    if (producer.rowRank > 0) {
      if (failed(matchRows(producer, consumer, index, rowDims)))
        return failure();
      if (merge.rowRank == 0) { // the consumer's dimensions that form the row come last
        SmallVector<unsigned> order;
        for (unsigned d = 0; d < consumer.extents.size(); ++d)
          if (!llvm::is_contained(rowDims, d))
            order.push_back(d);
        llvm::append_range(order, rowDims);
        for (auto [place, d] : llvm::enumerate(order)) {
          merge.extents[place] = consumer.extents[d];
          merge.consumerIndex[d] = getAffineDimExpr(place, context);
        }
        merge.rowRank = rowDims.size();
      }
    }
    for (AffineExpr &expr : index)
      expr = expr.replaceDims(merge.consumerIndex);
    auto *copy = llvm::find(merge.producerIndex, index);
    if (copy == merge.producerIndex.end()) {
      if (producer.rowRank > 0 && !merge.producerIndex.empty())
        return failure(); // rows are not computed twice
      merge.producerIndex.push_back(index);
      copy = std::prev(merge.producerIndex.end());
    }
    merge.sources.push_back({operand, static_cast<unsigned>(copy - merge.producerIndex.begin()), result});
  }
  return merge;
}

/// Merged over the producer's dimensions: the consumer computes one value a row.
FailureOr<Merge> planInProducer(const Row &producer, const Row &consumer, ArrayRef<std::pair<unsigned, unsigned>> reads) {
  if (consumer.rowRank > 0 || producer.rowRank == 0 || consumer.rank() != producer.parallelRank())
    return failure();
  MLIRContext *context = consumer.op->getContext();
  Merge merge{producer, consumer, producer.extents, producer.rowRank, {}, {identityIndex(producer.rank(), context)}, {}};
  for (auto [operand, result] : reads) {
    // consumer dimension <- producer dimension, where both name the same index of the tensor between them
    Index index(consumer.rank());
    AffineMap read = consumer.ins[operand].map, written = producer.outs[result].map;
    if (!read.isPermutation() || static_cast<int64_t>(written.getNumResults()) != producer.parallelRank())
      return failure();
    for (auto [dim, expr] : llvm::zip_equal(read.getResults(), written.getResults()))
      index[cast<AffineDimExpr>(dim).getPosition()] = expr;
    if (!merge.consumerIndex.empty() && merge.consumerIndex != index)
      return failure();
    merge.consumerIndex = index;
    merge.sources.push_back({operand, 0, result});
  }
  return merge;
}

/// The operands of the consumer that read the producer, with the result that each reads.
SmallVector<std::pair<unsigned, unsigned>> readsOf(const Row &producer, const Row &consumer) {
  SmallVector<std::pair<unsigned, unsigned>> reads;
  for (auto [operand, access] : llvm::enumerate(consumer.ins))
    if (access.tensor.getDefiningOp() == producer.op)
      reads.emplace_back(operand, cast<OpResult>(access.tensor).getResultNumber());
  return reads;
}

/// Writes an index of the merged domain as arithmetic.
Value emitIndex(OpBuilder &builder, Location loc, AffineExpr expr) {
  Type i32 = builder.getI32Type();
  if (auto dim = dyn_cast<AffineDimExpr>(expr))
    return IndexOp::create(builder, loc, i32, builder.getI64IntegerAttr(dim.getPosition()));
  if (auto constant = dyn_cast<AffineConstantExpr>(expr))
    return arith::ConstantOp::create(builder, loc, builder.getI32IntegerAttr(static_cast<int32_t>(constant.getValue())));
  auto binary = cast<AffineBinaryOpExpr>(expr);
  Value left = emitIndex(builder, loc, binary.getLHS()), right = emitIndex(builder, loc, binary.getRHS());
  if (expr.getKind() == AffineExprKind::Add)
    return arith::AddIOp::create(builder, loc, left, right);
  return arith::MulIOp::create(builder, loc, left, right);
}

/// Copies the region of a row, whose index in the merged domain is given; returns what it yields.
SmallVector<Value> cloneBody(OpBuilder &builder, const Row &row, ArrayRef<AffineExpr> index, ValueRange args, unsigned rank) {
  IRMapping mapping;
  Block &body = const_cast<Row &>(row).op.getBody().front();
  mapping.map(body.getArguments(), args);
  for (Operation &op : body.without_terminator()) {
    if (auto use = dyn_cast<IndexOp>(op)) {
      AffineExpr expr = simplifyAffineExpr(row.index[use.getDim()].replaceDims(index), rank, 0);
      mapping.map(use.getY(), emitIndex(builder, op.getLoc(), expr));
    } else {
      builder.clone(op, mapping);
    }
  }
  return llvm::map_to_vector(body.getTerminator()->getOperands(), [&](Value value) { return mapping.lookup(value); });
}

Value viewAs(OpBuilder &builder, Location loc, Value tensor, ArrayRef<int64_t> shape) {
  auto type = cast<RankedTensorType>(tensor.getType());
  if (type.getShape() == shape)
    return tensor;
  return ViewOp::create(builder, loc, RankedTensorType::get(shape, type.getElementType()), tensor);
}

/// The accesses of the merged row: each once.
struct Operands {
  SmallVector<Access> accesses;

  unsigned add(Access access) {
    auto *found = llvm::find(accesses, access);
    if (found == accesses.end()) {
      accesses.push_back(std::move(access));
      return accesses.size() - 1;
    }
    return found - accesses.begin();
  }
};

/// Gives users of a row's result the merged row's result, under the shape that they know.
void replaceResult(OpBuilder &builder, Value old, Value merged) {
  old.replaceAllUsesWith(viewAs(builder, merged.getLoc(), merged, cast<RankedTensorType>(old.getType()).getShape()));
}

} // namespace

bool moe::kernel::withinBounds(RowOp producer, RowOp consumer) {
  constexpr size_t mostBodyOps = 240, mostTensors = 28;
  auto ops = [](RowOp row) { return row.getBody().front().getOperations().size(); };
  auto tensors = [](RowOp row) { return row.getIns().size() + row.getOuts().size(); };
  return ops(producer) + ops(consumer) <= mostBodyOps && tensors(producer) + tensors(consumer) <= mostTensors;
}

int64_t Merge::evaluations() const {
  int64_t rank = extents.size(), parallel = rank - rowRank, total = 0;
  for (const Index &index : producerIndex) {
    bool alongRow = llvm::any_of(index, [&](AffineExpr expr) {
      return llvm::any_of(llvm::seq(parallel, rank), [&](int64_t d) { return expr.isFunctionOfDim(d); });
    });
    total += product(ArrayRef(extents).take_front(alongRow ? rank : parallel));
  }
  return total;
}

bool Merge::canStore(unsigned k) const {
  if (producerIndex.size() != 1)
    return false;
  int64_t rank = extents.size(), parallel = rank - rowRank;
  AffineMap map = mapThrough(producer.outs[k].map, producerIndex[0], rank);
  llvm::SmallDenseSet<int64_t> dims;
  for (AffineExpr expr : map.getResults())
    if (std::optional<unsigned> dim = asDim(expr))
      dims.insert(*dim);
  bool wholeDomain = static_cast<int64_t>(dims.size()) == rank;
  bool oncePerRow = static_cast<int64_t>(dims.size()) == parallel && llvm::all_of(dims, [&](int64_t d) { return d < parallel; });
  return dims.size() == map.getNumResults() && (wholeDomain || oncePerRow) &&
         SmallVector<int64_t>(map.compose(extents)) == producer.outs[k].shape;
}

FailureOr<Merge> moe::kernel::planMerge(RowOp producerOp, RowOp consumerOp) {
  // Views between the two: split or join dimensions of the consumer's domain, or else of the producer's.
  for (bool changeConsumer : {true, false}) {
    Row producer(producerOp), consumer(consumerOp);
    auto reads = readsOf(producer, consumer);
    auto sameShapes = [&] {
      for (auto [operand, result] : reads) {
        if (consumer.ins[operand].shape == producer.outs[result].shape)
          continue;
        FailureOr<Row> changed = changeConsumer
                                     ? withAccessShape(consumer, false, operand, producer.outs[result].shape)
                                     : withAccessShape(producer, true, result, consumer.ins[operand].shape);
        if (failed(changed))
          return false;
        (changeConsumer ? consumer : producer) = *changed;
      }
      return llvm::all_of(reads, [&](auto read) { return consumer.ins[read.first].shape == producer.outs[read.second].shape; });
    };
    if (!sameShapes())
      continue;
    FailureOr<Merge> merge = planInConsumer(producer, consumer, reads);
    if (succeeded(merge))
      return merge;
    merge = planInProducer(producer, consumer, reads);
    if (succeeded(merge))
      return merge;
  }
  return failure();
}

RowOp moe::kernel::applyMerge(OpBuilder &builder, Merge &merge, ArrayRef<unsigned> kept) {
  Row &producer = merge.producer, &consumer = merge.consumer;
  unsigned rank = merge.extents.size();
  builder.setInsertionPoint(consumer.op);
  Location loc = consumer.op.getLoc();

  Operands operands;
  auto add = [&](const Access &access, ArrayRef<AffineExpr> index) {
    return operands.add({access.tensor, access.shape, mapThrough(access.map, index, rank)});
  };
  SmallVector<SmallVector<unsigned>> producerArgs;
  for (const Index &index : merge.producerIndex)
    producerArgs.push_back(llvm::map_to_vector(producer.ins, [&](const Access &access) { return add(access, index); }));
  SmallVector<std::optional<unsigned>> consumerArgs(consumer.ins.size());
  for (auto [operand, access] : llvm::enumerate(consumer.ins))
    if (llvm::none_of(merge.sources, [&](const Merge::Source &source) { return source.operand == operand; }))
      consumerArgs[operand] = add(access, merge.consumerIndex);

  SmallVector<Value> ins;
  SmallVector<AffineMap> maps;
  for (const Access &access : operands.accesses) {
    ins.push_back(viewAs(builder, loc, access.tensor, access.shape));
    maps.push_back(access.map);
  }
  SmallVector<Value> replaced;
  SmallVector<Type> types;
  auto addResult = [&](const Access &access, ArrayRef<AffineExpr> index) {
    replaced.push_back(access.tensor);
    types.push_back(RankedTensorType::get(access.shape, getElementTypeOrSelf(access.tensor.getType())));
    maps.push_back(mapThrough(access.map, index, rank));
  };
  for (const Access &access : consumer.outs)
    addResult(access, merge.consumerIndex);
  for (unsigned k : kept)
    addResult(producer.outs[k], merge.producerIndex[0]);

  auto body = [&](OpBuilder &b, Location, ValueRange args) {
    auto pick = [&](ArrayRef<unsigned> which) { return llvm::map_to_vector(which, [&](unsigned k) -> Value { return args[k]; }); };
    SmallVector<SmallVector<Value>> produced;
    for (auto [copy, index] : llvm::enumerate(merge.producerIndex))
      produced.push_back(cloneBody(b, producer, index, pick(producerArgs[copy]), rank));
    SmallVector<Value> consumed(consumer.ins.size());
    for (const Merge::Source &source : merge.sources)
      consumed[source.operand] = produced[source.copy][source.result];
    for (auto [operand, arg] : llvm::enumerate(consumerArgs))
      if (arg)
        consumed[operand] = args[*arg];
    SmallVector<Value> yielded = cloneBody(b, consumer, merge.consumerIndex, consumed, rank);
    for (unsigned k : kept)
      yielded.push_back(produced[0][k]);
    return yielded;
  };
  auto merged = RowOp::create(builder, builder.getFusedLoc({producer.op.getLoc(), loc}), types, ins, merge.extents, merge.rowRank,
                              maps, body);
  for (auto [old, result] : llvm::zip_equal(replaced, merged.getOuts()))
    replaceResult(builder, old, result);
  consumer.op.erase();
  return merged;
}
