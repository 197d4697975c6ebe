//===- Allocate.cpp - offsets in the arena ----------------------------------===//
#include "lib/Conversion/Plan/Allocate.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/MathExtras.h"

#include <limits>
#include <numeric>

using namespace moe::plan;

static int64_t padded(int64_t bytes) { return llvm::alignTo(bytes, bufferAlignment); }

/// `neighbours` lie in order of their offsets and may overlap each other (they need not live together).
static int64_t findOffset(llvm::ArrayRef<const ArenaBuffer *> neighbours, int64_t bytes) {
  int64_t best = 0, bestGap = std::numeric_limits<int64_t>::max(), end = 0;
  for (const ArenaBuffer *neighbour : neighbours) {
    int64_t gap = neighbour->offset - end;
    if (gap >= bytes && gap < bestGap) {
      best = end;
      bestGap = gap;
    }
    end = std::max(end, neighbour->offset + padded(neighbour->bytes));
  }
  return bestGap == std::numeric_limits<int64_t>::max() ? end : best;
}

int64_t moe::plan::allocate(llvm::MutableArrayRef<ArenaBuffer> buffers) {
  llvm::SmallVector<size_t> order(buffers.size());
  std::iota(order.begin(), order.end(), 0);
  llvm::stable_sort(order, [&](size_t a, size_t b) { return buffers[a].bytes > buffers[b].bytes; });

  llvm::SmallVector<const ArenaBuffer *> placed, neighbours; // in order of offsets
  int64_t size = 0;
  for (size_t i : order) {
    ArenaBuffer &buffer = buffers[i];
    neighbours.clear();
    llvm::copy_if(placed, std::back_inserter(neighbours), [&](const ArenaBuffer *other) { return other->livesWith(buffer); });
    buffer.offset = findOffset(neighbours, padded(buffer.bytes));
    size = std::max(size, buffer.offset + padded(buffer.bytes));
    auto position = llvm::upper_bound(placed, &buffer, [](auto *a, auto *b) { return a->offset < b->offset; });
    placed.insert(position, &buffer);
  }
  return size;
}
