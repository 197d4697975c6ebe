//===- DataCache.cpp - what was made of a data folder before ----*- C++ -*-===//
#include "lib/Training/DataCache.h"
#include "lib/Support/AtomicFile.h"
#include "lib/Training/Shards.h"
#include "lib/Training/TensorHash.h"
#include "lib/Training/Text.h"

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <unistd.h>

using namespace moe;
namespace fs = std::filesystem;
using nlohmann::json;

static constexpr const char *aboutName = "about.json", *vocabularyName = "vocabulary.txt";
static constexpr int formatVersion = 1;

//===-- Keys -----------------------------------------------------------------------------===//

struct DataKey::State {
  std::unique_ptr<XXH3_state_t, XXH_errorcode (*)(XXH3_state_t *)> hash{XXH3_createState(), XXH3_freeState};
};

DataKey::DataKey() : state(std::make_unique<State>()) {
  XXH3_128bits_reset(state->hash.get());
  add(formatVersion);
}
DataKey::~DataKey() = default;

void DataKey::addBytes(std::string_view bytes) { XXH3_128bits_update(state->hash.get(), bytes.data(), bytes.size()); }

void DataKey::add(std::string_view text) {
  uint64_t size = text.size();
  addBytes({reinterpret_cast<const char *>(&size), sizeof(size)});
  addBytes(text);
}

Status DataKey::addFile(const std::string &path) {
  int64_t bytes = 0;
  Status status = readChunks(path, [&](std::string_view chunk) {
    addBytes(chunk);
    bytes += static_cast<int64_t>(chunk.size());
  });
  add(bytes);
  return status;
}

std::string DataKey::getText() const {
  XXH128_hash_t hash = XXH3_128bits_digest(state->hash.get());
  char text[33];
  std::snprintf(text, sizeof(text), "%016llx%016llx", static_cast<unsigned long long>(hash.high64), static_cast<unsigned long long>(hash.low64));
  return text;
}

//===-- Entries --------------------------------------------------------------------------===//

static fs::path idsOf(const fs::path &entry, Split split) { return entry / (std::string(toString(split)) + ".npy"); }

static Status readIds(const fs::path &entry, Split split, TokenStream &stream) {
  TokenIds::Piece piece;
  if (Status status = openShard(idsOf(entry, split).string(), IdType::i32, piece); !status)
    return status;
  TokenIds ids({piece});
  if (ids.hash() != stream.hash)
    return Status::failure("the ids are not those that were written");
  stream.ids = std::move(ids);
  return Status::success();
}

/// Throws what nlohmann throws.
static Status readEntry(const fs::path &entry, bool withIds, TextData &data) {
  std::string text;
  if (Status status = readFile((entry / aboutName).string(), text); !status)
    return status;
  json about = json::parse(text);
  for (Split split : splits) {
    TokenStream &stream = data.streams[static_cast<size_t>(split)];
    const json &of = about.at(toString(split));
    of.at("lines").get_to(stream.lines);
    of.at("hash").get_to(stream.hash);
    if (withIds)
      if (Status status = readIds(entry, split, stream); !status)
        return status;
  }
  std::string vocabulary = (entry / vocabularyName).string();
  if (Status status = readFile(vocabulary, text); !status)
    return status;
  if (about.at("vocabulary") != XXH3_64bits(text.data(), text.size()))
    return Status::failure("the vocabulary is not the one that was written");
  return Vocabulary::load(vocabulary, data.vocabulary);
}

bool DataCache::load(const std::string &key, bool withIds, TextData &data) const {
  fs::path entry = folder / key;
  std::error_code ignored;
  if (!fs::exists(entry, ignored))
    return false;
  TextData read;
  for (Split split : splits) {
    auto i = static_cast<size_t>(split);
    read.streams[i] = data.streams[i];
  }
  bool good = false;
  try {
    good = readEntry(entry, withIds, read).ok();
  } catch (const json::exception &) { // damaged
  }
  if (!good) {
    fs::remove_all(entry, ignored);
    return false;
  }
  data.vocabulary = std::move(read.vocabulary);
  data.streams = std::move(read.streams);
  fs::last_write_time(entry, fs::file_time_type::clock::now(), ignored); // the time of use
  return true;
}

static Status writeIds(const std::string &path, const TokenIds &ids) {
  AtomicFile file;
  if (Status status = file.open(path); !status)
    return status;
  Status status = file.write(makeNpyHeader(ids.size()));
  ids.forEachChunk([&](const int32_t *chunk, int64_t count) {
    if (status)
      status = file.write(chunk, static_cast<size_t>(count) * sizeof(int32_t));
  });
  return status ? file.commit() : status;
}

static Status writeEntry(const fs::path &entry, bool withIds, const TextData &data) {
  json about;
  for (Split split : splits) {
    about[toString(split)] = {{"lines", data[split].lines}, {"hash", data[split].hash}};
    if (withIds)
      if (Status status = writeIds(idsOf(entry, split).string(), data[split].ids); !status)
        return status;
  }
  std::string vocabulary = (entry / vocabularyName).string(), text;
  if (Status status = data.vocabulary.save(vocabulary); !status)
    return status;
  if (Status status = readFile(vocabulary, text); !status)
    return status;
  about["vocabulary"] = XXH3_64bits(text.data(), text.size());
  return writeFile((entry / aboutName).string(), about.dump() + "\n");
}

bool DataCache::store(const std::string &key, bool withIds, const TextData &data) const {
  std::error_code error, ignored;
  fs::path entry = folder / key, made = folder / (key + std::string(temporaryMark) + std::to_string(::getpid()));
  fs::remove_all(made, ignored); // of a process that was killed and had this number
  fs::create_directories(made, error);
  bool good = !error && writeEntry(made, withIds, data).ok();
  if (good)
    fs::rename(made, entry, error); // fails where another process was first: it wrote the same
  if (!good || error)
    fs::remove_all(made, ignored);
  if (good)
    evict(entry);
  return good && fs::exists(entry, ignored);
}

void DataCache::evict(const fs::path &keep) const {
  struct Entry {
    fs::path path;
    fs::file_time_type used;
    int64_t bytes = 0;
  };
  std::vector<Entry> entries;
  int64_t total = 0;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    std::error_code gone; // another process may evict at the same time
    Entry entry{it->path(), it->last_write_time(gone)};
    for (fs::directory_iterator file(it->path(), gone), last; !gone && file != last; file.increment(gone))
      if (uintmax_t size = file->file_size(gone); !gone)
        entry.bytes += static_cast<int64_t>(size);
    total += entry.bytes;
    if (entry.path != keep)
      entries.push_back(std::move(entry));
  }
  std::sort(entries.begin(), entries.end(), [](const Entry &a, const Entry &b) { return a.used < b.used; });
  for (const Entry &entry : entries) {
    if (total <= limit)
      return;
    fs::remove_all(entry.path, error);
    total -= entry.bytes;
  }
}
