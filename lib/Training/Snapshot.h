//===- Snapshot.h - undoing a step ------------------------------*- C++ -*-===//
//
// Programs write in place. A copy of model state and streams before a step, and of everything where a step is only looked at, is what makes it possible
// that nothing is left behind.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "moe/Runtime.h"

namespace moe {

class Snapshot {
public:
  /// The buffers must outlive the snapshot.
  void watch(const std::vector<Buffer *> &buffers);
  void take(ThreadPool &pool) { copy(pool, true); }
  void restore(ThreadPool &pool) { copy(pool, false); }
  /// What a watched buffer held.
  const std::byte *find(const Buffer &buffer) const;
  int64_t getBytes() const { return memory.size(); }

private:
  struct Piece {
    std::byte *live, *copy;
    size_t bytes;
  };
  void copy(ThreadPool &pool, bool isTaken);
  static void copyPieces(void *const *args, int64_t begin, int64_t end);

  std::map<const Buffer *, int64_t> offsets;
  std::vector<Piece> pieces;
  AlignedBytes memory;
};

} // namespace moe
