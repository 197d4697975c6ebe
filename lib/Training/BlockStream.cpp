//===- BlockStream.cpp - ids as rows, block by block ------------*- C++ -*-===//
#include "lib/Support/Philox.h"
#include "moe/Training.h"

#include <algorithm>

using namespace moe;

/// Keeps these random numbers apart from those of parameters and dropout.
static constexpr uint32_t restartSite = 0x72657374;

/// Tells the system of the block at an offset. To assemble a block takes microseconds and needs no thread of its own; what takes time is a disk, and
/// that reads while the step before is computed.
static void readAhead(const TokenIds &ids, int64_t rows, int64_t length, int64_t offset, int64_t context) {
  for (int64_t row = 0; row < rows; ++row)
    ids.willRead(row * length + offset, context + 1);
}

Status BlockStream::create(const TokenStream &text, int64_t rows, int64_t context, uint64_t seed, BlockStream &stream) {
  int64_t tokens = text.ids.size();
  if (tokens / rows < context + 1)
    return Status::failure(text.path + ": " + std::to_string(tokens) + " tokens are too few for " + std::to_string(rows) +
                           " rows of " + std::to_string(context) + " and one more: at least " +
                           std::to_string(rows * (context + 1)) + " are needed");
  stream.ids = &text.ids;
  stream.rows = rows;
  stream.context = context;
  stream.length = tokens / rows;
  stream.seed = seed;
  stream.position = {};
  readAhead(text.ids, rows, stream.length, 0, context);
  return Status::success();
}

bool BlockStream::next(int32_t *tokens, int32_t *targets) {
  for (int64_t row = 0; row < rows; ++row) {
    int64_t from = row * length + position.offset;
    ids->copy(from, context, tokens + row * context);
    ids->copy(from + 1, context, targets + row * context);
  }
  position.offset += context;
  if (position.offset < length - context) {
    readAhead(*ids, rows, length, position.offset, context);
    return false;
  }
  ++position.restarts;
  uint32_t key = siteKey(static_cast<uint32_t>(seed), static_cast<uint32_t>(seed >> 32), restartSite);
  auto count = static_cast<uint64_t>(position.restarts);
  uint32_t word = philox2x32(static_cast<uint32_t>(count), static_cast<uint32_t>(count >> 32), key)[0];
  int64_t below = std::min(context, length - context); // every start leaves room for a block and its last target
  position.offset = static_cast<int64_t>((static_cast<uint64_t>(word) * static_cast<uint64_t>(below)) >> 32);
  readAhead(*ids, rows, length, position.offset, context);
  return true;
}

Status BlockStream::setPosition(const StreamPosition &where) {
  if (where.offset < 0 || where.offset >= length - context || where.restarts < 0)
    return Status::failure("position " + std::to_string(where.offset) + " lies outside rows of " + std::to_string(length) + " tokens");
  position = where;
  readAhead(*ids, rows, length, position.offset, context);
  return Status::success();
}
