//===- TokenIds.cpp - a text as numbers -------------------------*- C++ -*-===//
#include "lib/Training/TensorHash.h"
#include "moe/Training.h"

#include <algorithm>
#include <cstring>
#include <sys/mman.h>
#include <unistd.h>

using namespace moe;

const char *moe::toString(IdType type) {
  constexpr const char *names[] = {"u16", "u32", "i32", "i64"};
  return names[static_cast<size_t>(type)];
}

TokenIds::TokenIds(std::vector<int32_t> ids) {
  if (ids.empty())
    return;
  auto kept = std::make_shared<const std::vector<int32_t>>(std::move(ids));
  ends.push_back(static_cast<int64_t>(kept->size()));
  pieces.push_back({reinterpret_cast<const std::byte *>(kept->data()), IdType::i32, ends.back(), kept});
}

TokenIds::TokenIds(std::vector<Piece> given) {
  for (Piece &piece : given) {
    if (!piece.count)
      continue;
    ends.push_back(size() + piece.count);
    pieces.push_back(std::move(piece));
  }
}

size_t TokenIds::pieceAt(int64_t id) const {
  return static_cast<size_t>(std::upper_bound(ends.begin(), ends.end(), id) - ends.begin());
}

/// Loads through memcpy: a header may leave ids at any address.
template <typename Stored>
static void convert(const std::byte *data, int64_t count, int32_t *into) {
  for (int64_t i = 0; i < count; ++i) {
    Stored id;
    std::memcpy(&id, data + i * static_cast<int64_t>(sizeof(Stored)), sizeof(Stored));
    into[i] = static_cast<int32_t>(id);
  }
}

void TokenIds::copy(int64_t from, int64_t count, int32_t *into) const {
  for (size_t p = count ? pieceAt(from) : 0; count; ++p) {
    const Piece &piece = pieces[p];
    int64_t skipped = from - (ends[p] - piece.count), taken = std::min(count, piece.count - skipped);
    const std::byte *data = piece.data + skipped * sizeOf(piece.type);
    switch (piece.type) {
    case IdType::u16:
      convert<uint16_t>(data, taken, into);
      break;
    case IdType::u32:
    case IdType::i32:
      convert<int32_t>(data, taken, into);
      break;
    case IdType::i64:
      convert<int64_t>(data, taken, into);
      break;
    }
    from += taken;
    count -= taken;
    into += taken;
  }
}

void TokenIds::willRead(int64_t from, int64_t count) const {
  static const auto page = static_cast<uintptr_t>(::sysconf(_SC_PAGESIZE));
  for (size_t p = count ? pieceAt(from) : 0; count; ++p) {
    const Piece &piece = pieces[p];
    int64_t skipped = from - (ends[p] - piece.count), taken = std::min(count, piece.count - skipped);
    auto begin = reinterpret_cast<uintptr_t>(piece.data + skipped * sizeOf(piece.type));
    uintptr_t start = begin / page * page;
    // Only advice: for memory that is no file's it does nothing.
    ::posix_madvise(reinterpret_cast<void *>(start), begin - start + static_cast<size_t>(taken * sizeOf(piece.type)), POSIX_MADV_WILLNEED);
    from += taken;
    count -= taken;
  }
}

std::vector<int32_t> TokenIds::toVector() const {
  std::vector<int32_t> all(static_cast<size_t>(size()));
  copy(0, size(), all.data());
  return all;
}

uint64_t TokenIds::hash() const {
  std::unique_ptr<XXH3_state_t, XXH_errorcode (*)(XXH3_state_t *)> state(XXH3_createState(), XXH3_freeState);
  XXH3_64bits_reset(state.get());
  forEachChunk([&](const int32_t *ids, int64_t count) { XXH3_64bits_update(state.get(), ids, static_cast<size_t>(count) * sizeof(int32_t)); });
  return XXH3_64bits_digest(state.get());
}
