//===- FormSlices.cpp - the pass kernel-form-slices -------------------------===//
#include "dialects/kernel/Transforms/Passes.h"
#include "dialects/kernel/Transforms/Row.h"
#include "dialects/kernel/Transforms/SliceGroup.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Pass/Pass.h"

using namespace mlir;

namespace moe::kernel {
#define GEN_PASS_DECL_FORMSLICES
#define GEN_PASS_DEF_FORMSLICES
#include "dialects/kernel/Transforms/KernelPasses.h.inc"

namespace {

/// The same contraction with one sum for each index of `dims`, which come first in the result.
ContractOp keepApart(OpBuilder &builder, ContractOp op, ArrayRef<int64_t> dims) {
  SmallVector<AffineExpr> exprs;
  SmallVector<int64_t> shape;
  for (int64_t dim : dims) {
    exprs.push_back(builder.getAffineDimExpr(dim));
    shape.push_back(op.getExtents()[dim]);
  }
  llvm::append_range(exprs, op.getMap(2).getResults());
  auto type = cast<RankedTensorType>(op.getY().getType());
  llvm::append_range(shape, type.getShape());
  AffineMap maps[] = {op.getMap(0), op.getMap(1), AffineMap::get(op.getExtents().size(), 0, exprs, builder.getContext())};
  return ContractOp::create(builder, op.getLoc(), RankedTensorType::get(shape, type.getElementType()), op.getA(), op.getB(), /*init=*/Value(),
                            op.getExtentsAttr(), builder.getAffineMapArrayAttr(maps), op.getGuardsAttr(), op.getGuardSizesAttr());
}

/// The sum over the first dimensions.
Value sumLeading(OpBuilder &builder, Location loc, Value x, RankedTensorType type) {
  ArrayRef<int64_t> shape = cast<RankedTensorType>(x.getType()).getShape();
  unsigned rank = shape.size(), kept = type.getRank(), summed = rank - kept;
  SmallVector<int64_t> extents(shape.drop_front(summed));
  llvm::append_range(extents, shape.take_front(summed));
  SmallVector<AffineExpr> read;
  for (unsigned d = 0; d < rank; ++d)
    read.push_back(builder.getAffineDimExpr(d < summed ? kept + d : d - summed));
  AffineMap maps[] = {AffineMap::get(rank, 0, read, builder.getContext()), builder.getMultiDimIdentityMap(rank).getMajorSubMap(kept)};
  return RowOp::create(builder, loc, TypeRange(type), ValueRange(x), extents, summed, maps,
                       [](OpBuilder &b, Location at, ValueRange args) {
                         return SmallVector<Value>{ReduceOp::create(b, at, ReduceKind::sum, args[0])};
                       })
      .getResult(0);
}

/// Makes one kernel.slices of a group.
class Former {
public:
  explicit Former(const SliceGroup &group) : group(group), ops(group.getOps()), builder(ops.back()) {}

  void run() {
    SmallVector<Operation *> dependents = group.getDependents();
    for (Operation *op : llvm::reverse(dependents))
      op->moveAfter(ops.back());
    builder.setInsertionPointAfter(ops.back());
    fillRegion();
    SlicesOp slices = create();
    replaceResults(slices);
    for (Operation *op : llvm::reverse(ops))
      op->erase();
  }

private:
  void fillRegion() {
    body = new Block();
    OpBuilder inside(builder.getContext());
    inside.setInsertionPointToEnd(body);
    for (Operation *op : ops) {
      for (Value operand : op->getOperands()) {
        bool isInside = operand.getDefiningOp() && group.contains(operand.getDefiningOp());
        if (isInside || mapping.contains(operand))
          continue;
        ins.push_back(operand);
        mapping.map(operand, body->addArgument(operand.getType(), operand.getLoc()));
      }
      dims.push_back(builder.getDenseI64ArrayAttr(group.getDims(op)));
      Operation *copy = inside.clone(*op, mapping);
      if (SmallVector<int64_t> summed = group.getSummedDims(op); !summed.empty()) {
        ContractOp apart = keepApart(inside, cast<ContractOp>(copy), summed);
        copy->erase();
        copy = apart;
      }
      for (auto [result, inner] : llvm::zip_equal(op->getResults(), copy->getResults()))
        if (group.isReadOutside(result)) {
          outs.push_back(result);
          yielded.push_back(inner);
        }
    }
    YieldOp::create(inside, ops.back()->getLoc(), yielded);
  }

  SlicesOp create() {
    SmallVector<Location> locations = llvm::map_to_vector(ops, [](Operation *op) { return op->getLoc(); });
    OperationState state(locations.front(), SlicesOp::getOperationName());
    state.addOperands(ins);
    state.addTypes(TypeRange(ValueRange(yielded)));
    state.addAttribute("extents", builder.getDenseI64ArrayAttr(group.getExtents()));
    state.addAttribute("dims", builder.getArrayAttr(dims));
    state.addRegion()->push_back(body);
    return cast<SlicesOp>(builder.create(state));
  }

