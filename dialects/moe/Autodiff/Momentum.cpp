//===- Momentum.cpp - the VJP of moe.momentum -------------------------------===//
//
// The gradient of an update of rule R is again an elementwise update: a moe.momentum of the rule "R.gradient", from the operands and the
// gradients of the results to the gradients of the operands. Its region computes again what it needs of R, so that the forward pass keeps
// nothing of its own.
//
//===----------------------------------------------------------------------===//
#include "dialects/moe/Autodiff/BlockGradients.h"
#include "dialects/moe/Autodiff/Vjps.h"

#include "mlir/IR/IRMapping.h"

using namespace mlir;
using llvm::BitVector;

namespace moe {
namespace {

/// Erases what nothing in the block uses, and then the arguments of the op that its region does not use.
void eraseUnused(MomentumOp op) {
  Block &body = op.getBody().front();
  for (Operation *inner = body.getTerminator()->getPrevNode(); inner;) {
    Operation *previous = inner->getPrevNode();
    if (inner->use_empty())
      inner->erase();
    inner = previous;
  }
  for (unsigned k = body.getNumArguments(); k-- > 0;)
    if (body.getArgument(k).use_empty()) {
      body.eraseArgument(k);
      op->eraseOperand(k);
    }
}

struct MomentumVjp : DifferentiableOpInterface::ExternalModel<MomentumVjp, MomentumOp> {
  SmallVector<Value> buildVJP(Operation *momentum, OpBuilder &builder, ValueRange resultGrads, const BitVector &needed) const {
    auto op = cast<MomentumOp>(momentum);
    SmallVector<Value> ins(op.getIns());
    SmallVector<Type> types;
    for (unsigned k : needed.set_bits())
      types.push_back(ins[k].getType());
    for (Value gradient : resultGrads)
      if (gradient)
        ins.push_back(gradient);
    auto update = MomentumOp::create(builder, op.getLoc(), types, (op.getRule() + ".gradient").str(), ins);
    if (failed(buildBody(op, update, resultGrads, needed)))
      return {};
    eraseUnused(update);

    SmallVector<Value> gradients(op.getIns().size());
    for (auto [k, gradient] : llvm::zip_equal(needed.set_bits(), update.getOuts()))
      gradients[k] = gradient;
    return gradients;
  }

  /// The region of `update`: the rule once more, and behind it the gradients.
  static LogicalResult buildBody(MomentumOp op, MomentumOp update, ValueRange resultGrads, const BitVector &needed) {
    Block &rule = op.getBody().front();
    Block &body = update.getBody().emplaceBlock();
    for (Value in : update.getIns())
      body.addArgument(in.getType(), in.getLoc());
    OpBuilder inside = OpBuilder::atBlockEnd(&body);
    IRMapping mapping;
    mapping.map(rule.getArguments(), body.getArguments().take_front(rule.getNumArguments()));
    for (Operation &inner : rule.without_terminator())
      inside.clone(inner, mapping);

    SmallVector<Value> wrt;
    for (unsigned k : needed.set_bits())
      wrt.push_back(body.getArgument(k));
    SmallVector<std::pair<Value, Value>> seeds;
    auto nextGradient = body.getArguments().drop_front(rule.getNumArguments()).begin();
    for (auto [value, gradient] : llvm::zip_equal(rule.getTerminator()->getOperands(), resultGrads))
      if (gradient)
        seeds.push_back({mapping.lookup(value), *nextGradient++});
    FailureOr<SmallVector<Value>> gradients = buildGradients(inside, body, wrt, seeds);
    if (failed(gradients))
      return failure();
    for (auto [value, gradient] : llvm::zip_equal(wrt, *gradients))
      if (!gradient)
        gradient = GradientBuilder{inside, op.getLoc()}.constant(value, 0);
    YieldOp::create(inside, op.getLoc(), *gradients);
    return success();
  }
};

} // namespace

void attachMomentumVjp(MLIRContext &context) { MomentumOp::attachInterface<MomentumVjp>(context); }

} // namespace moe
