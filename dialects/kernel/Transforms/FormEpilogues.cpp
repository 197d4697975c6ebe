//===- FormEpilogues.cpp - the pass kernel-form-epilogues -------------------===//
#include "dialects/kernel/IR/KernelDialect.h"
#include "dialects/kernel/Transforms/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/TypeUtilities.h"
#include "mlir/Pass/Pass.h"

using namespace mlir;

namespace moe::kernel {
#define GEN_PASS_DEF_FORMEPILOGUES
#include "dialects/kernel/Transforms/KernelPasses.h.inc"

namespace {

/// A region is bounded so that its values fit a target's registers.
constexpr size_t mostBodyOps = 120, mostTensors = 20;

/// A map that a product takes in.
struct Epilogue {
  GroupedContractOp product;
  RowOp row;
  /// The other operands of the row, as the product reads them.
  SmallVector<Value> ins;
  SmallVector<AffineMap> maps;
};

/// What an operand of the row is over (expert, row, column).
FailureOr<std::pair<Value, AffineMap>> readByProduct(RowOp row, unsigned k, Value offsets) {
  MLIRContext *context = row.getContext();
  Value in = row.getIns()[k];
  AffineMap map = row.getInMap(k);
  if (!map.isProjectedPermutation())
    return failure();
  SmallVector<AffineExpr> dims{getAffineDimExpr(1, context), getAffineDimExpr(2, context)};
  auto gather = in.getDefiningOp<GatherRowsOp>();
  auto route = gather ? gather.getIndex().getDefiningOp<RouteOp>() : RouteOp();
  bool ofExpert = route && gather.getIndex() == route.getRowExpert() && route.getOffsets() == offsets;
  if (ofExpert && map.getNumResults() > 0 && map.getResult(0) == getAffineDimExpr(0, context)) {
    in = gather.getX();
    dims[0] = getAffineDimExpr(0, context);
  }
  return std::pair(in, map.replaceDimsAndSymbols(dims, {}, 3, 0));
}

/// The last product among the operands of a row whose elements it computes one by one.
FailureOr<Epilogue> match(RowOp row) {
  auto isIdentity = [](AffineMap map) { return map.isIdentity(); };
  if (row.getRank() != 2 || row.getRowRank() != 0 || !llvm::all_of(llvm::seq<unsigned>(row.getNumResults()), [&](unsigned k) { return isIdentity(row.getOutMap(k)); }))
    return failure();
  Epilogue epilogue{{}, row, {}, {}};
  for (Value in : row.getIns()) {
    auto product = in.getDefiningOp<GroupedContractOp>();
    bool isLater = product && (!epilogue.product || epilogue.product->isBeforeInBlock(product));
    if (isLater && product->getBlock() == row->getBlock())
      epilogue.product = product;
  }
  if (!epilogue.product)
    return failure();
  for (unsigned k = 0; k < row.getIns().size(); ++k) {
    if (row.getIns()[k].getDefiningOp() == epilogue.product) {
      if (!isIdentity(row.getInMap(k)))
        return failure();
      continue;
    }
    auto read = readByProduct(row, k, epilogue.product.getOffsets());
    if (failed(read))
      return failure();
    epilogue.ins.push_back(read->first);
    epilogue.maps.push_back(read->second);
  }
  return epilogue;
}

bool isWithinBounds(const Epilogue &epilogue) {
  GroupedContractOp product = epilogue.product;
  RowOp row = epilogue.row;
  size_t ops = row.getBody().front().getOperations().size() + (product.hasRegion() ? product.getBody().front().getOperations().size() : 0);
  return ops <= mostBodyOps && product.getIns().size() + product.getOuts().size() + row.getMaps().size() <= mostTensors;
}

/// Where the two can be one op: at the row, unless something needs the product before, or else at the product if the row's operands are there already.
Operation *findPlace(const Epilogue &epilogue) {
  Operation *product = epilogue.product, *row = epilogue.row;
  if (llvm::all_of(product->getUsers(), [&](Operation *user) { return user == row || row->isBeforeInBlock(user); }))
    return row;
  auto isThere = [&](Value in) { return !in.getDefiningOp() || in.getDefiningOp()->isBeforeInBlock(product); };
  return llvm::all_of(epilogue.ins, isThere) ? product : nullptr;
}

/// The new op's results are those of the row, then those of the product that something else reads.
struct Merger {
  Epilogue &epilogue;
  GroupedContractOp product = epilogue.product;
  RowOp row = epilogue.row;
  SmallVector<unsigned> kept;

