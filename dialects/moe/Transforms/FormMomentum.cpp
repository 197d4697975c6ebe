//===- FormMomentum.cpp - the pass moe-form-momentum ------------------------===//
#include "dialects/moe/IR/MoeDialect.h"
#include "dialects/moe/Transforms/Passes.h"
#include "dialects/moe/Transforms/Splat.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Pass/Pass.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;

namespace moe {
#define GEN_PASS_DEF_FORMMOMENTUM
#include "dialects/moe/Transforms/MoeTransformsPasses.h.inc"

namespace {

constexpr StringLiteral ruleAttrName = "moe.rule";

using Ops = SmallVector<Operation *>;

RankedTensorType resultType(Operation *op) { return cast<RankedTensorType>(op->getResult(0).getType()); }

/// The ops of each instance of a rule, in program order, that have the largest shape among them.
llvm::MapVector<StringAttr, Ops> collectInstances(Block &block) {
  llvm::MapVector<StringAttr, Ops> instances;
  for (Operation &op : block)
    if (auto rule = op.getAttrOfType<StringAttr>(ruleAttrName); rule && op.hasTrait<MoeElementwise>())
      instances[rule].push_back(&op);
  for (auto &[rule, ops] : instances) {
    auto elements = [](Operation *op) { return resultType(op).getNumElements(); };
    Operation *largest = *llvm::max_element(ops, [&](Operation *a, Operation *b) { return elements(a) < elements(b); });
    ArrayRef<int64_t> shape = resultType(largest).getShape();
    llvm::erase_if(ops, [&](Operation *op) { return resultType(op).getShape() != shape; });
  }
  return instances;
}

/// A part of an instance that can run at once, and the ops before its last one that need one of its values: they run after it.
struct Segment {
  Ops members, dependents;
};

class Segmenter {
public:
  SmallVector<Segment> split(ArrayRef<Operation *> instance) {
    llvm::SmallPtrSet<Operation *, 16> isMember(instance.begin(), instance.end());
    for (Operation *op = instance.front(); op != instance.back()->getNextNode(); op = op->getNextNode())
      isMember.contains(op) ? addMember(op) : addOther(op);
    close();
    return std::move(segments);
  }

private:
  static bool uses(Operation *op, const llvm::SmallPtrSetImpl<Operation *> &ops) {
    return llvm::any_of(op->getOperands(), [&](Value operand) { return ops.contains(operand.getDefiningOp()); });
  }

  void addMember(Operation *op) {
    if (uses(op, outside))
      close();
    current.members.push_back(op);
    current.dependents = dependents;
    inside.insert(op);
  }

  void addOther(Operation *op) {
    if (!uses(op, inside) && !uses(op, outside))
      return;
    outside.insert(op);
    dependents.push_back(op);
  }

  void close() {
    segments.push_back(std::move(current));
    current = {};
    dependents.clear();
    inside.clear();
    outside.clear();
  }

  SmallVector<Segment> segments;
  Segment current;
  Ops dependents;                                     ///< so far, whether or not another member follows
  llvm::SmallPtrSet<Operation *, 16> inside, outside; ///< members; other ops that depend on them
};

void formMomentum(StringRef rule, const Segment &segment) {
  llvm::SmallSetVector<Value, 8> ins, outs;
  llvm::SmallPtrSet<Operation *, 16> members(segment.members.begin(), segment.members.end());
  Ops constants;
  for (Operation *op : segment.members) {
    for (Value operand : op->getOperands())
      if (getSplat(operand))
        constants.push_back(operand.getDefiningOp());
      else if (!members.contains(operand.getDefiningOp()))
        ins.insert(operand);
    if (llvm::any_of(op->getUsers(), [&](Operation *user) { return !members.contains(user); }))
      outs.insert(op->getResult(0));
  }
  Operation *last = segment.members.back();
  for (Operation *op : llvm::reverse(segment.dependents))
    op->moveAfter(last);

  OpBuilder builder(last);
  SmallVector<Location> locations = llvm::map_to_vector(segment.members, [](Operation *op) { return op->getLoc(); });
  auto types = llvm::map_to_vector(outs, [](Value out) { return out.getType(); });
  auto momentum = MomentumOp::create(builder, builder.getFusedLoc(locations), types, rule, ins.getArrayRef());
  Block &body = momentum.getBody().emplaceBlock();
  OpBuilder inside = OpBuilder::atBlockEnd(&body);
  IRMapping mapping;
  for (Value in : ins)
    mapping.map(in, body.addArgument(in.getType(), in.getLoc()));
  for (Operation *op : constants)
    if (!mapping.contains(op->getResult(0)))
      inside.clone(*op, mapping);
  for (Operation *op : segment.members)
    inside.clone(*op, mapping);
  YieldOp::create(inside, momentum.getLoc(), llvm::map_to_vector(outs, [&](Value out) { return mapping.lookup(out); }));

  for (auto [out, result] : llvm::zip_equal(outs, momentum.getOuts()))
    Value(out).replaceAllUsesWith(result);
  for (Operation *op : llvm::reverse(segment.members))
    op->erase();
}

struct FormMomentum : impl::FormMomentumBase<FormMomentum> {
  void runOnOperation() override {
    func::FuncOp function = getOperation();
    for (Block &block : function.getBody())
      for (auto &[rule, ops] : collectInstances(block)) {
        // Forming one instance moves ops, of another one too when that is nested in the layer.
        llvm::sort(ops, [](Operation *a, Operation *b) { return a->isBeforeInBlock(b); });
        for (const Segment &segment : Segmenter().split(ops))
          formMomentum(rule.getValue().split('#').first, segment);
      }
    function.walk([](Operation *op) { op->removeAttr(ruleAttrName); });
  }
};

} // namespace

std::unique_ptr<Pass> createFormMomentumPass() { return std::make_unique<FormMomentum>(); }

} // namespace moe
