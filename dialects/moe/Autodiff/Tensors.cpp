//===- Tensors.cpp - VJPs of layout and indexing ----------------------------===//
//
// All of these are linear, and each is another's transpose.
//
//===----------------------------------------------------------------------===//
#include "dialects/moe/Autodiff/Vjps.h"

using namespace mlir;
using llvm::BitVector;

namespace moe {

static Value vjp(BroadcastOp op, GradientBuilder b, Value g) {
  SmallVector<int64_t> added;
  for (int64_t dim = 0; dim < tensorType(g).getRank(); ++dim)
    if (!llvm::is_contained(op.getDims(), dim))
      added.push_back(dim);
  return b.sum(g, added);
}

static Value vjp(ReshapeOp op, GradientBuilder b, Value g) { return b.make<ReshapeOp>(op.getX().getType(), g); }

static Value vjp(TransposeOp op, GradientBuilder b, Value g) {
  SmallVector<int64_t> inverse(op.getPerm().size());
  for (auto [to, from] : llvm::enumerate(op.getPerm()))
    inverse[from] = to;
  return b.make<TransposeOp>(op.getX().getType(), g, inverse);
}

static Value vjp(SliceOp op, GradientBuilder b, Value g) { return b.make<PadOp>(op.getX().getType(), g, op.getOffsets()); }
static Value vjp(PadOp op, GradientBuilder b, Value g) { return b.make<SliceOp>(op.getX().getType(), g, op.getOffsets()); }

static SmallVector<Value> vjp(ConcatOp op, GradientBuilder b, Value g, const BitVector &needed) {
  SmallVector<Value> gradients;
  SmallVector<int64_t> offsets(tensorType(g).getRank(), 0);
  for (auto [k, x] : llvm::enumerate(op.getXs())) {
    gradients.push_back(needed[k] ? b.make<SliceOp>(x.getType(), g, offsets) : Value());
    offsets[op.getDim()] += tensorType(x).getDimSize(op.getDim());
  }
  return gradients;
}

static Value vjp(CumsumOp op, GradientBuilder b, Value g) {
  return b.make<CumsumOp>(g, op.getDim(), op.getExclusive(), !op.getReverse());
}

static SmallVector<Value> vjp(GatherOp op, GradientBuilder b, Value g, const BitVector &) {
  return {b.make<ScatterAddOp>(op.getTable().getType(), op.getIds(), g), noGradient()};
}
static SmallVector<Value> vjp(ScatterAddOp op, GradientBuilder b, Value g, const BitVector &) {
  return {noGradient(), b.make<GatherOp>(op.getX().getType(), g, op.getIds())};
}

static Value vjp(DetachOp, GradientBuilder, Value) { return noGradient(); }

void attachTensorVjps(MLIRContext &context) {
  attachVjps<BroadcastOp, ReshapeOp, TransposeOp, SliceOp, PadOp, ConcatOp, CumsumOp, GatherOp, ScatterAddOp, DetachOp>(context);
}

} // namespace moe
