// Data that is token ids already: headers, splits, values, and what is kept of them.
#include "lib/Training/Shards.h"
#include "moe/Training.h"
#include "test/Training/Encode.h"
#include "test/Training/Files.h"

#include <chrono>
#include <doctest/doctest.h>
#include <numeric>
#include <thread>

using namespace moe;
using namespace moe::test;

template <typename Int>
static std::string pack(const std::vector<Int> &numbers) {
  return {reinterpret_cast<const char *>(numbers.data()), numbers.size() * sizeof(Int)};
}

/// The header of llm.c: 256 32-bit numbers.
static std::string binHeader(int32_t magic, int32_t version, int32_t count) {
  std::vector<int32_t> header(256);
  header[0] = magic;
  header[1] = version;
  header[2] = count;
  return pack(header);
}

static std::string npy(const std::string &dictionary, const std::string &data, int version = 1) {
  std::string text = dictionary + "\n", length = version == 1 ? pack<uint16_t>({static_cast<uint16_t>(text.size())})
                                                              : pack<uint32_t>({static_cast<uint32_t>(text.size())});
  return "\x93NUMPY" + std::string(1, static_cast<char>(version)) + std::string(1, '\0') + length + text + data;
}
static std::string npyOf(const std::string &type, const std::string &shape, const std::string &data, int version = 1) {
  return npy("{'descr': '" + type + "', 'fortran_order': False, 'shape': " + shape + ", }", data, version);
}

static std::string binError(const std::string &bytes, IdType raw = IdType::u16) {
  ShardLayout layout;
  return parseBinShard(reinterpret_cast<const std::byte *>(bytes.data()), bytes.size(), raw, layout).error;
}
static std::string npyError(const std::string &bytes) {
  ShardLayout layout;
  return parseNpyShard(reinterpret_cast<const std::byte *>(bytes.data()), bytes.size(), layout).error;
}

static DataFormat idsBelow(int64_t vocabulary, IdType type = IdType::u16) {
  return {.tokens = DataFormat::Tokens::ids, .vocabulary = vocabulary, .idType = type};
}
static std::string errorOf(const std::string &folder, const DataFormat &format) {
  TextData data;
  return loadText(folder, format, data).error;
}

TEST_CASE("ids as nanoGPT, llm.c and NumPy write them") {
  Folder folder;
  write(folder / "my_train.bin", pack<uint16_t>({0, 5, 65535, 3}));
  write(folder / "my_val_000.bin", binHeader(20240520, 1, 2) + pack<uint16_t>({7, 8}));
  write(folder / "my_val_001.bin", binHeader(20240801, 7, 2) + pack<uint32_t>({9, 65536}));
  write(folder / "sub/Test/part-1.npy", npyOf("<u2", "(2,)", pack<uint16_t>({1, 2})));
  write(folder / "sub/Test/part-2.npy", npyOf("<u4", "(1,)", pack<uint32_t>({3}), 2));
  write(folder / "sub/Test/part-3.npy", npyOf("<i8", "( 2 , )", pack<int64_t>({5, 6}), 3));
  write(folder / "meta.pkl", "x");
  TextData data;
  Status status = loadText(folder.str(), idsBelow(65537), data);
  REQUIRE(status.error == "");
  CHECK(data.found == "1 train, 2 valid, 3 test shards");
  CHECK(data[Split::train].ids == std::vector<int32_t>{0, 5, 65535, 3});
  CHECK(data[Split::valid].ids == std::vector<int32_t>{7, 8, 9, 65536});
  CHECK(data[Split::test].ids == std::vector<int32_t>{1, 2, 3, 5, 6});
  CHECK(data[Split::valid].path == folder.str() + " (2 files of valid)");
  CHECK(data[Split::test].bytes > 15);
  CHECK(data[Split::valid].hash == TokenIds(std::vector<int32_t>{7, 8, 9, 65536}).hash());
  const Vocabulary &v = data.vocabulary;
  CHECK(v.size() == 65537);
  CHECK(v.getCount(5) == 1);
  CHECK(v.getCount(7) == 0); // only training ids count
  CHECK(v.getWord(65535) == "65535");
  CHECK(v.getUnknown() == -1);
  CHECK(encode(v, "5\n 3") == std::vector<int32_t>{5, 3});
  for (std::string word : {"x", "65537"}) {
    std::vector<int32_t> ids;
    CHECK(v.encode("5 " + word, ids).error == "'" + word + "' is not in the vocabulary");
  }
  CHECK(v.decode({5, 3}) == "5 3");

  REQUIRE(v.save(folder / "vocabulary.txt"));
  Vocabulary loaded;
  REQUIRE(Vocabulary::load(folder / "vocabulary.txt", loaded));
  CHECK(loaded.getFormat().tokens == DataFormat::Tokens::ids);
  CHECK(loaded.size() == v.size());
  CHECK(loaded.getCount(5) == 1);
  TokenStream valid;
  REQUIRE(loadSplit(folder.str(), Split::valid, loaded, valid));
  CHECK(valid.ids == data[Split::valid].ids);
  CHECK(valid.hash == data[Split::valid].hash);
}

