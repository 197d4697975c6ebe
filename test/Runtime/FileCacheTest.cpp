#include "lib/Runtime/FileCache.h"

#include <atomic>
#include <doctest/doctest.h>
#include <random>
#include <thread>
#include <vector>

using namespace moe;
namespace fs = std::filesystem;

namespace {
struct TemporaryFolder {
  fs::path path = fs::temp_directory_path() / ("moe-cache-test-" + std::to_string(std::random_device()()));
  ~TemporaryFolder() { fs::remove_all(path); }
};
} // namespace

TEST_CASE("what is stored is found, until it is removed") {
  TemporaryFolder folder;
  FileCache cache(folder.path / "a" / "b", 1 << 20);
  CHECK(!cache.load(1));
  CHECK(cache.store(1, std::string("x\0y", 3)));
  CHECK(cache.load(1) == std::string("x\0y", 3));
  CHECK(!cache.load(2));
  CHECK(cache.store(1, "z"));
  CHECK(cache.load(1) == "z");
  cache.remove(1);
  CHECK(!cache.load(1));
}

TEST_CASE("a folder that cannot be made is no error") {
  FileCache cache("/dev/null/cache", 1 << 20);
  CHECK(!cache.store(1, "x"));
  CHECK(!cache.load(1));
}

TEST_CASE("the least recently used go first, the newest never") {
  TemporaryFolder folder;
  FileCache cache(folder.path, 250);
  auto setAge = [&](uint64_t key, int hours) {
    fs::last_write_time(cache.getPath(key), fs::file_time_type::clock::now() - std::chrono::hours(hours));
  };
  CHECK(cache.store(1, std::string(100, 'a')));
  CHECK(cache.store(2, std::string(100, 'b')));
  setAge(1, 3);
  setAge(2, 2);
  CHECK(cache.load(1)); // now 2 is the oldest
  CHECK(cache.store(3, std::string(100, 'c')));
  CHECK(cache.load(1));
  CHECK(!cache.load(2));
  CHECK(cache.load(3));
  CHECK(cache.store(4, std::string(1000, 'd')));
  CHECK(cache.load(4));
  CHECK(!cache.load(1));
}

TEST_CASE("readers never see half a file while writers race") {
  TemporaryFolder folder;
  FileCache cache(folder.path, 1 << 24);
  std::atomic<int> running = 4;
  std::vector<std::thread> writers;
  for (char c : {'a', 'b', 'c', 'd'})
    writers.emplace_back([&, c] {
      for (int i = 0; i < 50; ++i)
        cache.store(9, std::string(20000, c));
      --running;
    });
  while (running != 0)
    if (std::optional<std::string> bytes = cache.load(9))
      CHECK(*bytes == std::string(20000, bytes->at(0)));
  for (std::thread &writer : writers)
    writer.join();
  CHECK(cache.load(9));
  CHECK(std::distance(fs::directory_iterator(folder.path), fs::directory_iterator()) == 1);
}
