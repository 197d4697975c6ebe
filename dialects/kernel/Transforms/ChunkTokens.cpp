//===- ChunkTokens.cpp - the pass kernel-chunk-tokens -----------------------===//
#include "dialects/kernel/Transforms/ChunkGroup.h"
#include "dialects/kernel/Transforms/Passes.h"
#include "dialects/kernel/Transforms/Row.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Pass/Pass.h"

using namespace mlir;

namespace moe::kernel {
#define GEN_PASS_DECL_CHUNKTOKENS
#define GEN_PASS_DEF_CHUNKTOKENS
#include "dialects/kernel/Transforms/KernelPasses.h.inc"

namespace {

RankedTensorType getType(ArrayRef<int64_t> shape, Value like) {
  return RankedTensorType::get(shape, getElementTypeOrSelf(like.getType()));
}

/// An op's domain with the token dimensions joined into one, of the extent of a chunk.
struct ChunkDomain {
  SmallVector<int64_t> extents;
  SmallVector<AffineExpr> renamed; ///< of each old dimension; those of the tokens all name the new one
  TokenDims dims;

  ChunkDomain(ArrayRef<int64_t> old, const TokenDims &dims, int64_t tokens, MLIRContext *context) : dims(dims) {
    renamed.resize(old.size());
    unsigned first = *llvm::min_element(dims);
    AffineExpr token;
    for (unsigned d = 0; d < old.size(); ++d) {
      bool isToken = llvm::is_contained(dims, d);
      if (!isToken || d == first) {
        renamed[d] = getAffineDimExpr(extents.size(), context);
        extents.push_back(isToken ? tokens : old[d]);
      }
      if (d == first)
        token = renamed[d];
      else if (isToken)
        renamed[d] = token;
    }
  }

  AffineMap rename(AffineMap map, TokenUse use) const {
    SmallVector<AffineExpr> exprs;
    for (AffineExpr expr : map.getResults().drop_front(use == TokenUse::leading ? dims.size() - 1 : 0))
      exprs.push_back(expr.replaceDims(renamed));
    return AffineMap::get(extents.size(), 0, exprs, map.getContext());
  }
};

/// Runs a group chunk by chunk.
class Chunker {
public:
  Chunker(const ChunkGroup &group, int64_t chunk) : group(group), chunk(chunk), builder(group.getOps().back()) {}

  void run() {
    for (Operation *op : llvm::reverse(group.getDependents()))
      op->moveAfter(group.getOps().back());
    builder.setInsertionPointAfter(group.getOps().back());
    for (first = 0; first < group.getTokens(); first += chunk) {
      current.clear();
      for (Operation *op : group.getOps())
        emit(op);
      for (auto [whole, part] : current)
        parts[whole].push_back(part);
    }
    replaceResults();
  }

private:
  void emit(Operation *op) {
    if (auto row = dyn_cast<RowOp>(op))
      emitRow(row);
    else
      emitContract(cast<ContractOp>(op));
  }

  /// The tokens of this chunk in an operand.
  Value getOperand(OpOperand &operand) {
    if (group.getUse(operand) == TokenUse::none)
      return operand.get();
    Value root = skipViews(operand.get());
    ArrayRef<int64_t> shape = cast<RankedTensorType>(operand.get().getType()).getShape();
    size_t dims = group.getDims(operand.getOwner()).size();
    SmallVector<int64_t> chunkShape{chunk};
    llvm::append_range(chunkShape, shape.drop_front(dims));
    RankedTensorType type = getType(chunkShape, root);
    Value part = current.lookup(root);
    if (!part)
      return ViewOp::create(builder, operand.getOwner()->getLoc(), type, root, first * (type.getNumElements() / chunk));
    return part.getType() == type ? part : ViewOp::create(builder, operand.getOwner()->getLoc(), type, part).getResult();
  }

  RankedTensorType getResultType(OpResult result) {
    auto type = cast<RankedTensorType>(result.getType());
    if (group.getUse(result) == TokenUse::none)
      return type;
    SmallVector<int64_t> shape{chunk};
    llvm::append_range(shape, type.getShape().drop_front(group.getDims(result.getOwner()).size()));
    return getType(shape, result);
  }

  void emitContract(ContractOp op) {
    ChunkDomain domain(op.getExtents(), group.getDims(op), chunk, op.getContext());
    auto result = cast<OpResult>(op.getY());
    Value init = op.getInit() ? getOperand(op.getInitMutable()[0]) : sums.lookup(result);
    AffineMap maps[] = {domain.rename(op.getMap(0), group.getUse(op.getAMutable())), domain.rename(op.getMap(1), group.getUse(op.getBMutable())),
                        domain.rename(op.getMap(2), group.getUse(result))};
    AffineMapAttr guards;
    if (op.getGuards())
      guards = AffineMapAttr::get(domain.rename(*op.getGuards(), TokenUse::none));
    auto part = ContractOp::create(builder, op.getLoc(), getResultType(result), getOperand(op.getAMutable()), getOperand(op.getBMutable()), init,
                                   builder.getDenseI64ArrayAttr(domain.extents), builder.getAffineMapArrayAttr(maps), guards, op.getGuardSizesAttr());
    setPart(result, part.getY());
  }