TEST_CASE("ids of any type, in pieces, from any place") {
  std::vector<TokenIds::Piece> pieces;
  std::string odd = "x" + pack<uint16_t>({1, 2, 3}), wide = pack<int64_t>({4, 5}), words = pack<uint32_t>({6});
  auto at = [](const std::string &bytes, size_t offset) { return reinterpret_cast<const std::byte *>(bytes.data()) + offset; };
  pieces.push_back({at(odd, 1), IdType::u16, 3, nullptr});
  pieces.push_back({at(odd, 1), IdType::u16, 0, nullptr});
  pieces.push_back({at(wide, 0), IdType::i64, 2, nullptr});
  pieces.push_back({at(words, 0), IdType::u32, 1, nullptr});
  TokenIds ids(pieces);
  REQUIRE(ids.size() == 6);
  for (int64_t from = 0; from <= 6; ++from)
    for (int64_t count = 0; from + count <= 6; ++count) {
      std::vector<int32_t> got(static_cast<size_t>(count)), expected(static_cast<size_t>(count));
      ids.copy(from, count, got.data());
      std::iota(expected.begin(), expected.end(), static_cast<int32_t>(from) + 1);
      CHECK(got == expected);
      ids.willRead(from, count);
    }
  CHECK(ids[3] == 4);
  CHECK(ids == std::vector<int32_t>{1, 2, 3, 4, 5, 6});
  CHECK(ids.hash() == TokenIds(std::vector<int32_t>{1, 2, 3, 4, 5, 6}).hash());
  CHECK(TokenIds().empty());
  CHECK(TokenIds(std::vector<int32_t>{}).toVector().empty());
}

TEST_CASE("a .bin file that is not whole, or not ids") {
  std::string ids = pack<uint16_t>({1, 2});
  CHECK(binError("") == "the file is empty");
  CHECK(binError("abc") == "3 bytes are no whole number of 2-byte ids (u16)");
  CHECK(binError("abcdef", IdType::u32) == "6 bytes are no whole number of 4-byte ids (u32)");
  CHECK(binError(binHeader(20240520, 1, 2) + ids) == "");
  CHECK(binError((binHeader(20240520, 1, 2) + ids).substr(0, 1000)) == "the header is cut short: 1000 of 1024 bytes");
  CHECK(binError(binHeader(20240520, 2, 2) + ids) == "the header has magic 20240520 and version 2, expected version 1");
  CHECK(binError(binHeader(20240520, 1, 3) + ids) == "the header says 3 ids of 2 bytes (u16), but 4 bytes follow it");
  CHECK(binError(binHeader(20240801, 7, 2) + ids) == "the header says 2 ids of 4 bytes (u32), but 4 bytes follow it");
  CHECK(binError(binHeader(20240520, 1, -1) + ids) == "the header says -1 ids of 2 bytes (u16), but 4 bytes follow it");
  CHECK(binError(binHeader(20240522, 1, 2) + ids) ==
        "it begins with a header whose magic, 20240522, is not that of token ids: expected 20240520 or 20240801");
  CHECK(binError(std::string(2048, '\0')) == ""); // 1024 times the id 0
}