  void replaceResults(SlicesOp slices) {
    for (auto [result, whole] : llvm::zip_equal(outs, slices.getOuts())) {
      Value value = whole;
      if (!group.getSummedDims(result.getOwner()).empty())
        value = sumLeading(builder, result.getLoc(), value, cast<RankedTensorType>(result.getType()));
      result.replaceUsesWithIf(value, [&](OpOperand &use) { return !group.contains(use.getOwner()); });
    }
  }

  const SliceGroup &group;
  SmallVector<Operation *> ops;
  OpBuilder builder;
  Block *body = nullptr;
  IRMapping mapping;
  SmallVector<Value> ins, yielded;
  SmallVector<OpResult> outs;
  SmallVector<Attribute> dims;
};

struct FormSlices : impl::FormSlicesBase<FormSlices> {
  using FormSlicesBase::FormSlicesBase;

  bool isWorthwhile(const SliceGroup &group) {
    int64_t slice = group.getLargestSlice();
    return slice > 0 && slice <= mostSliceBytes && group.countSlices() >= leastSlices;
  }

  /// The ops of the group that results of `owner` come from, in program order; none when they read more than a part of the bytes of `values`.
  static SmallVector<Operation *> findSources(Operation *owner, ArrayRef<OpResult> values, const SliceGroup &group) {
    SmallVector<Operation *> sources;
    llvm::SetVector<Value> reads;
    llvm::SetVector<Operation *> pending;
    pending.insert(owner);
    while (!pending.empty()) {
      sources.push_back(pending.pop_back_val());
      for (Value operand : sources.back()->getOperands()) {
        Operation *source = operand.getDefiningOp();
        if (!source || !group.contains(source))
          reads.insert(operand);
        else if (!llvm::is_contained(sources, source))
          pending.insert(source);
      }
    }
    int64_t bytes = 0, saved = 0;
    for (Value read : reads)
      bytes += getBytes(read);
    for (Value value : values)
      saved += getBytes(value);
    if (4 * bytes > saved)
      return {};
    llvm::sort(sources, [](Operation *a, Operation *b) { return a->isBeforeInBlock(b); });
    return sources;
  }

  /// Lets those who read these results of one op outside of the group read copies that are computed there, inside of a group of their own.
  bool computeAgain(ArrayRef<OpResult> values, const SliceGroup &group, unsigned depth) {
    Operation *owner = values.front().getOwner();
    SmallVector<Operation *> sources = depth < mostRecomputations ? findSources(owner, values, group) : SmallVector<Operation *>();
    if (sources.empty())
      return false;
    SmallVector<Operation *> outside;
    for (OpResult value : values)
      llvm::copy_if(value.getUsers(), std::back_inserter(outside), [&](Operation *user) { return !group.contains(user); });
    OpBuilder builder(*llvm::min_element(outside, [](Operation *a, Operation *b) { return a->isBeforeInBlock(b); }));
    IRMapping mapping;
    SmallVector<Operation *> copies = llvm::map_to_vector(sources, [&](Operation *op) { return builder.clone(*op, mapping); });
    auto copyOf = [&](OpResult value) { return cast<OpResult>(mapping.lookup(Value(value))); };
    for (OpResult value : values)
      value.replaceUsesWithIf(copyOf(value), [&](OpOperand &use) { return llvm::is_contained(outside, use.getOwner()); });
    if (formAround(copyOf(values.front()), depth + 1)) {
      ++recomputed;
      return true;
    }
    for (OpResult value : values)
      copyOf(value).replaceAllUsesWith(value);
    for (Operation *op : llvm::reverse(copies))
      op->erase();
    return false;
  }

  bool formWith(OpResult seed, unsigned prefix, unsigned depth) {
    FailureOr<SliceGroup> group = SliceGroup::grow(seed, prefix, limitBytes);
    if (failed(group) || group->getOps().size() < 2)
      return false;
    llvm::MapVector<Operation *, SmallVector<OpResult>> escaping;
    for (OpResult value : group->getEscaping())
      escaping[value.getOwner()].push_back(value);
    for (const auto &[owner, values] : escaping)
      if (!computeAgain(values, *group, depth))
        return false;
    if (!isWorthwhile(*group))
      return false;
    Former(*group).run();
    ++formedSlices;
    return true;
  }

  bool formAround(OpResult seed, unsigned depth) {
    for (int64_t prefix = cast<RankedTensorType>(seed.getType()).getRank() - 2; prefix > 0; --prefix)
      if (formWith(seed, prefix, depth))
        return true;
    return false;
  }

  bool formOne(Block &block) {
    for (Operation &op : block)
      for (OpResult result : op.getResults())
        if (isa<ContractOp>(op) && getBytes(result) > limitBytes && formAround(result, 0))
          return true;
    return false;
  }

  void runOnOperation() override {
    for (Block &block : getOperation().getBody())
      while (formOne(block)) {
      }
  }
};

} // namespace

std::unique_ptr<Pass> createFormSlicesPass() { return std::make_unique<FormSlices>(); }
std::unique_ptr<Pass> createFormSlicesPass(int64_t limit) {
  FormSlicesOptions options;
  options.limitBytes = limit;
  return std::make_unique<FormSlices>(std::move(options));
}

} // namespace moe::kernel
