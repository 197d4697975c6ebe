//===- ShardData.cpp - data folders of token ids ----------------*- C++ -*-===//
#include "lib/Training/ShardData.h"
#include "lib/Support/AtomicFile.h"
#include "lib/Training/DataCache.h"
#include "lib/Training/Shards.h"

#include <chrono>
#include <filesystem>
#include <sys/stat.h>

using namespace moe;

static Status mapSplit(const std::string &folder, const DataLayout &layout, const DataFormat &format, Split split, TokenStream &stream,
                       std::vector<TokenIds::Piece> &pieces) {
  describeFiles(folder, layout, split, stream);
  for (const std::string &file : stream.files)
    if (Status status = openShard(file, format.idType, pieces.emplace_back()); !status)
      return status;
  stream.ids = TokenIds(pieces);
  return Status::success();
}

/// Ids outside the vocabulary are found here, before anything reads them: the pass is needed for hash and counts anyway.
static Status requireInside(const TokenStream &stream, const std::vector<TokenIds::Piece> &pieces, int64_t vocabulary) {
  for (size_t i = 0; i < pieces.size(); ++i) {
    int64_t value = 0, at = findIdOutside(pieces[i], vocabulary, value);
    if (at >= 0)
      return Status::failure(stream.files[i] + ": id " + std::to_string(value) + " at position " + std::to_string(at) +
                             " lies outside the vocabulary of " + std::to_string(vocabulary));
  }
  return Status::success();
}

//===-- What is known of shards that did not change -----------------------------------------===//

/// Adds what changes when a file does. False when it changed so recently that a later change might not show in its times.
static Status addIdentity(const std::string &path, DataKey &key, bool &isSettled) {
  struct stat info;
  if (::stat(path.c_str(), &info) != 0)
    return systemFailure(path);
  key.add(std::filesystem::absolute(path).string());
  for (int64_t number : {static_cast<int64_t>(info.st_dev), static_cast<int64_t>(info.st_ino), static_cast<int64_t>(info.st_size),
                         static_cast<int64_t>(info.st_mtim.tv_sec), static_cast<int64_t>(info.st_mtim.tv_nsec),
                         static_cast<int64_t>(info.st_ctim.tv_sec), static_cast<int64_t>(info.st_ctim.tv_nsec)})
    key.add(number);
  using namespace std::chrono;
  auto changed = std::max(seconds(info.st_mtim.tv_sec) + nanoseconds(info.st_mtim.tv_nsec), seconds(info.st_ctim.tv_sec) + nanoseconds(info.st_ctim.tv_nsec));
  constexpr auto settled = seconds(1); // coarser than the clock of a file system
  isSettled &= system_clock::now().time_since_epoch() - changed > settled;
  return Status::success();
}

static Status makeKey(const DataFormat &format, const TextData &data, std::string &text, bool &isSettled) {
  DataKey key;
  key.add("shards");
  key.add(format.vocabulary);
  key.add(static_cast<int64_t>(format.idType));
  for (const TokenStream &stream : data.streams) {
    key.add(static_cast<int64_t>(stream.files.size()));
    for (const std::string &file : stream.files)
      if (Status status = addIdentity(file, key, isSettled); !status)
        return status;
  }
  text = key.getText();
  return Status::success();
}

//===-- Folders ------------------------------------------------------------------------------===//

Status moe::loadShards(const std::string &folder, const DataFormat &format, TextData &data, const DataOptions &options) {
  DataLayout layout;
  if (Status status = findShards(folder, std::nullopt, layout); !status)
    return status;
  data = TextData();
  data.found = layout.found;
  std::array<std::vector<TokenIds::Piece>, 3> pieces;
  int64_t bytes = 0;
  for (Split split : splits) {
    auto i = static_cast<size_t>(split);
    if (Status status = mapSplit(folder, layout, format, split, data.streams[i], pieces[i]); !status)
      return status;
    bytes += data.streams[i].bytes;
  }
  DataCache cache(std::filesystem::path(options.cacheDir) / "data");
  std::string key;
  bool isKept = !options.cacheDir.empty() && bytes >= options.cacheFrom;
  if (isKept)
    if (Status status = makeKey(format, data, key, isKept); !status)
      return status;
  if (isKept && cache.load(key, false, data))
    return Status::success();

  if (bytes >= options.cacheFrom && options.onStage)
    options.onStage("looking through the ids of " + folder);
  std::vector<int64_t> counts(static_cast<size_t>(format.vocabulary));
  for (size_t i = 0; i < pieces.size(); ++i) {
    TokenStream &stream = data.streams[i];
    if (Status status = requireInside(stream, pieces[i], format.vocabulary); !status)
      return status;
    stream.hash = stream.ids.hash();
  }
  data[Split::train].ids.forEachChunk([&](const int32_t *ids, int64_t count) {
    for (int64_t i = 0; i < count; ++i)
      ++counts[ids[i]];
  });
  data.vocabulary = Vocabulary::ofIds(format, counts);
  if (isKept)
    cache.store(key, false, data);
  return Status::success();
}

Status moe::loadShards(const std::string &folder, const DataFormat &format, Split split, TokenStream &stream) {
  DataLayout layout;
  std::vector<TokenIds::Piece> pieces;
  if (Status status = findShards(folder, split, layout); !status)
    return status;
  if (Status status = mapSplit(folder, layout, format, split, stream, pieces); !status)
    return status;
  if (Status status = requireInside(stream, pieces, format.vocabulary); !status)
    return status;
  stream.hash = stream.ids.hash();
  return Status::success();
}