TEST_CASE("a .npy file that is not whole, or not ids") {
  std::string ids = pack<uint16_t>({1, 2});
  std::string good = npyOf("<u2", "(2,)", ids);
  CHECK(npyError(good) == "");
  CHECK(npyError("") == "the file is empty");
  CHECK(npyError("PK\3\4 and so on") == "not a NumPy array: it does not begin with \\x93NUMPY");
  for (size_t length : {6, 9, 10, 30})
    CHECK(npyError(good.substr(0, length)) == "the header is cut short");
  CHECK(npyError(npyOf("<u2", "(2,)", ids, 4)) == "version 4.0 of the NumPy format is not known");
  CHECK(npyError(npyOf("<f4", "(1,)", ids)) == "an array of '<f4', expected whole numbers: <u2, <u4, <i4 or <i8");
  CHECK(npyError(npyOf(">u2", "(2,)", ids)) == "an array of '>u2', expected whole numbers: <u2, <u4, <i4 or <i8");
  CHECK(npyError(npyOf("<u2", "(1, 2)", ids)) == "an array of 2 dimensions, expected 1");
  CHECK(npyError(npyOf("<u2", "()", ids)) == "an array of 0 dimensions, expected 1");
  CHECK(npyError(npyOf("<u2", "(3,)", ids)) == "the header says 3 ids of 2 bytes (u16), but 4 bytes follow it");
  CHECK(npyError(good + "x") == "the header says 2 ids of 2 bytes (u16), but 5 bytes follow it");
  for (const char *header : {"{'descr': '<u2', 'shape': (2,)}", "{'descr': '<u2', 'fortran_order': False, 'shape': (2,)", "[]", "{}",
                             "{'descr': '<u2', 'fortran_order': 0, 'shape': (2,)}", "{'descr': [('a', '<u2')], 'fortran_order': False, 'shape': (2,)}",
                             "{'descr': '<u2', 'descr': '<u2', 'fortran_order': False, 'shape': (2,)}", "{'descr': '<u2', 'fortran_order': False, 'shape': (-2,)}",
                             "{'descr': '<u2', 'fortran_order': False, 'shape': (99999999999999999999999,)}", "{'descr': '<u2"})
    CHECK(npyError(npy(header, ids)) == "the header is not one that NumPy writes");
  std::string header = makeNpyHeader(2), ints = pack<int32_t>({1, 2});
  CHECK(header.size() % 64 == 0);
  CHECK(npyError(header + ints) == "");
}

TEST_CASE("which file is which split") {
  Folder folder;
  std::string ids = pack<uint16_t>({1, 2, 3});
  CHECK(errorOf(folder / "none", idsBelow(4)) == (folder / "none") + ": there is no such data folder");
  CHECK(errorOf(folder.str(), idsBelow(4)) ==
        folder.str() + ": there are no token ids for train; looked for *.bin and *.npy with 'train' in their names");
  write(folder / "train.bin", ids);
  CHECK(errorOf(folder.str(), idsBelow(4)) ==
        folder.str() + ": there are no token ids for valid; looked for *.bin and *.npy with 'val' in their names");
  write(folder / "val.bin", ids);
  CHECK(errorOf(folder.str(), idsBelow(4)) == ""); // nanoGPT has no test
  TokenStream test;
  CHECK(loadSplit(folder.str(), Split::test, Vocabulary::ofIds(idsBelow(4), {0, 0, 0, 0}), test).error ==
        folder.str() + ": there are no token ids for test; looked for *.bin and *.npy with 'test' in their names");
  write(folder / "contest.npy", ids);
  CHECK(errorOf(folder.str(), idsBelow(4)) ==
        (folder / "contest.npy") + ": its name says neither train nor val nor test, as in train.bin or fineweb_val_000000.bin");
  std::filesystem::rename(folder / "contest.npy", folder / "train_val.npy");
  CHECK(errorOf(folder.str(), idsBelow(4)) ==
        (folder / "train_val.npy") + ": its name says more than one split, as in train.bin or fineweb_val_000000.bin");
  std::filesystem::remove(folder / "train_val.npy");
  TextData text;
  CHECK(loadText(folder.str(), {}, text).error ==
        folder.str() + ": there is no text here, but there are token ids (train.bin): data = shards(vocabulary=N) reads them");
}