  explicit Merger(Epilogue &epilogue) : epilogue(epilogue) {
    for (auto [k, out] : llvm::enumerate(product.getOuts()))
      if (llvm::any_of(out.getUsers(), [&](Operation *user) { return user != row; }))
        kept.push_back(k);
  }

  /// What the product yields in the new op.
  SmallVector<Value> cloneProduct(OpBuilder &builder, ValueRange arguments) {
    if (!product.hasRegion())
      return {arguments.front()};
    IRMapping mapping;
    Block &body = product.getBody().front();
    mapping.map(body.getArguments(), arguments.take_front(body.getNumArguments()));
    for (Operation &op : body.without_terminator())
      builder.clone(op, mapping);
    return llvm::map_to_vector(body.getTerminator()->getOperands(), [&](Value value) { return mapping.lookup(value); });
  }

  /// What the row yields: of values of the product and of arguments for its other operands.
  SmallVector<Value> cloneRow(OpBuilder &builder, ArrayRef<Value> produced, ValueRange arguments) {
    IRMapping mapping;
    Block &body = row.getBody().front();
    for (auto [argument, in] : llvm::zip_equal(body.getArguments(), row.getIns())) {
      if (in.getDefiningOp() == product) {
        mapping.map(argument, produced[cast<OpResult>(in).getResultNumber()]);
      } else {
        mapping.map(argument, arguments.front());
        arguments = arguments.drop_front();
      }
    }
    for (Operation &op : body.without_terminator()) {
      Operation *copy = builder.clone(op, mapping);
      if (auto index = dyn_cast<IndexOp>(copy)) // of (row, column) in (expert, row, column)
        index.setDim(index.getDim() + 1);
    }
    return llvm::map_to_vector(body.getTerminator()->getOperands(), [&](Value value) { return mapping.lookup(value); });
  }

  void buildBody(OpBuilder &builder, GroupedContractOp merged) {
    Block *block = builder.createBlock(&merged.getBody());
    block->addArgument(builder.getF32Type(), product.getLoc());
    for (Value in : merged.getIns())
      block->addArgument(getElementTypeOrSelf(in.getType()), in.getLoc());
    SmallVector<Value> produced = cloneProduct(builder, block->getArguments());
    SmallVector<Value> yielded = cloneRow(builder, produced, block->getArguments().drop_front(1 + product.getIns().size()));
    for (unsigned k : kept)
      yielded.push_back(produced[k]);
    YieldOp::create(builder, row.getLoc(), yielded);
  }

  void run(Operation *place) {
    OpBuilder builder(place);
    SmallVector<Type> types(row->getResultTypes());
    SmallVector<Value> ins(product.getIns()), replaced(row->getResults());
    for (unsigned k : kept) {
      types.push_back(product.getOuts()[k].getType());
      replaced.push_back(product.getOuts()[k]);
    }
    llvm::append_range(ins, epilogue.ins);
    SmallVector<Attribute> maps(product.getMaps() ? product.getMaps()->getValue() : ArrayRef<Attribute>());
    for (AffineMap map : epilogue.maps)
      maps.push_back(AffineMapAttr::get(map));
    auto merged = GroupedContractOp::create(builder, builder.getFusedLoc({product.getLoc(), row.getLoc()}), types, product.getX(), product.getIndex(),
                                            product.getW(), product.getOffsets(), ins, product.getTransposeW(), builder.getArrayAttr(maps));
    buildBody(builder, merged);
    for (auto [old, result] : llvm::zip_equal(replaced, merged.getOuts()))
      old.replaceAllUsesWith(result);
    row.erase();
    product.erase();
  }
};

struct FormEpilogues : impl::FormEpiloguesBase<FormEpilogues> {
  void runOnOperation() override {
    SmallVector<RowOp> rows(getOperation().getOps<RowOp>());
    for (RowOp row : rows) {
      FailureOr<Epilogue> epilogue = match(row);
      if (failed(epilogue) || !isWithinBounds(*epilogue))
        continue;
      Operation *place = findPlace(*epilogue);
      if (!place)
        continue;
      Merger(*epilogue).run(place);
      ++formedEpilogues;
    }
  }
};

} // namespace

std::unique_ptr<Pass> createFormEpiloguesPass() { return std::make_unique<FormEpilogues>(); }

} // namespace moe::kernel
