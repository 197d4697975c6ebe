//===- Models.cpp - registration of the reference ---------------------------===//
#include "dialects/moe/Reference/Models.h"
#include "dialects/moe/Reference/Reference.h"

void moe::registerReferenceModels(mlir::DialectRegistry &registry) {
  registry.addExtension(+[](mlir::MLIRContext *context, MoeDialect *) {
    reference::attachElementwiseModels(*context);
    reference::attachTensorModels(*context);
    reference::attachReductionModels(*context);
    reference::attachContractModel(*context);
    reference::attachRoutingModels(*context);
    reference::attachLossModels(*context);
    reference::attachMomentumModel(*context);
  });
}
