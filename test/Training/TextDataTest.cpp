#include "lib/Training/Text.h"
#include "moe/Training.h"
#include "test/Training/Encode.h"
#include "test/Training/Files.h"

#include <doctest/doctest.h>

using namespace moe;
using namespace moe::test;

static constexpr auto words = DataFormat::Tokens::words;
static constexpr auto bytes = DataFormat::Tokens::bytes;

static std::vector<std::string> wordsOf(const Vocabulary &vocabulary) {
  std::vector<std::string> all;
  for (int32_t id = 0; id < vocabulary.size(); ++id)
    all.emplace_back(vocabulary.getWord(id));
  return all;
}

static std::string errorOf(const std::string &folder, DataFormat format = {}) {
  TextData data;
  return loadText(folder, format, data).error;
}

TEST_CASE("ids by first appearance over train, valid and test") {
  Folder folder;
  writeData(folder.str(), "the cat\n\nthe\tdog \n", "a cat", "z the\n");
  TextData data;
  REQUIRE(loadText(folder.str(), {words, 1}, data));
  CHECK(wordsOf(data.vocabulary) == std::vector<std::string>{"the", "cat", "<eos>", "dog", "a", "z", "<unk>", "AAA"});
  CHECK(data[Split::train].ids == std::vector<int32_t>{0, 1, 2, 2, 0, 3, 2}); // an empty line has its <eos>
  CHECK(data[Split::valid].ids == std::vector<int32_t>{4, 1, 2});              // so has a last line without an end
  CHECK(data[Split::test].ids == std::vector<int32_t>{5, 0, 2});
  CHECK(data[Split::train].lines == 3);
  CHECK(data.vocabulary.getCount(0) == 2);
  CHECK(data.vocabulary.getCount(2) == 3);
  CHECK(data.vocabulary.getCount(4) == 0); // only train.txt counts
  CHECK(data.vocabulary.getUnknown() == 6);
  CHECK(data.vocabulary.getEndOfLine() == 2);
}

TEST_CASE("rare words become <unk>") {
  Folder folder;
  writeData(folder.str(), "b a a c\nb d a\n", "c c c e a\n", "b\n");
  TextData data;
  REQUIRE(loadText(folder.str(), {words, 2}, data));
  CHECK(wordsOf(data.vocabulary) == std::vector<std::string>{"b", "a", "<eos>", "<unk>", "AAA"});
  CHECK(data[Split::train].ids == std::vector<int32_t>{0, 1, 1, 3, 2, 0, 3, 1, 2});
  CHECK(data[Split::valid].ids == std::vector<int32_t>{3, 3, 3, 3, 1, 2});
  CHECK(data.vocabulary.getCount(3) == 2);
}

TEST_CASE("<unk> and AAA of the text are the ones of the vocabulary") {
  Folder folder;
  writeData(folder.str(), "a <unk> AAA\n", "a\n", "a\n");
  for (int64_t minCount : {1, 2}) {
    TextData data;
    REQUIRE(loadText(folder.str(), {words, minCount}, data));
    CHECK(data.vocabulary.size() == (minCount == 1 ? 4 : 3));
    CHECK(data.vocabulary.find("AAA") == data[Split::train].ids[2]);
    CHECK(data.vocabulary.getUnknown() == data[Split::train].ids[1]);
  }
}

TEST_CASE("bytes") {
  Folder folder;
  writeData(folder.str(), "a\n\xFF", "\n", "b");
  TextData data;
  REQUIRE(loadText(folder.str(), {bytes, 5}, data));
  CHECK(data.vocabulary.size() == 256);
  CHECK(data[Split::train].ids == std::vector<int32_t>{97, 10, 255});
  CHECK(data.vocabulary.getCount(97) == 1);
  CHECK(encode(data.vocabulary, "a\n") == std::vector<int32_t>{97, 10});
  CHECK(data.vocabulary.decode({104, 105, 10}) == "hi\n");
}

TEST_CASE("words end at Unicode's blanks") {
  std::string_view line = "\u00A0a\u3000b\u2009\u2028c\u205Fd\u1680e\x1c" "f\u00E9\u200B ";
  std::vector<std::string> found;
  for (std::string_view word; !(word = takeWord(line)).empty();)
    found.emplace_back(word);
  CHECK(found == std::vector<std::string>{"a", "b", "c", "d", "e", "f\u00E9\u200B"});
}