  /// The operands of a row's part, with their maps.
  void addOperands(RowOp op, const ChunkDomain &domain, SmallVector<Value> &ins, SmallVector<AffineMap> &maps) {
    for (OpOperand &operand : op->getOpOperands()) {
      ins.push_back(getOperand(operand));
      maps.push_back(domain.rename(getAccess(operand), group.getUse(operand)));
    }
  }

  void emitRow(RowOp op) {
    ChunkDomain domain(op.getExtents(), group.getDims(op), chunk, op.getContext());
    if (static_cast<int64_t>(group.getDims(op).front()) >= op.getParallelRank())
      return emitSums(op, domain);
    SmallVector<Value> ins;
    SmallVector<AffineMap> maps;
    addOperands(op, domain, ins, maps);
    SmallVector<Type> types;
    for (OpResult result : op->getResults()) {
      types.push_back(getResultType(result));
      maps.push_back(domain.rename(getAccess(result), group.getUse(result)));
    }
    auto body = [&](OpBuilder &b, Location, ValueRange args) {
      IRMapping mapping;
      mapping.map(op.getBody().front().getArguments(), args);
      return cloneValues(op.getYield()->getOperands(), domain, b, mapping);
    };
    auto part = RowOp::create(builder, op.getLoc(), types, ins, domain.extents, static_cast<int64_t>(op.getRowRank()), maps, body);
    for (auto [result, value] : llvm::zip_equal(op->getResults(), part.getOuts()))
      setPart(result, value);
  }

  /// A row over the tokens: its sums go on from those of the chunks before.
  void emitSums(RowOp op, const ChunkDomain &domain) {
    SmallVector<Value> ins, reduced;
    SmallVector<AffineMap> maps;
    addOperands(op, domain, ins, maps);
    auto parallel = ArrayRef<int64_t>(domain.extents).drop_back();
    AffineMap outMap = builder.getMultiDimIdentityMap(domain.extents.size()).getMajorSubMap(parallel.size());
    SmallVector<Type> types;
    for (ReduceOp reduce : op.getBody().getOps<ReduceOp>()) {
      reduced.push_back(reduce.getX());
      types.push_back(RankedTensorType::get(parallel, reduce.getType()));
    }
    SmallVector<Value> &soFar = rowSums[op];
    llvm::append_range(ins, soFar);
    maps.append(soFar.size() + types.size(), outMap);
    auto body = [&](OpBuilder &b, Location loc, ValueRange args) {
      IRMapping mapping;
      mapping.map(op.getBody().front().getArguments(), args.take_front(op.getIns().size()));
      SmallVector<Value> yielded = cloneValues(reduced, domain, b, mapping);
      for (auto [k, value] : llvm::enumerate(yielded)) {
        value = ReduceOp::create(b, loc, ReduceKind::sum, value);
        if (!soFar.empty())
          value = arith::AddFOp::create(b, loc, args[op.getIns().size() + k], value);
      }
      return yielded;
    };
    soFar = llvm::to_vector_of<Value>(RowOp::create(builder, op.getLoc(), types, ins, domain.extents, /*rowRank=*/1, maps, body).getOuts());
  }

  /// What follows the sums of a row, once they are whole.
  void finishSums(RowOp op) {
    ChunkDomain domain(op.getExtents(), group.getDims(op), 1, op.getContext());
    SmallVector<int64_t> extents(ArrayRef<int64_t>(domain.extents).drop_back());
    auto overParallel = [&](AffineMap map) {
      return AffineMap::get(extents.size(), 0, domain.rename(map, TokenUse::none).getResults(), op.getContext());
    };
    SmallVector<Value> ins;
    SmallVector<AffineMap> maps;
    SmallVector<unsigned> uniform; // the operands without tokens
    for (OpOperand &operand : op->getOpOperands()) {
      if (group.getUse(operand) == TokenUse::none) {
        uniform.push_back(operand.getOperandNumber());
        ins.push_back(operand.get());
        maps.push_back(overParallel(getAccess(operand)));
      }
    }
    ArrayRef<Value> whole = rowSums[op];
    llvm::append_range(ins, whole);
    maps.append(whole.size(), builder.getMultiDimIdentityMap(extents.size()));
    for (OpResult result : op->getResults())
      maps.push_back(overParallel(getAccess(result)));
    auto body = [&](OpBuilder &b, Location, ValueRange args) {
      IRMapping mapping;
      for (auto [k, operand] : llvm::enumerate(uniform))
        mapping.map(op.getBody().getArgument(operand), args[k]);
      for (auto [k, reduce] : llvm::enumerate(op.getBody().getOps<ReduceOp>()))
        mapping.map(reduce.getY(), args[uniform.size() + k]);
      return cloneValues(op.getYield()->getOperands(), domain, b, mapping);
    };
    auto finished = RowOp::create(builder, op.getLoc(), op->getResultTypes(), ins, extents, /*rowRank=*/0, maps, body);
    for (auto [result, value] : llvm::zip_equal(op->getResults(), finished.getOuts()))
      sums[result] = value;
  }

