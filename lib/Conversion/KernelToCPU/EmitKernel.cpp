//===- EmitKernel.cpp - each distinct kernel op as one function -----------===//
#include "dialects/kernel/IR/KernelDialect.h"
#include "lib/Conversion/KernelToCPU/Emitters.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;

namespace moe {
namespace {

/// Writes what code generation depends on: names, attributes, types and the wiring of the region, but no locations and no
/// names of values.
class Key {
public:
  explicit Key(Operation *op) : os(text) {
    write(op, /*withOperands=*/false);
  }
  const std::string &get() { return os.str(); }

private:
  void write(Operation *op, bool withOperands) {
    os << op->getName() << op->getPropertiesAsAttribute();
    for (Value operand : op->getOperands()) {
      os << (withOperands ? " %" : " ");
      if (withOperands)
        os << numbers.lookup(operand);
      os << operand.getType();
    }
    os << "->";
    for (Value result : op->getResults()) {
      numbers.try_emplace(result, numbers.size());
      os << result.getType();
    }
    for (Region &region : op->getRegions())
      for (Block &block : region) {
        for (Value argument : block.getArguments())
          numbers.try_emplace(argument, numbers.size());
        for (Operation &inner : block)
          write(&inner, /*withOperands=*/true);
      }
    os << ';';
  }

  std::string text;
  llvm::raw_string_ostream os;
  llvm::DenseMap<Value, unsigned> numbers;
};

} // namespace

FailureOr<CPUKernel> emitKernel(Operation *op, const CPUTarget &target, KernelCache &cache, ModuleOp codeModule) {
  auto [entry, isNew] = cache.try_emplace(Key(op).get());
  CPUKernel &kernel = entry->second;
  if (!isNew)
    return kernel;

  MLIRContext *context = op->getContext();
  context->loadDialect<LLVM::LLVMDialect, scf::SCFDialect, vector::VectorDialect, math::MathDialect, arith::ArithDialect,
                       func::FuncDialect>();
  OpBuilder b = OpBuilder::atBlockEnd(codeModule.getBody());
  Location loc = op->getLoc();
  kernel.symbol = (op->getName().stripDialect() + "_" + Twine(cache.size() - 1)).str();
  auto pointer = LLVM::LLVMPointerType::get(context);
  auto function = func::FuncOp::create(b, loc, kernel.symbol,
                                       b.getFunctionType({pointer, b.getI64Type(), b.getI64Type()}, {}));
  Block *body = function.addEntryBlock();
  b.setInsertionPointToStart(body);

  cpu::Code code(b, loc, target);
  code.begin = body->getArgument(1);
  code.end = body->getArgument(2);
  for (unsigned i = 0, e = op->getNumOperands() + op->getNumResults(); i < e; ++i)
    code.args.push_back(code.load(body->getArgument(0), pointer, code.i64(i)));
  kernel.workspace = getWorkspace(op, target);
  if (kernel.workspace > 0)
    code.workspace = code.load(body->getArgument(0), pointer, code.i64(code.args.size()));

  using namespace kernel;
  int64_t blocks =
      llvm::TypeSwitch<Operation *, int64_t>(op)
          .Case<RowOp, ContractOp, SlicesOp, GroupedContractOp, GroupedOuterOp, TopMaskOp, RouteOp, GatherRowsOp, ScatterAddRowsOp,
                CombineRowsOp, SegmentSumOp, ScanOp, ConcatOp, PadOp>([&](auto typed) { return cpu::emit(typed, code); })
          .Default([](Operation *) { return 0; });
  if (blocks == 0) {
    function.erase();
    cache.erase(entry);
    return op->emitOpError("has no code for the CPU"), failure();
  }
  func::ReturnOp::create(b, loc);
  kernel.blocks = blocks;
  return kernel;
}

} // namespace moe
