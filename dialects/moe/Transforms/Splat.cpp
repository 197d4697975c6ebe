//===- Splat.cpp - constants of one value ---------------------------------===//
#include "dialects/moe/Transforms/Splat.h"

#include "dialects/moe/IR/MoeDialect.h"

using namespace mlir;

std::optional<double> moe::getSplat(Value tensor) {
  auto constant = tensor.getDefiningOp<ConstantOp>();
  auto splat = constant ? dyn_cast<SplatElementsAttr>(constant.getValue()) : SplatElementsAttr();
  if (!splat || !isa<FloatType>(splat.getElementType()))
    return std::nullopt;
  return splat.getSplatValue<FloatAttr>().getValueAsDouble();
}
