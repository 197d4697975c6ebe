// What a data folder of text may look like, and the ids that are kept of a large one.
#include "lib/Training/DataCache.h"
#include "moe/Training.h"
#include "test/Training/Files.h"

#include <chrono>
#include <doctest/doctest.h>

using namespace moe;
using namespace moe::test;

static std::string errorOf(const std::string &folder) {
  TextData data;
  return loadText(folder, {}, data).error;
}

static TextData load(const std::string &folder, const DataOptions &options = {}) {
  TextData data;
  Status status = loadText(folder, {}, data, options);
  REQUIRE(status.error == "");
  return data;
}

static std::vector<std::string> filesOf(const TextData &data, Split split) {
  std::vector<std::string> names;
  for (const std::string &file : data[split].files)
    names.push_back(std::filesystem::path(file).filename().string());
  return names;
}

TEST_CASE("WikiText's names, and val for valid") {
  Folder folder;
  for (const char *split : {"train", "valid", "test"})
    write(folder / ("w/wiki." + std::string(split) + ".tokens"), std::string(" = ") + split + " = \n");
  TextData data = load(folder / "w");
  CHECK(data.found == "wiki.train.tokens, wiki.valid.tokens and wiki.test.tokens");
  CHECK(data[Split::valid].path == folder / "w/wiki.valid.tokens");
  CHECK(data[Split::valid].ids.size() == 4);

  write(folder / "v/train.txt", "a\n");
  write(folder / "v/val.txt", "b\n");
  write(folder / "v/test.txt", "c\n");
  write(folder / "v/notes.txt", "not data\n");
  CHECK(filesOf(load(folder / "v"), Split::valid) == std::vector<std::string>{"val.txt"});
  write(folder / "v/valid.txt", "b\n");
  CHECK(errorOf(folder / "v") == (folder / "v/valid.txt") + " and " + (folder / "v/val.txt") + " both are the valid split: keep one");
  std::filesystem::remove(folder / "v/val.txt");
  for (const char *split : {"train", "valid", "test"})
    write(folder / ("v/wiki." + std::string(split) + ".tokens"), "x\n");
  CHECK(errorOf(folder / "v") == (folder / "v") + ": there are train.txt, valid.txt and test.txt, and also wiki.train.tokens, wiki.valid.tokens and "
                                                  "wiki.test.tokens: keep one of them");
  std::filesystem::remove(folder / "w/wiki.test.tokens");
  CHECK(errorOf(folder / "w") == (folder / "w/wiki.test.tokens") + ": there is no such file; a data folder holds wiki.train.tokens, wiki.valid.tokens "
                                                                   "and wiki.test.tokens");
  TokenStream stream; // one split alone is enough for an evaluation
  REQUIRE(loadSplit(folder / "w", Split::valid, data.vocabulary, stream));
  CHECK(stream.ids == data[Split::valid].ids);
  CHECK(!loadSplit(folder / "w", Split::test, data.vocabulary, stream));
}

TEST_CASE("folders of text files, in the order of their names") {
  Folder folder;
  write(folder / "train/b.txt", "two\n");
  write(folder / "train/a/z.txt", "one"); // its line ends with the file
  write(folder / "train/c.txt", "");
  write(folder / "train/.hidden.txt", "no\n");
  write(folder / "train/readme.md", "no\n");
  write(folder / "validation/x.txt", "three\n");
  CHECK(errorOf(folder.str()) == (folder / "test") + ": there is no such folder; a data folder holds folders train, valid and test");
  std::filesystem::create_directory(folder / "test");
  CHECK(errorOf(folder.str()) == (folder / "test") + ": there is no *.txt file in this folder");
  write(folder / "test/y.txt", "");
  CHECK(errorOf(folder.str()) == (folder / "test/y.txt") + ": the file is empty");
  write(folder / "test/y.txt", "four\n");
  TextData data = load(folder.str());
  CHECK(data.found == "folders train, valid and test with 3, 1 and 1 text files");
  CHECK(data[Split::train].path == folder.str() + " (3 files of train)");
  CHECK(filesOf(data, Split::train) == std::vector<std::string>{"z.txt", "b.txt", "c.txt"});
  CHECK(data[Split::train].ids == std::vector<int32_t>{0, 1, 2, 1}); // one <eos> two <eos>
  CHECK(data[Split::train].bytes == 7);
}

TEST_CASE("text files without splits are shared out by their content") {
  Folder folder;
  auto name = [](int i) { return "t" + std::to_string(i) + ".txt"; };
  CHECK(errorOf(folder.str()) == folder.str() + ": there is no text here; looked for train.txt, valid.txt and test.txt; for wiki.train.tokens, "
                                                "wiki.valid.tokens and wiki.test.tokens; for folders train, valid and test; for any *.txt");
  for (int i = 0; i < 2; ++i)
    write(folder / name(i), "text " + std::to_string(i) + "\n");
  CHECK(errorOf(folder.str()) ==
        folder.str() + ": 2 different text files are too few to be split; name them train.txt, valid.txt and test.txt, or give at least 3");
  for (int i = 2; i < 60; ++i)
    write(folder / ("deep/" + name(i)), "text " + std::to_string(i) + "\n");
  TextData data = load(folder.str());
  CHECK(data.found == "60 text files, shared out by their content: 54 train, 3 valid, 3 test");
  std::vector<std::string> valid = filesOf(data, Split::valid), test = filesOf(data, Split::test);

  // Names and places do not matter, and a copy goes where its like is.
  std::string held = data[Split::valid].files[0];
  std::filesystem::copy_file(held, folder / "zz-copy.txt");
  std::filesystem::rename(folder / "deep", folder / "elsewhere");
  TextData moved = load(folder.str());
  CHECK(moved.found == "61 text files, shared out by their content: 54 train, 4 valid, 3 test");
  valid.push_back("zz-copy.txt");
  CHECK(filesOf(moved, Split::valid) == valid);
  CHECK(filesOf(moved, Split::test) == test);
}

