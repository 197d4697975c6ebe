//===- FileCache.cpp - a bounded folder of files by key ---------*- C++ -*-===//
#include "lib/Runtime/FileCache.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <random>
#include <vector>

using namespace moe;
namespace fs = std::filesystem;

static constexpr const char *entryExtension = ".moex";
static constexpr const char *temporaryExtension = ".tmp";

fs::path FileCache::getPath(uint64_t key) const {
  char name[17];
  std::snprintf(name, sizeof(name), "%016llx", static_cast<unsigned long long>(key));
  return folder / (std::string(name) + entryExtension);
}

std::optional<std::string> FileCache::load(uint64_t key) const {
  fs::path path = getPath(key);
  std::ifstream in(path, std::ios::binary);
  if (!in)
    return std::nullopt;
  std::string bytes(std::istreambuf_iterator<char>(in), {});
  if (in.bad())
    return std::nullopt;
  std::error_code ignored;
  fs::last_write_time(path, fs::file_time_type::clock::now(), ignored); // the time of use
  return bytes;
}

bool FileCache::store(uint64_t key, const std::string &bytes) const {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error)
    return false;
  // Another writer of the same key has another temporary name; whoever renames last wins, and both wrote the same.
  fs::path path = getPath(key), temporary = path;
  temporary += "." + std::to_string(std::random_device()()) + temporaryExtension;
  {
    std::ofstream out(temporary, std::ios::binary);
    out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    out.close();
    if (!out) {
      fs::remove(temporary, error);
      return false;
    }
  }
  fs::rename(temporary, path, error);
  if (error) {
    std::error_code ignored;
    fs::remove(temporary, ignored);
    return false;
  }
  evict(path);
  return true;
}

void FileCache::remove(uint64_t key) const {
  std::error_code ignored;
  fs::remove(getPath(key), ignored);
}

void FileCache::evict(const fs::path &keep) const {
  struct Entry {
    fs::path path;
    fs::file_time_type used;
    int64_t bytes;
  };
  std::vector<Entry> entries;
  int64_t total = 0;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    std::error_code gone; // another process may evict at the same time
    auto bytes = static_cast<int64_t>(it->file_size(gone));
    fs::file_time_type used = it->last_write_time(gone);
    if (gone)
      continue;
    // A temporary file this old belongs to a writer that was killed.
    if (it->path().extension() == temporaryExtension && fs::file_time_type::clock::now() - used > std::chrono::hours(1))
      fs::remove(it->path(), gone);
    if (it->path().extension() != entryExtension)
      continue;
    total += bytes;
    if (it->path() != keep)
      entries.push_back({it->path(), used, bytes});
  }
  std::sort(entries.begin(), entries.end(), [](const Entry &a, const Entry &b) { return a.used < b.used; });
  for (const Entry &entry : entries) {
    if (total <= limit)
      return;
    fs::remove(entry.path, error);
    total -= entry.bytes;
  }
}
