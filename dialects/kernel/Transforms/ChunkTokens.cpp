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

int64_t getBytes(Value tensor) {
  auto type = cast<RankedTensorType>(tensor.getType());
  return type.getNumElements() * (type.getElementType().isInteger(1) ? 1 : 4);
}

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
      if (d == first) {
        token = renamed[d];
      } else if (isToken) {
        renamed[d] = token;
      }
    }
  }

  AffineMap rename(AffineMap map, TokenUse use) const {
    SmallVector<AffineExpr> exprs;
    for (AffineExpr expr : map.getResults().drop_front(use == TokenUse::leading ? dims.size() - 1 : 0)) {
      exprs.push_back(expr.replaceDims(renamed));
    }
    return AffineMap::get(extents.size(), 0, exprs, map.getContext());
  }
};

/// Runs a group chunk by chunk.
class Chunker {
public:
  Chunker(const ChunkGroup &group, int64_t chunk) : group(group), chunk(chunk), builder(group.getOps().back()) {}

  void run() {
    for (Operation *op : llvm::reverse(group.getDependents())) {
      op->moveAfter(group.getOps().back());
    }
    builder.setInsertionPointAfter(group.getOps().back());
    for (first = 0; first < group.getTokens(); first += chunk) {
      current.clear();
      for (Operation *op : group.getOps()) {
        emit(op);
      }
      for (auto [whole, part] : current) {
        parts[whole].push_back(part);
      }
    }
    replaceResults();
  }

private:
  void emit(Operation *op) {
    if (auto row = dyn_cast<RowOp>(op)) {
      emitRow(row);
    } else {
      emitContract(cast<ContractOp>(op));
    }
  }

  /// The tokens of this chunk in an operand.
  Value getOperand(OpOperand &operand) {
    if (group.getUse(operand) == TokenUse::none) {
      return operand.get();
    }
    Value root = skipViews(operand.get());
    ArrayRef<int64_t> shape = cast<RankedTensorType>(operand.get().getType()).getShape();
    size_t dims = group.getDims(operand.getOwner()).size();
    SmallVector<int64_t> chunkShape{chunk};
    llvm::append_range(chunkShape, shape.drop_front(dims));
    RankedTensorType type = getType(chunkShape, root);
    Value part = current.lookup(root);
    if (!part) {
      return ViewOp::create(builder, operand.getOwner()->getLoc(), type, root, first * (type.getNumElements() / chunk));
    }
    return part.getType() == type ? part : ViewOp::create(builder, operand.getOwner()->getLoc(), type, part).getResult();
  }

  RankedTensorType getResultType(OpResult result) {
    auto type = cast<RankedTensorType>(result.getType());
    if (group.getUse(result) == TokenUse::none) {
      return type;
    }
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
    if (op.getGuards()) {
      guards = AffineMapAttr::get(domain.rename(*op.getGuards(), TokenUse::none));
    }
    auto part = ContractOp::create(builder, op.getLoc(), getResultType(result), getOperand(op.getAMutable()), getOperand(op.getBMutable()), init,
                                   builder.getDenseI64ArrayAttr(domain.extents), builder.getAffineMapArrayAttr(maps), guards, op.getGuardSizesAttr());
    setPart(result, part.getY());
  }

