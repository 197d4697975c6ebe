#include "moe/Training.h"

#include <doctest/doctest.h>
#include <numeric>
#include <set>

using namespace moe;

static TokenStream counting(int64_t tokens) {
  std::vector<int32_t> ids(static_cast<size_t>(tokens));
  std::iota(ids.begin(), ids.end(), 0);
  return {"t.txt", std::move(ids)};
}

TEST_CASE("rows advance block by block, targets are one further") {
  TokenStream ids = counting(2 * 10 + 1); // the last token has no row
  BlockStream stream;
  REQUIRE(BlockStream::create(ids, 2, 3, 1, stream));
  CHECK(stream.getBlocks() == 3);
  std::vector<int32_t> tokens(6), targets(6);
  CHECK(!stream.next(tokens.data(), targets.data()));
  CHECK(tokens == std::vector<int32_t>{0, 1, 2, 10, 11, 12});
  CHECK(targets == std::vector<int32_t>{1, 2, 3, 11, 12, 13});
  CHECK(!stream.next(tokens.data(), targets.data()));
  CHECK(tokens == std::vector<int32_t>{3, 4, 5, 13, 14, 15});
  CHECK(stream.next(tokens.data(), targets.data())); // 6..8 with the target 9: the rows end here
  CHECK(targets == std::vector<int32_t>{7, 8, 9, 17, 18, 19});
  CHECK(stream.getPosition().restarts == 1);
  CHECK(stream.getPosition().offset < 3);
}

TEST_CASE("starts anew at any offset below one block, as the seed says") {
  TokenStream ids = counting(22);
  std::set<int64_t> offsets;
  auto positions = [&](uint64_t seed) {
    BlockStream stream;
    REQUIRE(BlockStream::create(ids, 2, 4, seed, stream));
    std::vector<int32_t> tokens(8), targets(8);
    std::vector<int64_t> starts;
    for (int i = 0; i < 60; ++i) {
      int64_t offset = stream.getPosition().offset;
      if (stream.next(tokens.data(), targets.data()))
        starts.push_back(stream.getPosition().offset);
      CHECK(tokens[4] == 11 + offset);
      CHECK(targets[3] == offset + 4);
    }
    offsets.insert(starts.begin(), starts.end());
    return starts;
  };
  std::vector<int64_t> first = positions(1);
  CHECK(first == positions(1));
  CHECK(first != positions(2));
  CHECK(offsets == std::set<int64_t>{0, 1, 2, 3});
}

TEST_CASE("rows of hardly more than one block") {
  TokenStream ids = counting(5);
  BlockStream stream;
  REQUIRE(BlockStream::create(ids, 1, 4, 7, stream));
  std::vector<int32_t> tokens(4), targets(4);
  for (int i = 0; i < 5; ++i) {
    CHECK(stream.next(tokens.data(), targets.data()));
    CHECK(targets[3] == 4);
  }
  CHECK(BlockStream::create(ids, 1, 5, 7, stream).error ==
        "t.txt: 5 tokens are too few for 1 rows of 5 and one more: at least 6 are needed");
}

TEST_CASE("a position can be taken up again, but not one outside") {
  TokenStream ids = counting(100);
  BlockStream one, other;
  REQUIRE(BlockStream::create(ids, 2, 7, 3, one));
  REQUIRE(BlockStream::create(ids, 2, 7, 3, other));
  std::vector<int32_t> tokens(14), targets(14), again(14);
  for (int i = 0; i < 20; ++i)
    one.next(tokens.data(), targets.data());
  REQUIRE(other.setPosition(one.getPosition()));
  for (int i = 0; i < 20; ++i) {
    CHECK(one.next(tokens.data(), targets.data()) == other.next(again.data(), targets.data()));
    CHECK(tokens == again);
  }
  CHECK(other.setPosition({43, 0}).error == "position 43 lies outside rows of 50 tokens");
  CHECK(!other.setPosition({-1, 0}));
  CHECK(other.setPosition({42, 0}));
}
