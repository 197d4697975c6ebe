//===- Slices.cpp - kernel.slices as one loop over slices -------------------===//
//
// A block runs all ops for some slices, one slice after the other. What is private to the region lies in the block's part of the workspace, where one slice's tensors
// take the place of those of the slice before: they stay in the cache that is nearest, and memory holds as many slices as there are blocks.
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/KernelToCPU/Emitters.h"
#include "dialects/kernel/IR/Aliasing.h"
#include "lib/Conversion/Plan/Allocate.h"

using namespace mlir;

namespace moe::cpu {
namespace {

int64_t countSlices(kernel::SlicesOp op) {
  int64_t count = 1;
  for (int64_t extent : op.getExtents())
    count *= extent;
  return count;
}

int64_t countBlocks(kernel::SlicesOp op, const CPUTarget &target) {
  return std::min<int64_t>(countSlices(op), 2 * static_cast<int64_t>(target.threads));
}

/// Where the private tensors of a slice lie in a block's part of the workspace.
class Layout {
public:
  explicit Layout(kernel::SlicesOp op) : op(op) {
    for (auto [index, inner] : llvm::enumerate(op.getBody().front()))
      for (Value operand : inner.getOperands())
        lastUse[operand] = index;
    for (auto [index, inner] : llvm::enumerate(op.getBody().front().without_terminator()))
      for (OpResult result : inner.getResults())
        if (op.isPrivate(result))
          place(result, index);
    bytes = plan::allocate(buffers);
  }

  int64_t getBytes() const { return bytes; }
  int64_t getOffset(Value value) const { return buffers[bufferOf.at(value)].offset; }

private:
  void place(OpResult result, int64_t index) {
    int64_t last = std::max(index, lastUse.lookup(result)), size = kernel::getByteSize(result.getType()) / countSlices(op);
    for (Value operand : result.getOwner()->getOperands()) {
      auto it = bufferOf.find(operand);
      if (it == bufferOf.end() || lastUse.lookup(operand) != index || !kernel::mayOverwrite(result, operand))
        continue;
      plan::ArenaBuffer &buffer = buffers[it->second];
      if (buffer.last == index && buffer.bytes == size) {
        buffer.last = last;
        bufferOf[result] = it->second;
        return;
      }
    }
    bufferOf[result] = buffers.size();
    buffers.push_back({size, index, last, 0});
  }

  kernel::SlicesOp op;
  llvm::DenseMap<Value, int64_t> lastUse;
  llvm::DenseMap<Value, size_t> bufferOf;
  SmallVector<plan::ArenaBuffer> buffers;
  int64_t bytes = 0;
};

class SlicesEmitter {
public:
  SlicesEmitter(kernel::SlicesOp op, Code &code) : op(op), c(code), layout(op), alone(code.target) { alone.threads = 1; }

  int64_t emit() {
    int64_t slices = countSlices(op), blocks = countBlocks(op, c.target), perBlock = llvm::divideCeil(slices, blocks);
    c.loop(c.begin, c.end, 1, [&](Value block) {
      if (layout.getBytes() > 0)
        workspace = c.address(c.workspace, c.b.getI8Type(), c.mul(block, layout.getBytes()));
      Value first = c.mul(block, perBlock);
      c.loop(first, c.min(c.add(first, c.i64(perBlock)), c.i64(slices)), 1, [&](Value slice) { emitSlice(slice); });
    });
    return llvm::divideCeil(slices, perBlock);
  }

private:
  void emitSlice(Value slice) {
    SmallVector<Value> indices(op.getExtents().size());
    for (auto [index, extent] : llvm::reverse(llvm::zip_equal(indices, op.getExtents()))) {
      index = c.rem(slice, extent);
      slice = c.div(slice, extent);
    }
    for (auto [k, inner] : llvm::enumerate(op.getBody().front().without_terminator()))
      emitMember(&inner, op.getDimsOf(k), indices);
  }

  void emitMember(Operation *inner, ArrayRef<int64_t> dims, ArrayRef<Value> indices) {
    Slice slice{dims, indices, {}};
    Code code(c.b, inner->getLoc(), alone);
    for (Value value : llvm::concat<Value>(inner->getOperands(), inner->getResults())) {
      slice.isPrivate.push_back(op.isPrivate(value));
      code.args.push_back(getBuffer(value));
    }
    code.slice = &slice;
    code.scratchLimit = largestScratch / static_cast<int64_t>(op.getDims().size());
    code.begin = code.i64(0);
    code.end = code.i64(0); // known when the loops stand
    int64_t blocks = isa<kernel::RowOp>(inner) ? cpu::emit(cast<kernel::RowOp>(inner), code) : cpu::emit(cast<kernel::ContractOp>(inner), code);
    code.end.getDefiningOp<arith::ConstantOp>().setValueAttr(c.b.getI64IntegerAttr(blocks));
  }

  Value getBuffer(Value value) {
    if (op.isPrivate(value))
      return c.address(workspace, c.b.getI8Type(), c.i64(layout.getOffset(value)));
    if (auto argument = dyn_cast<BlockArgument>(value))
      return c.args[argument.getArgNumber()];
    auto yielded = llvm::find(op.getYield()->getOperands(), value);
    return c.args[op.getIns().size() + std::distance(op.getYield()->operand_begin(), yielded)];
  }

  kernel::SlicesOp op;
  Code &c;
  Layout layout;
  CPUTarget alone; ///< a slice is not shared among threads
  Value workspace; ///< of the block
};

} // namespace

int64_t emit(kernel::SlicesOp op, Code &code) { return SlicesEmitter(op, code).emit(); }

} // namespace moe::cpu

int64_t moe::getWorkspace(Operation *op, const CPUTarget &target) {
  auto slices = dyn_cast<kernel::SlicesOp>(op);
  return slices ? cpu::Layout(slices).getBytes() * cpu::countBlocks(slices, target) : 0;
}