  /// Copies what `values` need and `mapping` does not have.
  static SmallVector<Value> cloneValues(ValueRange values, const ChunkDomain &domain, OpBuilder &b, IRMapping &mapping) {
    for (Value value : values) {
      if (mapping.contains(value))
        continue;
      Operation *source = value.getDefiningOp();
      cloneValues(source->getOperands(), domain, b, mapping);
      Operation *clone = b.clone(*source, mapping);
      if (auto index = dyn_cast<IndexOp>(clone))
        index.setDim(cast<AffineDimExpr>(domain.renamed[index.getDim()]).getPosition());
    }
    return llvm::map_to_vector(values, [&](Value value) { return mapping.lookup(value); });
  }

  void setPart(OpResult whole, Value part) {
    if (group.getUse(whole) == TokenUse::leading)
      current[whole] = part;
    else
      sums[whole] = part;
  }

  /// Erases the group; what is left of its uses gets the joined chunks or the sums.
  void replaceResults() {
    for (auto &entry : rowSums)
      finishSums(cast<RowOp>(entry.first));
    Operation *lastEmitted = &*std::prev(builder.getInsertionPoint());
    for (Operation *op : group.getOps())
      op->dropAllReferences();
    for (Operation *op : llvm::reverse(group.getDependents()))
      if (isa<ViewOp>(op) && op->use_empty()) // only the group saw through it
        op->erase();
    builder.setInsertionPointAfter(lastEmitted);
    for (Operation *op : group.getOps()) {
      for (OpResult result : op->getResults()) {
        if (!result.use_empty()) {
          Value sum = sums.lookup(result);
          result.replaceAllUsesWith(sum ? sum : join(result));
        }
      }
      op->erase();
    }
  }

  Value join(OpResult result) {
    ArrayRef<Value> chunks = parts[result];
    auto part = cast<RankedTensorType>(chunks.front().getType());
    SmallVector<int64_t> shape(part.getShape());
    shape[0] = group.getTokens();
    Location loc = result.getLoc();
    Value joined = ConcatOp::create(builder, loc, getType(shape, result), chunks, /*dim=*/0);
    return joined.getType() == result.getType() ? joined : ViewOp::create(builder, loc, result.getType(), joined).getResult();
  }

  const ChunkGroup &group;
  int64_t chunk, first = 0;
  OpBuilder builder;
  llvm::MapVector<Value, Value> current; ///< this chunk's part of each result that has tokens
  llvm::DenseMap<Value, Value> sums;     ///< the sums so far, in the end whole, of each result that has none
  llvm::MapVector<Operation *, SmallVector<Value>> rowSums; ///< the sums so far inside each row over the tokens
  llvm::DenseMap<Value, SmallVector<Value>> parts;
};

struct ChunkTokens : impl::ChunkTokensBase<ChunkTokens> {
  using ChunkTokensBase::ChunkTokensBase;

  /// Tokens of a chunk: the most that divide all tokens and keep the part of `seed` within `chunkBytes`, or within four times as much where weights would be most of
  /// what a chunk reads.
  int64_t chooseChunk(Value seed, const ChunkGroup &group) {
    int64_t tokens = group.getTokens(), within = chunkBytes / (getBytes(seed) / tokens), balance = group.getBalance();
    int64_t chunk = std::min(std::max<int64_t>(leastTokens, within), tokens);
    while (tokens % chunk != 0)
      --chunk;
    for (int64_t larger = chunk + 1; chunk < balance && larger <= std::min(4 * within, tokens); ++larger)
      if (tokens % larger == 0)
        chunk = larger;
    return chunk;
  }

  bool chunkAround(OpResult seed) {
    for (int64_t prefix = cast<RankedTensorType>(seed.getType()).getRank() - 1; prefix > 0; --prefix) {
      FailureOr<ChunkGroup> group = ChunkGroup::grow(seed, prefix, limitBytes);
      if (failed(group))
        continue;
      int64_t chunk = chooseChunk(seed, *group);
      if (chunk == group->getTokens() || chunk < leastTokens)
        continue;
      Chunker(*group, chunk).run();
      ++chunkedGroups;
      return true;
    }
    return false;
  }

  bool chunkOne(Block &block) {
    for (Operation &op : block) {
      for (OpResult result : op.getResults())
        if (isa<RowOp, ContractOp>(op) && getBytes(result) > limitBytes && chunkAround(result))
          return true;
    }
    return false;
  }

  void runOnOperation() override {
    for (Block &block : getOperation().getBody()) {
      while (chunkOne(block)) {
      }
    }
  }
};

} // namespace

std::unique_ptr<Pass> createChunkTokensPass() { return std::make_unique<ChunkTokens>(); }
std::unique_ptr<Pass> createChunkTokensPass(int64_t limit, int64_t chunk) {
  ChunkTokensOptions options;
  options.limitBytes = limit;
  options.chunkBytes = chunk;
  return std::make_unique<ChunkTokens>(std::move(options));
}

} // namespace moe::kernel
