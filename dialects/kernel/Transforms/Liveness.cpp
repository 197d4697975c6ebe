//===- Liveness.cpp - what is in memory at which launch ---------------------===//
#include "dialects/kernel/Transforms/Liveness.h"

#include "dialects/kernel/IR/Aliasing.h"
#include "dialects/kernel/IR/ArenaResults.h"

using namespace mlir;
using namespace moe::kernel;

Liveness::Liveness(Block &block) {
  llvm::SmallDenseSet<Value> named, staying; // of what is returned: in buffers of their own, and in the arena
  auto func = dyn_cast<FunctionOpInterface>(block.getParentOp());
  for (auto [number, value] : llvm::enumerate(block.getTerminator()->getOperands()))
    (func && liesInArena(func, number) ? staying : named).insert(getRoot(value));
  for (Operation &op : block) {
    if (!isLaunch(op))
      continue;
    size_t index = launches.size();
    launches.push_back(&op);
    for (Value operand : op.getOperands()) {
      Value root = getRoot(operand);
      lastRead[root] = index;
      auto found = tensors.find(dyn_cast<OpResult>(root));
      if (found != tensors.end() && (found->second.reads.empty() || found->second.reads.back() != index))
        found->second.reads.push_back(index);
    }
    for (OpResult result : op.getResults())
      if (!named.contains(result))
        tensors[result] = {getByteSize(result.getType()), index, {}};
  }
  for (auto &[value, tensor] : tensors)
    if (staying.contains(value))
      tensor.end = launches.size() - 1;
  place();
}

/// Gives each tensor a buffer of its own or that of an operand, and adds the buffers up.
void Liveness::place() {
  struct Buffer {
    int64_t bytes;
    size_t first, last;
  };
  std::vector<Buffer> buffers;
  llvm::DenseMap<Value, size_t> bufferOf;
  for (auto &[value, tensor] : tensors) {
    std::optional<size_t> reused;
    for (Value operand : value.getOwner()->getOperands()) {
      Value root = getRoot(operand);
      auto it = bufferOf.find(root);
      if (it != bufferOf.end() && lastRead.lookup(root) == tensor.first && buffers[it->second].last == tensor.first &&
          buffers[it->second].bytes == tensor.bytes && tensor.last() > tensor.first && mayOverwrite(value, root)) {
        reused = it->second;
        break;
      }
    }
    if (!reused) {
      reused = buffers.size();
      buffers.push_back({tensor.bytes, tensor.first, tensor.first});
    }
    buffers[*reused].last = tensor.last();
    bufferOf[value] = *reused;
  }
  std::vector<int64_t> change(launches.size() + 1);
  for (const Buffer &buffer : buffers) {
    change[buffer.first] += buffer.bytes;
    change[buffer.last + 1] -= buffer.bytes;
  }
  int64_t alive = 0;
  for (size_t i = 0; i < launches.size(); ++i)
    bytes.push_back(alive += change[i]);
}

const Liveness::Tensor *Liveness::find(Value root) const {
  auto it = tensors.find(dyn_cast<OpResult>(root));
  return it == tensors.end() ? nullptr : &it->second;
}

std::optional<size_t> Liveness::getLastRead(Value root) const {
  auto it = lastRead.find(root);
  return it == lastRead.end() ? std::nullopt : std::optional(it->second);
}

size_t Liveness::getPeak() const { return std::max_element(bytes.begin(), bytes.end()) - bytes.begin(); }
