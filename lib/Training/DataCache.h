//===- DataCache.h - what was made of a data folder before ------*- C++ -*-===//
#pragma once

#include "moe/Training/Text.h"

#include <filesystem>
#include <string>
#include <string_view>

namespace moe {

/// Folders by key below one folder, shared by any number of processes. An entry holds a vocabulary with its counts, the hash and the number of
/// lines of each split and, where they were given, the ids as .npy files, which are mapped when the entry is read. It appears whole or not at
/// all; when all of them outgrow the limit, those that were used longest ago go. Losing an entry is no error, and what is in one is used
/// only when it has the hash that it says.
class DataCache {
public:
  explicit DataCache(std::filesystem::path folder, int64_t limitBytes = int64_t(16) << 30) : folder(std::move(folder)), limit(limitBytes) {}

  /// False when there is no such entry, or not a whole one. Ids are read only where `withIds`; paths stay as they are.
  bool load(const std::string &key, bool withIds, TextData &data) const;
  bool store(const std::string &key, bool withIds, const TextData &data) const;

private:
  void evict(const std::filesystem::path &keep) const;

  std::filesystem::path folder;
  int64_t limit;
};

/// A key: what is added, each with its length, in order.
class DataKey {
public:
  DataKey();
  ~DataKey();
  DataKey(const DataKey &) = delete;
  void add(std::string_view text);
  void add(int64_t number) { add(std::string_view(reinterpret_cast<const char *>(&number), sizeof(number))); }
  /// The content of a file.
  Status addFile(const std::string &path);
  std::string getText() const;

private:
  void addBytes(std::string_view bytes);
  struct State;
  std::unique_ptr<State> state;
};

} // namespace moe
