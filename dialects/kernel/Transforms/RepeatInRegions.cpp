//===- RepeatInRegions.cpp - the pass kernel-repeat-in-regions --------------===//
#include "dialects/kernel/IR/KernelDialect.h"
#include "dialects/kernel/Transforms/Cost.h"
#include "dialects/kernel/Transforms/Passes.h"
#include "dialects/kernel/Transforms/Row.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Pass/Pass.h"

using namespace mlir;

namespace moe::kernel {
#define GEN_PASS_DEF_REPEATINREGIONS
#include "dialects/kernel/Transforms/KernelPasses.h.inc"

namespace {

/// The element of an operand that a region gets.
Value getArgument(GroupedContractOp product, unsigned in) { return product.getBody().front().getArgument(1 + in); }

bool isOwnElement(AffineMap map) {
  return map == AffineMap::get(3, 0, {getAffineDimExpr(1, map.getContext()), getAffineDimExpr(2, map.getContext())}, map.getContext());
}

/// An operand of `reader` that another region computes from what `reader` has as well.
struct Repetition {
  GroupedContractOp maker, reader;
  unsigned result, operand;
  SmallVector<Operation *> ops; ///< of the maker's region, in order
  IRMapping leaves;             ///< of the maker's arguments: the reader's
};

/// The reader's argument that is the same element as an argument of the maker.
Value findLeaf(const Repetition &repetition, BlockArgument leaf) {
  GroupedContractOp maker = repetition.maker, reader = repetition.reader;
  for (unsigned k = 0; k < reader.getIns().size(); ++k) {
    Value in = reader.getIns()[k];
    AffineMap map = reader.getMap(k);
    bool isSame = false;
    if (unsigned number = leaf.getArgNumber()) {
      isSame = in == maker.getIns()[number - 1] && map == maker.getMap(number - 1);
    } else if (in.getDefiningOp() == maker && isOwnElement(map)) { // the sum itself, if it is one of the results
      isSame = maker.getBody().front().getTerminator()->getOperand(cast<OpResult>(in).getResultNumber()) == leaf;
    }
    if (isSame)
      return getArgument(reader, k);
  }
  return {};
}

/// Collects what the maker's result needs; false where the reader lacks something.
bool collect(Repetition &repetition) {
  Block &body = repetition.maker.getBody().front();
  llvm::SmallPtrSet<Value, 16> needed{body.getTerminator()->getOperand(repetition.result)};
  for (Operation &op : llvm::reverse(body.without_terminator())) {
    if (llvm::none_of(op.getResults(), [&](Value value) { return needed.contains(value); }))
      continue;
    if (isa<RandomOp>(op))
      return false;
    repetition.ops.push_back(&op);
    needed.insert(op.operand_begin(), op.operand_end());
  }
  std::reverse(repetition.ops.begin(), repetition.ops.end());
  for (BlockArgument argument : body.getArguments()) {
    if (!needed.contains(argument))
      continue;
    Value leaf = findLeaf(repetition, argument);
    if (!leaf)
      return false;
    repetition.leaves.map(argument, leaf);
  }
  return !repetition.ops.empty();
}

/// In bytes: a read, and a write where nothing else reads the result.
bool pays(const Repetition &repetition) {
  GroupedContractOp maker = repetition.maker;
  OpResult result = maker->getResult(repetition.result);
  double saved = static_cast<double>(getBytes(result)) * (result.hasOneUse() ? 2 : 1);
  return getRegionCost(repetition.ops, static_cast<double>(maker.getRows() * maker.getOutputs())) <= saved;
}

std::optional<Repetition> find(GroupedContractOp reader) {
  for (unsigned k = 0; reader.hasRegion() && k < reader.getIns().size(); ++k) {
    auto maker = reader.getIns()[k].getDefiningOp<GroupedContractOp>();
    if (!maker || !maker.hasRegion() || !isOwnElement(reader.getMap(k)) || maker.getOffsets() != reader.getOffsets())
      continue;
    Repetition repetition{maker, reader, cast<OpResult>(reader.getIns()[k]).getResultNumber(), k, {}, {}};
    if (collect(repetition) && pays(repetition))
      return repetition;
  }
  return std::nullopt;
}

/// The product with these of its operands and results. `change` may add to the region, before the old one is taken over.
GroupedContractOp rebuild(GroupedContractOp product, ArrayRef<unsigned> operands, ArrayRef<unsigned> results,
                          llvm::function_ref<void(OpBuilder &, IRMapping &)> change = nullptr) {
  OpBuilder builder(product);
  SmallVector<Value> ins;
  SmallVector<Attribute> maps;
  SmallVector<Type> types;
  for (unsigned k : operands) {
    ins.push_back(product.getIns()[k]);
    maps.push_back(AffineMapAttr::get(product.getMap(k)));
  }
  for (unsigned k : results)
    types.push_back(product->getResult(k).getType());
  auto made = GroupedContractOp::create(builder, product.getLoc(), types, product.getX(), product.getIndex(), product.getW(), product.getOffsets(), ins,
                                        product.getTransposeW(), builder.getArrayAttr(maps));
  Block &old = product.getBody().front(), *block = builder.createBlock(&made.getBody());
  IRMapping mapping;
  mapping.map(old.getArgument(0), block->addArgument(builder.getF32Type(), product.getLoc()));
  for (unsigned k : operands)
    mapping.map(getArgument(product, k), block->addArgument(getArgument(product, k).getType(), product.getLoc()));
  if (change)
    change(builder, mapping);
  for (Operation &op : old.without_terminator())
    builder.clone(op, mapping);
  YieldOp::create(builder, product.getLoc(), llvm::map_to_vector(results, [&](unsigned k) { return mapping.lookup(old.getTerminator()->getOperand(k)); }));
  for (auto [k, result] : llvm::zip_equal(results, made.getOuts()))
    product->getResult(k).replaceAllUsesWith(result);
  product.erase();
  return made;
}

/// Leaves of a product the results that are read and the operands that these need.
void dropUnread(GroupedContractOp product) {
  SmallVector<unsigned> results, operands = llvm::to_vector(llvm::seq<unsigned>(product.getIns().size()));
  for (OpResult result : product->getResults())
    if (!result.use_empty())
      results.push_back(result.getResultNumber());
  if (!results.empty() && results.size() < product->getNumResults())
    rebuild(product, operands, results);
}

/// Returns the reader that computes the operand itself.
GroupedContractOp apply(Repetition &repetition) {
  GroupedContractOp maker = repetition.maker, reader = repetition.reader;
  SmallVector<unsigned> operands;
  for (unsigned k = 0; k < reader.getIns().size(); ++k)
    if (k != repetition.operand)
      operands.push_back(k);
  GroupedContractOp made =
      rebuild(reader, operands, llvm::to_vector(llvm::seq<unsigned>(reader->getNumResults())), [&](OpBuilder &builder, IRMapping &mapping) {
        IRMapping inner;
        for (auto [argument, leaf] : repetition.leaves.getValueMap())
          inner.map(argument, mapping.lookup(leaf));
        for (Operation *op : repetition.ops)
          builder.clone(*op, inner);
        mapping.map(getArgument(reader, repetition.operand), inner.lookup(maker.getBody().front().getTerminator()->getOperand(repetition.result)));
      });
  dropUnread(maker);
  return made;
}

struct RepeatInRegions : impl::RepeatInRegionsBase<RepeatInRegions> {
  void runOnOperation() override {
    // In program order: the makers of a product come before it and are not looked at again when they are built anew.
    for (GroupedContractOp product : SmallVector<GroupedContractOp>(getOperation().getOps<GroupedContractOp>()))
      while (auto repetition = find(product)) {
        product = apply(*repetition);
        ++repeatedOperands;
      }
  }
};

} // namespace

std::unique_ptr<Pass> createRepeatInRegionsPass() { return std::make_unique<RepeatInRegions>(); }

} // namespace moe::kernel
