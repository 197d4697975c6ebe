//===- Contract.cpp - the VJP of moe.contract -------------------------------===//
//
// y[r(i)] += x0[m0(i)] x1[m1(i)] over a box is linear in each operand, so the gradient of an operand is the same box with the gradient of the
// result in the operand's place and their two maps exchanged: dx0[m0(i)] += g[r(i)] x1[m1(i)].
//
//===----------------------------------------------------------------------===//
#include "dialects/moe/Autodiff/Vjps.h"

using namespace mlir;
using llvm::BitVector;

namespace moe {

static SmallVector<Value> vjp(ContractOp op, GradientBuilder b, Value g, const BitVector &needed) {
  SmallVector<Value> gradients;
  for (auto [k, x] : llvm::enumerate(op.getXs())) {
    SmallVector<Value> xs(op.getXs());
    SmallVector<Attribute> maps(op.getMaps().getValue());
    xs[k] = g;
    std::swap(maps[k], maps.back());
    gradients.push_back(needed[k] ? b.make<ContractOp>(x.getType(), xs, op.getExtents(), b.builder.getArrayAttr(maps)) : Value());
  }
  return gradients;
}

void attachContractVjp(MLIRContext &context) { attachVjps<ContractOp>(context); }

} // namespace moe