TEST_CASE("valid UTF-8") {
  for (const char *good : {"", "abc", "\xC3\xA9", "\xEF\xBF\xBF", "\xF4\x8F\xBF\xBF", "12345678\xE2\x82\xAC" "90"})
    CHECK(isValidUtf8(good));
  for (const char *bad : {"\x80", "\xC0\xAF", "\xC3", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xF8\x88\x80\x80\x80", "12345678\xE2\x82"})
    CHECK(!isValidUtf8(bad));
}

TEST_CASE("lines longer than what is read at once") {
  Folder folder;
  std::string longWord(3 << 20, 'x');
  write(folder / "t", "a\n" + longWord + " b\nc");
  std::vector<size_t> lengths;
  REQUIRE(readLines(folder / "t", [&](std::string_view line) { lengths.push_back(line.size()); }));
  CHECK(lengths == std::vector<size_t>{1, longWord.size() + 2, 1});
}

TEST_CASE("what is wrong with a data folder") {
  Folder folder;
  CHECK(errorOf(folder / "none") == (folder / "none") + ": there is no such data folder");
  write(folder / "valid.txt", "a\n");
  CHECK(errorOf(folder.str()) == (folder / "train.txt") + ": there is no such file; a data folder holds train.txt, valid.txt and test.txt");
  CHECK(errorOf(folder / "valid.txt") == (folder / "valid.txt") + ": this is a file; --data wants the folder that it lies in");
  writeData(folder.str(), "a b\n", "", "a\n");
  CHECK(errorOf(folder.str()) == (folder / "valid.txt") + ": the file is empty");
  CHECK(errorOf(folder.str(), {bytes, 1}) == (folder / "valid.txt") + ": the file is empty");
  writeData(folder.str(), "a b\nc \xFF\n", "a\n", "a\n");
  CHECK(errorOf(folder.str()) == (folder / "train.txt") + ":2: byte 3 of the line, 0xFF, is not valid UTF-8");
  writeData(folder.str(), "a b\n\xE2\x82", "a\n", "a\n");
  CHECK(errorOf(folder.str()) == (folder / "train.txt") + ":2: byte 1 of the line, 0xE2, is not valid UTF-8"); // cut within a character
  writeData(folder.str(), std::string("a b\nc\0d\n", 8), "a\n", "a\n");
  CHECK(errorOf(folder.str()) == (folder / "train.txt") + ":2: byte 2 is 0: this is not a text in UTF-8");
  std::filesystem::remove(folder / "train.txt");
  std::filesystem::create_directory(folder / "train.txt");
  CHECK(errorOf(folder.str()) == (folder / "train.txt") + ": Is a directory");
  std::filesystem::remove(folder / "train.txt");
  std::filesystem::create_symlink("nowhere", folder / "train.txt");
  CHECK(errorOf(folder.str()) == (folder / "train.txt") + ": there is no such file; a data folder holds train.txt, valid.txt and test.txt");
}

TEST_CASE("a vocabulary is stored with its counts") {
  Folder folder;
  writeData(folder.str(), "caf\u00E9 \" {} a\na\n", "b\n", "c\n");
  for (DataFormat format : {DataFormat{words, 1}, DataFormat{words, 2}, DataFormat{bytes, 1}}) {
    TextData data;
    REQUIRE(loadText(folder.str(), format, data));
    REQUIRE(data.vocabulary.save(folder / "vocabulary.txt"));
    Vocabulary loaded;
    REQUIRE(Vocabulary::load(folder / "vocabulary.txt", loaded));
    REQUIRE(wordsOf(loaded) == wordsOf(data.vocabulary));
    for (int32_t id = 0; id < loaded.size(); ++id)
      CHECK(loaded.getCount(id) == data.vocabulary.getCount(id));
    CHECK(loaded.getUnknown() == data.vocabulary.getUnknown());
    CHECK(loaded.getFormat().minCount == format.minCount);
    TokenStream stream;
    REQUIRE(loadSplit(folder.str(), Split::valid, loaded, stream));
    CHECK(stream.ids == data[Split::valid].ids);
  }
  CHECK(list(folder.str()) == std::vector<std::string>{"test.txt", "train.txt", "valid.txt", "vocabulary.txt"});
}

TEST_CASE("a vocabulary that was altered") {
  Folder folder;
  writeData(folder.str(), "x y\n", "x\n", "x\n");
  TextData data;
  REQUIRE(loadText(folder.str(), {words, 1}, data));
  std::string path = folder / "v";
  REQUIRE(data.vocabulary.save(path));
  std::string good = read(path);
  auto errorWith = [&](const std::string &text) {
    write(path, text);
    Vocabulary loaded;
    return Vocabulary::load(path, loaded).error;
  };
  std::string notOurs = ": this is not a vocabulary that moec wrote";
  CHECK(errorWith("x\t1\n") == path + ":1" + notOurs);
  CHECK(errorWith(good + "z\t1\n") == path + ":7" + notOurs);
  CHECK(errorWith(good.substr(0, good.size() - 2)) == path + ":6" + notOurs);
  CHECK(errorWith(good.substr(0, good.rfind("AAA"))) == path + ": the vocabulary is cut short, 4 of 5 entries");
  std::string twice = good;
  twice.replace(twice.find("\ny\t"), 3, "\nx\t");
  CHECK(errorWith(twice) == path + ":3" + notOurs);
  CHECK(errorWith("") == path + ": the file is empty");
}

TEST_CASE("prompts and texts") {
  Folder folder;
  writeData(folder.str(), "a b\n", "a\n", "a\n");
  TextData data;
  REQUIRE(loadText(folder.str(), {words, 1}, data));
  const Vocabulary &v = data.vocabulary; // a b <eos> <unk> AAA
  CHECK(encode(v, " a  q\nb\n") == std::vector<int32_t>{0, 3, 2, 1, 2});
  CHECK(encode(v, "").empty());
  CHECK(v.decode({0, 1, 2, 1, 3}) == "a b\nb <unk>");
}

TEST_CASE("statistics") {
  Folder folder;
  writeData(folder.str(), "a a b\nc <unk>\n", "a d d\n", "b\n");
  DataStats stats;
  REQUIRE(computeStats(folder.str(), {words, 2}, stats));
  CHECK(stats.vocabulary == 4); // a <eos> <unk> AAA
  const SplitStats &train = stats.splits[0], &valid = stats.splits[1];
  CHECK(train.lines == 2);
  CHECK(train.tokens == 7);
  CHECK(train.bytes == 14);
  CHECK(train.distinct == 5);
  CHECK(train.unseen == 0);
  CHECK(train.unknownTokens == 3); // b, c, <unk>
  CHECK(valid.unseen == 2);
  CHECK(valid.unknownTokens == 2);
  REQUIRE(computeStats(folder.str(), {words, 1}, stats));
  CHECK(stats.vocabulary == 7); // a b <eos> c <unk> d AAA
  CHECK(stats.splits[1].unknownTokens == 0);
}
