//===- VerifyPlan.cpp - a plan replayed -------------------------------------===//
//
// The independent check of liveness, allocation and in-place results: memory is a map from ranges of bytes to the value they
// hold, and every launch is played on it.
//
//===----------------------------------------------------------------------===//
#include "dialects/kernel/IR/Aliasing.h"
#include "lib/Conversion/Plan/Plan.h"

#include <map>

using namespace mlir;
using namespace moe;
using namespace moe::kernel;
using namespace moe::plan;

namespace {

/// The arena, or one binding.
class Memory {
public:
  void write(int64_t begin, int64_t end, Value value) {
    auto it = ranges.lower_bound(begin);
    if (it != ranges.begin() && std::prev(it)->second.end > begin)
      --it;
    while (it != ranges.end() && it->first < end)
      it = ranges.erase(it); // a value that lost some of its bytes is lost
    ranges[begin] = {end, value};
  }

  /// Whether [begin, end) lies in the value that begins at `start`.
  bool holds(int64_t start, int64_t begin, int64_t end, Value value) const {
    auto it = ranges.find(start);
    return it != ranges.end() && start <= begin && end <= it->second.end && it->second.value == value;
  }

private:
  struct Range {
    int64_t end;
    Value value;
  };
  std::map<int64_t, Range> ranges;
};

/// One argument of a launch: where it lies and which value it is.
struct Access {
  BufferRef ref;
  int64_t bytes;
  Value root;
  int64_t offsetInRoot = 0;

  bool overlaps(const Access &other) const {
    return ref.space == other.ref.space && ref.binding == other.ref.binding && ref.offset < other.ref.offset + other.bytes &&
           other.ref.offset < ref.offset + bytes;
  }
};

class Replay {
public:
  Replay(func::FuncOp func, const Bindings &bindings, const PlannedProgram &planned)
      : func(func), bindings(bindings), planned(planned), ofBinding(bindings.all.size()) {}

  LogicalResult run() {
    for (auto [argument, binding] : llvm::zip_equal(func.getArguments(), bindings.ofArgument))
      ofBinding[binding].write(0, bindings.all[binding].bytes(), argument);
    size_t index = 0;
    for (Operation &op : func.getBody().front())
      if (isLaunch(op) && failed(play(op, index++)))
        return failure();
    if (index != planned.program.launches.size())
      return func.emitError("plan: ") << planned.program.launches.size() << " launches for " << index << " ops";
    Operation *ret = func.getBody().front().getTerminator();
    for (auto [value, index] : llvm::zip_equal(ret->getOperands(), bindings.ofResult)) {
      const Binding &binding = planned.program.bindings[index];
      bool isInArena = binding.arenaOffset >= 0;
      int64_t begin = isInArena ? binding.arenaOffset : 0;
      if (!(isInArena ? arena : ofBinding[index]).holds(begin, begin, begin + binding.bytes(), getRoot(value)))
        return func.emitError("plan: ") << toString(binding.kind) << " '" << binding.name << "' does not end with its result";
    }
    return success();
  }

private:
  LogicalResult play(Operation &op, size_t index) {
    const Launch &launch = planned.program.launches[index];
    size_t tensors = op.getNumOperands() + op.getNumResults();
    if (launch.args.size() != tensors && launch.args.size() != tensors + 1)
      return op.emitError("plan: wrong number of arguments");
    SmallVector<Access> reads, writes;
    for (auto [operand, ref] : llvm::zip(op.getOperands(), launch.args))
      reads.push_back({ref, getByteSize(operand.getType()), getRoot(operand), getOffsetInRoot(operand)});
    for (auto [result, ref] : llvm::zip(op.getResults(), ArrayRef(launch.args).drop_front(reads.size())))
      writes.push_back({ref, getByteSize(result.getType()), result});
    if (launch.args.size() > tensors)
      writes.push_back({launch.args.back(), planned.launches[index].bytes.back(), Value()}); // the workspace: nobody finds anything there

    for (const Access &access : llvm::concat<Access>(reads, writes))
      if (access.ref.offset < 0 || (access.ref.offset - access.offsetInRoot) % bufferAlignment != 0 ||
          (access.ref.space == BufferRef::Space::arena && access.ref.offset + access.bytes > planned.program.arenaBytes))
        return op.emitError("plan: misplaced buffer at offset ") << access.ref.offset;
    for (const Access &read : reads)
      if (read.ref.space == BufferRef::Space::constant ? !read.root.getDefiningOp<kernel::ConstantOp>()
                                                       : !memory(read).holds(read.ref.offset - read.offsetInRoot, read.ref.offset, read.ref.offset + read.bytes, read.root))
        return op.emitError("plan: an operand was overwritten before it is read");
    for (auto [k, write] : llvm::enumerate(writes)) {
      if (write.ref.space == BufferRef::Space::constant)
        return op.emitError("plan: a constant is written");
      for (const Access &other : ArrayRef(writes).take_front(k))
        if (write.overlaps(other))
          return op.emitError("plan: two results overlap");
      for (const Access &read : reads)
        if (write.overlaps(read) && (write.ref.offset != read.ref.offset || !write.root || !mayOverwrite(op.getResult(k), read.root)))
          return op.emitError("plan: a result overlaps an operand that is still read");
    }
    for (const Access &write : writes)
      memory(write).write(write.ref.offset, write.ref.offset + write.bytes, write.root);
    return success();
  }

  Memory &memory(const Access &access) {
    return access.ref.space == BufferRef::Space::arena ? arena : ofBinding[access.ref.binding];
  }

  func::FuncOp func;
  const Bindings &bindings;
  const PlannedProgram &planned;
  Memory arena;
  std::vector<Memory> ofBinding;
};

} // namespace

LogicalResult plan::verifyPlan(func::FuncOp func, const Bindings &bindings, const PlannedProgram &planned) {
  return Replay(func, bindings, planned).run();
}