  void emitRow(RowOp op) {
    ChunkDomain domain(op.getExtents(), group.getDims(op), chunk, op.getContext());
    SmallVector<Value> ins;
    SmallVector<AffineMap> maps;
    for (OpOperand &operand : op->getOpOperands()) {
      ins.push_back(getOperand(operand));
      maps.push_back(domain.rename(getAccess(operand), group.getUse(operand)));
    }
    SmallVector<Type> types;
    SmallVector<AffineMap> outMaps;
    bool continues = false; // sums of the chunks before are further operands
    for (OpResult result : op->getResults()) {
      types.push_back(getResultType(result));
      outMaps.push_back(domain.rename(getAccess(result), group.getUse(result)));
      if (Value sum = sums.lookup(result)) {
        continues = true;
        ins.push_back(sum);
        maps.push_back(outMaps.back());
      }
    }
    llvm::append_range(maps, outMaps);
    bool isParallel = static_cast<int64_t>(group.getDims(op).front()) < op.getParallelRank();
    int64_t rowRank = isParallel ? static_cast<int64_t>(op.getRowRank()) : 1;
    auto body = [&](OpBuilder &b, Location loc, ValueRange args) {
      SmallVector<Value> yielded = cloneBody(op, domain, b, args.take_front(op.getIns().size()));
      if (continues) {
        for (auto [value, sum] : llvm::zip_equal(yielded, args.drop_front(op.getIns().size()))) {
          value = arith::AddFOp::create(b, loc, sum, value);
        }
      }
      return yielded;
    };
    auto part = RowOp::create(builder, op.getLoc(), types, ins, domain.extents, rowRank, maps, body);
    for (auto [result, value] : llvm::zip_equal(op->getResults(), part.getOuts())) {
      setPart(result, value);
    }
  }

  static SmallVector<Value> cloneBody(RowOp op, const ChunkDomain &domain, OpBuilder &b, ValueRange args) {
    IRMapping mapping;
    Block &block = op.getBody().front();
    mapping.map(block.getArguments(), args);
    for (Operation &inner : block.without_terminator()) {
      Operation *clone = b.clone(inner, mapping);
      if (auto index = dyn_cast<IndexOp>(clone)) {
        index.setDim(cast<AffineDimExpr>(domain.renamed[index.getDim()]).getPosition());
      }
    }
    return llvm::map_to_vector(op.getYield()->getOperands(), [&](Value value) { return mapping.lookup(value); });
  }

  void setPart(OpResult whole, Value part) {
    if (group.getUse(whole) == TokenUse::leading) {
      current[whole] = part;
    } else {
      sums[whole] = part;
    }
  }

  /// Erases the group; what is left of its uses gets the joined chunks or the sums.
  void replaceResults() {
    builder.setInsertionPointAfter(current.back().second.getDefiningOp());
    for (Operation *op : group.getOps()) {
      op->dropAllReferences();
    }
    for (Operation *op : llvm::reverse(group.getDependents())) {
      if (isa<ViewOp>(op) && op->use_empty()) { // only the group saw through it
        op->erase();
      }
    }
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
  llvm::DenseMap<Value, Value> sums;     ///< the sums so far of each result that has none
  llvm::DenseMap<Value, SmallVector<Value>> parts;
};

struct ChunkTokens : impl::ChunkTokensBase<ChunkTokens> {
  using ChunkTokensBase::ChunkTokensBase;

  /// Tokens of a chunk: the most that divide all tokens and keep the part of `seed` within `chunkBytes`.
  int64_t chooseChunk(Value seed, int64_t tokens) {
    int64_t most = std::max<int64_t>(leastTokens, chunkBytes / (getBytes(seed) / tokens));
    int64_t chunk = std::min(most, tokens);
    while (tokens % chunk != 0) {
      --chunk;
    }
    return chunk;
  }

  bool chunkAround(OpResult seed) {
    for (int64_t prefix = cast<RankedTensorType>(seed.getType()).getRank() - 1; prefix > 0; --prefix) {
      FailureOr<ChunkGroup> group = ChunkGroup::grow(seed, prefix, limitBytes);
      if (failed(group)) {
        continue;
      }
      int64_t chunk = chooseChunk(seed, group->getTokens());
      if (chunk == group->getTokens() || chunk < leastTokens) {
        continue;
      }
      Chunker(*group, chunk).run();
      ++chunkedGroups;
      return true;
    }
    return false;
  }

  bool chunkOne(Block &block) {
    for (Operation &op : block) {
      for (OpResult result : op.getResults()) {
        if (isa<RowOp, ContractOp>(op) && getBytes(result) > limitBytes && chunkAround(result)) {
          return true;
        }
      }
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

} // namespace moe::kernel
