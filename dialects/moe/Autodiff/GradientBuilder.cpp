//===- GradientBuilder.cpp - the vocabulary of the VJPs -------------------===//
#include "dialects/moe/Autodiff/GradientBuilder.h"

using namespace mlir;
using namespace moe;

Value GradientBuilder::compare(Predicate predicate, Value a, Value b) {
  return make<CompareOp>(tensorType(a).clone(builder.getI1Type()), predicate, a, b);
}

Value GradientBuilder::sum(Value x, ArrayRef<int64_t> dims) {
  if (dims.empty())
    return x;
  RankedTensorType type = tensorType(x);
  SmallVector<int64_t> shape;
  for (auto [dim, extent] : llvm::enumerate(type.getShape()))
    if (!llvm::is_contained(dims, static_cast<int64_t>(dim)))
      shape.push_back(extent);
  return make<ReduceOp>(RankedTensorType::get(shape, type.getElementType()), ReduceKind::sum, x, dims);
}

Value GradientBuilder::repeat(Value x, Value like, ArrayRef<int64_t> dims) {
  if (dims.empty())
    return x;
  RankedTensorType type = tensorType(like);
  SmallVector<int64_t> kept;
  for (int64_t dim = 0; dim < type.getRank(); ++dim)
    if (!llvm::is_contained(dims, dim))
      kept.push_back(dim);
  return make<BroadcastOp>(type.clone(tensorType(x).getElementType()), x, kept);
}

Value GradientBuilder::sumAlongLast(Value x) {
  int64_t last = tensorType(x).getRank() - 1;
  return repeat(sum(x, last), x, last);
}
