//===- FileCache.h - a bounded folder of files by key ----------*- C++ -*-===//
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace moe {

/// Files by key in one folder, shared by any number of processes. A file appears whole or not at all; when the folder outgrows its
/// limit, those that were used longest ago go. Losing an entry is never an error: what cannot be read or written is as if it were
/// not there.
class FileCache {
public:
  FileCache(std::filesystem::path folder, int64_t limitBytes) : folder(std::move(folder)), limit(limitBytes) {}

  std::optional<std::string> load(uint64_t key) const;
  /// True when the file is in place.
  bool store(uint64_t key, const std::string &bytes) const;
  /// For an entry that turned out to be damaged.
  void remove(uint64_t key) const;

  std::filesystem::path getPath(uint64_t key) const;

private:
  void evict(const std::filesystem::path &keep) const;

  std::filesystem::path folder;
  int64_t limit;
};

} // namespace moe
