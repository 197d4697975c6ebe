//===- MoeToKernel.cpp - the pass convert-moe-to-kernel ---------------------===//
#include "lib/Conversion/MoeToKernel/MoeToKernel.h"

#include "dialects/moe/IR/Origins.h"
#include "dialects/moe/Transforms/InlineMomentum.h"
#include "lib/Conversion/MoeToKernel/Patterns.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;

namespace moe {
#define GEN_PASS_DEF_CONVERTMOETOKERNEL
#include "lib/Conversion/MoeToKernel/MoeToKernelPasses.h.inc"

namespace {

/// Kernels compute in f32, and a routing has no bytes of its own to be passed by.
LogicalResult checkSupported(ModuleOp module) {
  auto isDouble = [](Value value) { return getElementTypeOrSelf(value.getType()).isF64(); };
  auto isRouting = [](Type type) { return isa<RoutingType>(type); };
  WalkResult result = module.walk([&](Operation *op) -> WalkResult {
    auto function = dyn_cast<func::FuncOp>(op);
    if (llvm::any_of(op->getResults(), isDouble) || (function && llvm::any_of(function.getArguments(), isDouble)))
      return op->emitError("f64 is not supported in kernels: the program must be f32");
    if (function && (llvm::any_of(function.getArgumentTypes(), isRouting) || llvm::any_of(function.getResultTypes(), isRouting)))
      return op->emitError("a routing does not cross the boundary of a program");
    return WalkResult::advance();
  });
  return failure(result.wasInterrupted());
}

struct ConvertMoeToKernel : impl::ConvertMoeToKernelBase<ConvertMoeToKernel> {
  void runOnOperation() override {
    if (failed(checkSupported(getOperation())))
      return signalPassFailure();
    // A momentum rule is elementwise arithmetic: in place of the op, its ops.
    SmallVector<MomentumOp> rules;
    getOperation().walk([&](MomentumOp op) { rules.push_back(op); });
    llvm::for_each(rules, inlineMomentum);
    for (auto function : getOperation().getOps<func::FuncOp>())
      markOrigins(function);

    TypeConverter types;
    types.addConversion([](Type type) { return type; });
    RewritePatternSet patterns(&getContext());
    populateElementwisePatterns(types, patterns);
    populateReductionPatterns(types, patterns);
    populateTensorPatterns(types, patterns);
    populateContractPatterns(types, patterns);
    populateRoutingPatterns(types, patterns);

    ConversionTarget target(getContext());
    target.addIllegalDialect<MoeDialect>();
    target.markUnknownOpDynamicallyLegal([](Operation *) { return true; });
    if (failed(applyPartialConversion(getOperation(), target, std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace

Value scalarConstant(OpBuilder &builder, Location loc, Type type, double value) {
  TypedAttr attr = isa<FloatType>(type) ? TypedAttr(builder.getFloatAttr(type, value))
                                        : TypedAttr(builder.getIntegerAttr(type, static_cast<int64_t>(value)));
  return arith::ConstantOp::create(builder, loc, attr);
}

std::unique_ptr<Pass> createConvertMoeToKernelPass() { return std::make_unique<ConvertMoeToKernel>(); }

void registerMoeToKernelPasses() { registerPass(createConvertMoeToKernelPass); }

} // namespace moe