TEST_CASE("an id outside the vocabulary is named with its place, in every type") {
  Folder folder;
  write(folder / "val.bin", pack<uint16_t>({1}));
  std::vector<uint16_t> many(10'000, 2);
  many[9'876] = 50'300;
  write(folder / "train.bin", pack(many));
  CHECK(errorOf(folder.str(), idsBelow(50'257)) == (folder / "train.bin") + ": id 50300 at position 9876 lies outside the vocabulary of 50257");
  CHECK(errorOf(folder.str(), idsBelow(50'301)) == "");
  std::filesystem::remove(folder / "train.bin");
  write(folder / "train.npy", npyOf("<i4", "(2,)", pack<int32_t>({3, -1})));
  CHECK(errorOf(folder.str(), idsBelow(9)) == (folder / "train.npy") + ": id -1 at position 1 lies outside the vocabulary of 9");
  write(folder / "train.npy", npyOf("<i8", "(1,)", pack<int64_t>({int64_t(1) << 32})));
  CHECK(errorOf(folder.str(), idsBelow(9)) == (folder / "train.npy") + ": id 4294967296 at position 0 lies outside the vocabulary of 9");
  write(folder / "train.npy", npyOf("<u4", "(1,)", pack<uint32_t>({0xFFFFFFFF})));
  CHECK(errorOf(folder.str(), idsBelow(9)) == (folder / "train.npy") + ": id 4294967295 at position 0 lies outside the vocabulary of 9");
  TokenStream train;
  CHECK(!loadSplit(folder.str(), Split::train, Vocabulary::ofIds(idsBelow(9), std::vector<int64_t>(9)), train));
}

TEST_CASE("what was seen of large shards is kept while they do not change") {
  Folder folder;
  std::string data = folder / "data", cache = folder / "cache";
  write(data + "/train.bin", pack<uint16_t>({1, 2, 2}));
  write(data + "/val.bin", pack<uint16_t>({3}));
  std::vector<std::string> stages;
  DataOptions options{cache, 1, [&](const std::string &stage) { stages.push_back(stage); }};
  TextData first, again;
  REQUIRE(loadText(data, idsBelow(4), first, options));
  CHECK(stages == std::vector<std::string>{"looking through the ids of " + data});
  CHECK(!std::filesystem::exists(cache)); // so new that a change might not show in its times
  std::this_thread::sleep_for(std::chrono::milliseconds(1100));
  REQUIRE(loadText(data, idsBelow(4), first, options));
  REQUIRE(list(cache + "/data").size() == 1);
  REQUIRE(loadText(data, idsBelow(4), again, options));
  CHECK(stages.size() == 2);
  CHECK(again[Split::train].ids == first[Split::train].ids);
  CHECK(again[Split::train].hash == first[Split::train].hash);
  CHECK(again.vocabulary.getCount(2) == 2);
  CHECK(again.found == first.found);
  write(data + "/train.bin", pack<uint16_t>({1, 2, 4}));
  TextData changed;
  CHECK(loadText(data, idsBelow(4), changed, options).error == data + "/train.bin: id 4 at position 2 lies outside the vocabulary of 4");
}
