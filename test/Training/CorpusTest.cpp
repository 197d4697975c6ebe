#include "lib/Training/Corpus/Command.h"
#include "lib/Training/Corpus/Dictionary.h"
#include "lib/Training/Corpus/Prose.h"
#include "moe/Training.h"
#include "test/Training/Files.h"

#include <doctest/doctest.h>
#include <zlib.h>

using namespace moe;
using namespace moe::test;

namespace {
/// Text and index of a dictionary, article by article.
struct DictionaryText {
  std::string text, index;

  void add(const std::vector<std::string> &heads, const std::string &article) {
    for (const std::string &head : heads)
      index += head + "\t" + digits(text.size()) + "\t" + digits(article.size()) + "\n";
    text += article;
  }
  static std::string digits(size_t number) {
    constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string result;
    do
      result.insert(result.begin(), alphabet[number % 64]);
    while (number /= 64);
    return result;
  }
  void write(const std::string &folder, const std::string &name) const {
    std::filesystem::create_directories(folder);
    gzFile file = gzopen((folder + "/" + name + ".dict.dz").c_str(), "wb");
    gzwrite(file, text.data(), static_cast<unsigned>(text.size()));
    gzclose(file);
    test::write(folder + "/" + name + ".index", index);
  }
};

/// Puts programs of the test before those of the machine.
class Path {
public:
  explicit Path(const std::string &folder) : before(getenv("PATH")) { setenv("PATH", (folder + ":" + before).c_str(), 1); }
  ~Path() { setenv("PATH", before.c_str(), 1); }

private:
  std::string before;
};
} // namespace

static void writeProgram(const std::string &path, const std::string &script) {
  write(path, "#!/bin/sh\n" + script);
  std::filesystem::permissions(path, std::filesystem::perms::owner_all);
}

static const char *const actor = "actor%%%\nactors\n\n   1. <programming> In {object-oriented}\n   programming, an {object}.\n\n   (1994-11-08)\n\n";

TEST_CASE("an article: headwords, then paragraphs") {
  Article article = parseArticle(actor);
  CHECK(article.head == "actor");
  REQUIRE(article.paragraphs.size() == 2);
  CHECK(article.paragraphs[0] == "1. <programming> In {object-oriented} programming, an {object}.");
  CHECK(article.paragraphs[1] == "(1994-11-08)");
  CHECK(parseArticle("BNF\n /B.N.F/, n.\n\n    1. It\n    is\n").paragraphs == std::vector<std::string>{"/B.N.F/, n.", "1. It is"});
  CHECK(parseArticle("").paragraphs.empty());
}

TEST_CASE("words apart") {
  CHECK(separateWords("In {object-oriented}  programming, an\t{object} .") == "In object - oriented programming , an object .");
  CHECK(separateWords("don't 'quote' 4.4.7, 12,021. e.g. x.") == "don't ' quote ' 4.4.7 , 12,021 . e . g . x .");
  CHECK(separateWords("\u201Cna\u00EFve\u201D \u2014 caf\u00E9\u2019s") == "\u201C na\u00EFve \u201D \u2014 caf\u00E9 \u2019 s");
  CHECK(separateWords(" {} ").empty());
}

TEST_CASE("a dictionary in the order of its text, each article once") {
  Folder folder;
  DictionaryText dictionary;
  dictionary.add({"00-database-short"}, "About this dictionary\n");
  dictionary.add({"actor", "actors"}, actor);
  dictionary.add({"BNF"}, "BNF\n\n  A form.\n");
  // The index is sorted by headword: the order of the text is another.
  dictionary.index = dictionary.index.substr(dictionary.index.rfind("BNF")) + dictionary.index.substr(0, dictionary.index.rfind("BNF"));
  dictionary.write(folder.str(), "d");
  std::vector<Article> articles;
  REQUIRE(readDictionary(folder / "d.dict.dz", folder / "d.index", articles));
  REQUIRE(articles.size() == 2);
  CHECK(articles[0].head == "actor");
  CHECK(articles[1].head == "BNF");
  CHECK(articles[1].paragraphs == std::vector<std::string>{"A form."});
}

TEST_CASE("dictionaries that are not whole") {
  Folder folder;
  DictionaryText dictionary;
  dictionary.add({"actor"}, actor);
  dictionary.write(folder.str(), "d");
  std::string text = folder / "d.dict.dz", index = folder / "d.index";
  std::vector<Article> articles;
  for (std::string entry : {"a\tA\tB*", "a\tA\tzz", "a\tA", "a", "a\t\tA", "a\t////////////\tB"}) {
    write(index, "actor\tA\tB\n" + entry + "\n");
    CHECK(readDictionary(text, index, articles).error == index + ":2: not an entry of this dictionary");
  }
  std::string bytes = read(text);
  write(text, bytes.substr(0, bytes.size() - 12));
  CHECK(readDictionary(text, index, articles).error.starts_with(text + ": not a whole gzip file"));
  CHECK(readDictionary(folder / "none", index, articles).error == (folder / "none") + ": No such file or directory");
}