TEST_CASE("a large text is encoded once; then its ids are mapped") {
  Folder folder;
  std::string data = folder / "data", cache = folder / "cache";
  writeData(data, "a b a\nc\n", "b\n", "d\n");
  std::vector<std::string> stages;
  DataOptions options{cache, 1, [&](const std::string &stage) { stages.push_back(stage); }};
  TextData plain = load(data), first = load(data, options);
  REQUIRE(stages == std::vector<std::string>{"encoding " + data + ", once: its ids are kept in " + cache});
  auto expectSame = [&](const TextData &other) {
    REQUIRE(other.vocabulary.size() == plain.vocabulary.size());
    for (int32_t id = 0; id < plain.vocabulary.size(); ++id) {
      CHECK(other.vocabulary.getWord(id) == plain.vocabulary.getWord(id));
      CHECK(other.vocabulary.getCount(id) == plain.vocabulary.getCount(id));
    }
    for (Split split : splits) {
      CHECK(other[split].ids == plain[split].ids);
      CHECK(other[split].hash == plain[split].hash);
      CHECK(other[split].lines == plain[split].lines);
      CHECK(other[split].path == plain[split].path);
    }
  };
  expectSame(first);
  expectSame(load(data, options));
  CHECK(stages.size() == 1);
  std::vector<std::string> entries = list(cache + "/data");
  REQUIRE(entries.size() == 1);
  std::string entry = cache + "/data/" + entries[0];
  CHECK(list(entry) == std::vector<std::string>{"about.json", "test.npy", "train.npy", "valid.npy", "vocabulary.txt"});

  SUBCASE("the same text elsewhere has the same ids") {
    std::filesystem::rename(data, folder / "moved");
    TextData moved = load(folder / "moved", options);
    CHECK(stages.size() == 1);
    CHECK(moved[Split::valid].path == folder / "moved/valid.txt");
  }
  SUBCASE("another text, or another format, has others") {
    TextData other;
    REQUIRE(loadText(data, {DataFormat::Tokens::words, 2}, other, options));
    CHECK(other.vocabulary.size() == 4); // a <eos> <unk> AAA
    write(data + "/valid.txt", "c\n");
    CHECK(load(data, options)[Split::valid].ids == std::vector<int32_t>{3, 2});
    CHECK(stages.size() == 3);
  }
  SUBCASE("what was damaged is made again") {
    for (const char *name : {"train.npy", "about.json", "vocabulary.txt"}) {
      std::string path = entry + "/" + name, bytes = read(path);
      for (std::string bad : {bytes.substr(0, bytes.size() - 2), bytes.substr(0, bytes.size() - 4) + "\1\0\0\0", std::string()}) {
        stages.clear();
        write(path, bad);
        expectSame(load(data, options));
        CHECK(stages.size() == 1);
        CHECK(read(path) == bytes);
      }
    }
  }
  SUBCASE("a cache that cannot be written is no error") {
    write(folder / "file", "x");
    options.cacheDir = folder / "file";
    expectSame(load(data, options));
  }
}

TEST_CASE("of what is kept, what was used longest ago goes first") {
  Folder folder;
  writeData(folder / "data", "a b a\n", "b\n", "a\n");
  TextData data = load(folder / "data"), read = load(folder / "data");
  REQUIRE(DataCache(folder / "one").store("k", true, data));
  int64_t bytes = 0;
  for (const std::string &file : list(folder / "one/k"))
    bytes += static_cast<int64_t>(std::filesystem::file_size(folder / ("one/k/" + file)));
  DataCache two(folder / "two", 2 * bytes + 1);
  auto used = [&](const char *key, int minutes) {
    std::filesystem::last_write_time(folder / (std::string("two/") + key), std::filesystem::file_time_type::clock::now() - std::chrono::minutes(minutes));
  };
  REQUIRE(two.store("a", true, data));
  REQUIRE(two.store("b", true, data));
  used("a", 2);
  used("b", 1);
  REQUIRE(two.load("a", true, read)); // the time of use
  REQUIRE(two.store("c", true, data));
  CHECK(list(folder / "two") == std::vector<std::string>{"a", "c"});
  REQUIRE(DataCache(folder / "two", 1).store("d", true, data)); // larger than the limit by itself
  CHECK(list(folder / "two") == std::vector<std::string>{"d"});
  CHECK(!two.load("a", true, read));
}

TEST_CASE("a large word, a large line") {
  Folder folder;
  std::string word(5 << 20, 'x'), line;
  for (int i = 0; i < 400'000; ++i)
    line += "abc ";
  writeData(folder.str(), word + "\n" + line, "a\n", "a\n");
  TextData data = load(folder.str());
  CHECK(data[Split::train].lines == 2);
  CHECK(data[Split::train].ids.size() == 1 + 1 + 400'000 + 1);
  CHECK(data.vocabulary.getWord(0).size() == word.size());
}
