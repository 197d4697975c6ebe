//===- Shards.h - files of token ids ----------------------------*- C++ -*-===//
//
// How files that hold nothing but token ids are laid out: .bin as nanoGPT (ids alone) and llm.c (behind 256 32-bit numbers) write them, and
// one-dimensional .npy arrays. The parsers are functions of the bytes alone and take any bytes.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "moe/Training/TokenIds.h"

#include <string>

namespace moe {

/// Where the ids of a file lie: from byte `offset` to its end.
struct ShardLayout {
  IdType type = IdType::u16;
  size_t offset = 0;
  int64_t count = 0;
};

/// `bytes` is the whole file. A file without a header holds ids of the type `raw`. The reason of a refusal does not name the file.
Status parseBinShard(const std::byte *bytes, size_t size, IdType raw, ShardLayout &layout);
Status parseNpyShard(const std::byte *bytes, size_t size, ShardLayout &layout);

/// Whether the name is that of a shard: *.bin or *.npy.
bool isShardName(const std::string &path);
/// Maps a file and checks its header.
Status openShard(const std::string &path, IdType raw, TokenIds::Piece &piece);
/// The bytes of a .npy file up to its first id, for so many 32-bit ids.
std::string makeNpyHeader(int64_t count);

/// Position of the first id that is not one of [0, vocabulary); -1 when all are. `value` gets that id.
int64_t findIdOutside(const TokenIds::Piece &piece, int64_t vocabulary, int64_t &value);

} // namespace moe