TEST_CASE("commands") {
  Folder folder;
  std::string output;
  REQUIRE(runCommand({"sh", "-c", "pwd; echo done >&2"}, folder.str(), output));
  CHECK(output == folder.str() + "\ndone\n");
  CHECK(runCommand({"sh", "-c", "echo first; echo the reason; exit 3"}, "/", output).error == "sh failed: the reason");
  CHECK(runCommand({"no-such-program-here"}, "/", output).error == "no-such-program-here: No such file or directory");
}

TEST_CASE("a corpus from packages: made once, then left alone") {
  Folder folder;
  DictionaryText foldoc, jargon;
  for (int i = 0; i < 200; ++i)
    foldoc.add({"word" + std::to_string(i)}, "Word" + std::to_string(i) + "\n\n   (foldoc) an article.\n");
  for (int i = 0; i < 200; i += 2)
    jargon.add({"word" + std::to_string(i)}, "word" + std::to_string(i) + "\n\n    [jargon] another.\n");
  foldoc.write(folder / "usr/share/dictd", "foldoc");
  jargon.write(folder / "usr/share/dictd", "jargon");
  // apt-get download -q PACKAGE; dpkg-deb -x FILE .
  writeProgram(folder / "bin/apt-get", "touch ${3}_1.5-2_all.deb\n");
  writeProgram(folder / "bin/dpkg-deb", "mkdir -p usr/share/dictd && cp " + (folder / "usr/share/dictd/") + "* usr/share/dictd\n");
  Path path(folder / "bin");

  CorpusResult result;
  std::vector<std::string> stages;
  REQUIRE(buildCorpus("foldoc+jargon", folder / "data/small/", [&](const std::string &stage) { stages.push_back(stage); }, result));
  CHECK(!result.alreadyThere);
  CHECK(stages.size() == 5);
  CHECK(result.packages.at("dict-foldoc") == "1.5-2");
  CHECK(result.articles[0] + result.articles[1] + result.articles[2] == 300);
  CHECK(result.articles[0] > 240);
  CHECK(result.articles[1] > 4);
  CHECK(result.articles[2] > 4);
  CHECK(list(folder / "data") == std::vector<std::string>{"small"});
  CHECK(list(folder / "data/small") == std::vector<std::string>{"manifest.json", "test.txt", "train.txt", "valid.txt"});

  TextData data;
  REQUIRE(loadText(folder / "data/small", {}, data));
  for (Split split : splits)
    CHECK(result.tokens[static_cast<size_t>(split)] == static_cast<int64_t>(data[split].ids.size()));
  std::string valid = read(folder / "data/small/valid.txt"), train = read(folder / "data/small/train.txt");
  CHECK(valid.starts_with("= Word"));
  CHECK(valid.find(" =\n( foldoc ) an article .\n") != std::string::npos);
  // An article that both dictionaries have stands in one split only.
  for (size_t at = 0; (at = valid.find("= Word", at)) != std::string::npos; ++at)
    CHECK(train.find("= word" + valid.substr(at + 6, valid.find(' ', at + 6) - at - 6) + " =") == std::string::npos);

  writeProgram(folder / "bin/apt-get", "echo 'E: no network'; exit 100\n");
  CorpusResult again;
  REQUIRE(buildCorpus("foldoc+jargon", folder / "data/small", {}, again));
  CHECK(again.alreadyThere);
  CHECK(again.tokens == result.tokens);
  CHECK(again.packages == result.packages);

  SUBCASE("an altered file is named") {
    write(folder / "data/small/train.txt", "x");
    CHECK(buildCorpus("foldoc+jargon", folder / "data/small", {}, again).error ==
          (folder / "data/small/train.txt") + ": the file is not as it was made; remove the folder to make it again");
  }
  SUBCASE("without a network nothing is left behind") {
    CHECK(buildCorpus("foldoc+jargon", folder / "data/other", {}, again).error ==
          "cannot fetch the Debian package dict-foldoc: apt-get failed: E: no network (is there a network, and was apt-get update run?)");
    CHECK(list(folder / "data") == std::vector<std::string>{"small"});
  }
  SUBCASE("a folder of the user is not touched") {
    write(folder / "mine/notes.txt", "x");
    CHECK(buildCorpus("foldoc+jargon", folder / "mine", {}, again).error ==
          (folder / "mine") + ": the folder is not empty, and moec did not make what is in it; choose another");
    CHECK(list(folder / "mine") == std::vector<std::string>{"notes.txt"});
  }
  SUBCASE("an unknown corpus") {
    CHECK(buildCorpus("wikitext", folder / "w", {}, again).error == "there is no corpus 'wikitext'; known: foldoc+jargon");
  }
}
