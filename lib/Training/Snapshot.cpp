//===- Snapshot.cpp - undoing a step ----------------------------*- C++ -*-===//
#include "lib/Training/Snapshot.h"

#include <algorithm>
#include <cstring>

using namespace moe;

static constexpr int64_t pieceBytes = 1 << 20; ///< what one thread copies at a time

void Snapshot::watch(const std::vector<Buffer *> &buffers) {
  int64_t total = 0;
  for (const Buffer *buffer : buffers) {
    offsets[buffer] = total;
    total += buffer->bytes();
  }
  memory = AlignedBytes(total);
  for (Buffer *buffer : buffers)
    for (int64_t at = 0; at < buffer->bytes(); at += pieceBytes)
      pieces.push_back({buffer->memory.data() + at, memory.data() + offsets[buffer] + at,
                        static_cast<size_t>(std::min(pieceBytes, buffer->bytes() - at))});
}

/// args: the pieces, the direction.
void Snapshot::copyPieces(void *const *args, int64_t begin, int64_t end) {
  auto *pieces = static_cast<const Piece *>(args[0]);
  bool isTaken = *static_cast<const bool *>(args[1]);
  for (int64_t i = begin; i < end; ++i) {
    const Piece &piece = pieces[i];
    std::memcpy(isTaken ? piece.copy : piece.live, isTaken ? piece.live : piece.copy, piece.bytes);
  }
}

void Snapshot::copy(ThreadPool &pool, bool isTaken) {
  void *args[] = {pieces.data(), &isTaken};
  if (!pieces.empty())
    pool.launch(copyPieces, args, static_cast<int64_t>(pieces.size()));
}

const std::byte *Snapshot::find(const Buffer &buffer) const {
  auto it = offsets.find(&buffer);
  return it == offsets.end() ? nullptr : memory.data() + it->second;
}
