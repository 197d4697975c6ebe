//===- Models.cpp - registration of the VJPs --------------------------------===//
#include "dialects/moe/Autodiff/Autodiff.h"
#include "dialects/moe/Autodiff/Vjps.h"

void moe::registerAutodiffModels(mlir::DialectRegistry &registry) {
  registry.addExtension(+[](mlir::MLIRContext *context, MoeDialect *) {
    attachElementwiseVjps(*context);
    attachTensorVjps(*context);
    attachReductionVjps(*context);
    attachContractVjp(*context);
    attachRoutingVjps(*context);
    attachLossVjps(*context);
    attachMomentumVjp(*context);
  });
}
