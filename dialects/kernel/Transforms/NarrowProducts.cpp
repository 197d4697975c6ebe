//===- NarrowProducts.cpp - the pass kernel-narrow-products -----------------===//
#include "dialects/kernel/Transforms/Passes.h"
#include "dialects/kernel/Transforms/Row.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"
#include "mlir/Pass/Pass.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace moe::kernel {
#define GEN_PASS_DECL_NARROWPRODUCTS
#define GEN_PASS_DEF_NARROWPRODUCTS
#include "dialects/kernel/Transforms/KernelPasses.h.inc"

namespace {

/// What a product multiplies; nothing of any other op.
SmallVector<OpOperand *> getFactors(Operation *op) {
  return llvm::TypeSwitch<Operation *, SmallVector<OpOperand *>>(op)
      .Case<ContractOp, GroupedOuterOp>([](auto product) { return SmallVector<OpOperand *>{&product.getAMutable(), &product.getBMutable()}; })
      .Case([](GroupedContractOp product) { return SmallVector<OpOperand *>{&product.getXMutable(), &product.getWMutable()}; })
      .Default(SmallVector<OpOperand *>());
}

/// Gives values a bf16 form, each one.
class Narrower {
public:
  Value narrow(Value value) {
    Value &known = narrowed[value];
    if (known)
      return known;
    Value made = make(value);
    return narrowed[value] = made; // `known` may have moved
  }

private:
  Value make(Value value) {
    auto type = cast<RankedTensorType>(value.getType());
    auto stored = RankedTensorType::get(type.getShape(), BFloat16Type::get(type.getContext()));
    // What only moves elements moves half the bytes.
    if (auto view = value.getDefiningOp<ViewOp>()) {
      Value source = narrow(view.getX());
      OpBuilder builder(view);
      return ViewOp::create(builder, view.getLoc(), stored, source, view.getOffset());
    }
    if (auto gather = value.getDefiningOp<GatherRowsOp>()) {
      Value source = narrow(gather.getX());
      OpBuilder builder(gather);
      return GatherRowsOp::create(builder, gather.getLoc(), stored, source, gather.getIndex());
    }
    return round(value, stored);
  }

  static Value round(Value value, RankedTensorType stored) {
    OpBuilder builder(value.getContext());
    builder.setInsertionPointAfterValue(value);
    AffineMap identity = builder.getMultiDimIdentityMap(stored.getRank());
    AffineMap maps[] = {identity, identity};
    auto body = [&](OpBuilder &b, Location at, ValueRange args) {
      return SmallVector<Value>{arith::TruncFOp::create(b, at, stored.getElementType(), args[0])};
    };
    return RowOp::create(builder, value.getLoc(), TypeRange(stored), ValueRange(value), stored.getShape(), /*rowRank=*/0, maps, body).getResult(0);
  }

  llvm::DenseMap<Value, Value> narrowed;
};

/// Whether what is routed is chosen by a value, through rows and views.
bool decidesRouting(Value value) {
  SmallVector<Value> pending{value};
  llvm::DenseSet<Value> seen;
  while (!pending.empty()) {
    Value next = pending.pop_back_val();
    if (!seen.insert(next).second)
      continue;
    for (Operation *user : next.getUsers()) {
      if (isa<TopMaskOp, RouteOp>(user))
        return true;
      if (isa<RowOp, ViewOp>(user))
        llvm::append_range(pending, user->getResults());
    }
  }
  return false;
}

struct NarrowProducts : impl::NarrowProductsBase<NarrowProducts> {
  using NarrowProductsBase::NarrowProductsBase;

  void runOnOperation() override {
    auto precision = getOperation()->getAttrOfType<StringAttr>("moe.precision");
    if (!always && (!precision || precision != "bf16"))
      return;
    SmallVector<Operation *> products;
    for (Operation &op : getOperation().getBody().getOps()) // before slices are formed
      if (SmallVector<OpOperand *> factors = getFactors(&op); !factors.empty() && getElementTypeOrSelf(factors[0]->get()).isF32())
        products.push_back(&op);
    Narrower narrower;
    for (Operation *product : products) {
      if (decidesRouting(product->getResult(0))) {
        ++kept;
        continue;
      }
      for (OpOperand *factor : getFactors(product))
        factor->set(narrower.narrow(factor->get()));
      ++narrowed;
    }
  }
};

} // namespace

std::unique_ptr<Pass> createNarrowProductsPass() { return std::make_unique<NarrowProducts>(); }

} // namespace moe::kernel
