#include "lib/Training/Corpus/Command.h"
#include "lib/Training/Corpus/Dictionary.h"
#include "lib/Training/Corpus/Markup.h"
#include "lib/Training/Corpus/Prose.h"
#include "lib/Training/Corpus/Sources.h"
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

static std::vector<std::string> blocksOf(const std::string &text) {
  std::vector<std::string> shown;
  for (const MarkupBlock &block : readMarkup(text, 1))
    shown.push_back(std::to_string(block.level) + " " + block.text);
  return shown;
}

TEST_CASE("text without its tags") {
  CHECK(blocksOf("<html><head><title>A &amp; B</title><style>p {}</style></head><body><h2>One</h2><p>a <b>b</b>c<br>d</p>e<!-- > x --><p/>f</body>") ==
        std::vector<std::string>{"1 A & B", "2 One", "0 a bc d", "0 e", "0 f"});
  CHECK(blocksOf("<ul class=\"docnav top\"><li>Up<ul><li>x</li></ul></li></ul><pre>code</pre><div class='para'>a\n\tb</div>") ==
        std::vector<std::string>{"0 a b"});
  CHECK(blocksOf("&#233;&#xE9;&nbsp;&bogus; & 1 < 2 &#0; x\u00ADy\uFEFF\x01") == std::vector<std::string>{"0 \u00E9\u00E9 &bogus; & 1 < 2 &#0; xy"});
  CHECK(blocksOf("a <p") == std::vector<std::string>{"0 a"});
  CHECK(blocksOf("").empty());
  std::vector<Article> articles = makeArticles({{0, "before"}, {1, "empty"}, {2, "A"}, {0, "a"}, {3, "deep"}, {0, "b"}}, 2);
  REQUIRE(articles.size() == 2);
  CHECK(articles[0].head.empty());
  CHECK(articles[1].head == "A");
  CHECK(articles[1].paragraphs == std::vector<std::string>{"a", "= = deep = =", "b"});
}

/// A zlib stream, and numbers as files hold them.
static std::string pack(const std::string &text) {
  std::string packed(compressBound(text.size()), '\0');
  uLongf size = packed.size();
  compress(reinterpret_cast<Bytef *>(packed.data()), &size, reinterpret_cast<const Bytef *>(text.data()), text.size());
  return packed.substr(0, size);
}
static std::string little(size_t number) { return {char(number), char(number >> 8), char(number >> 16), char(number >> 24)}; }
static std::string big(size_t number) { return {char(number >> 24), char(number >> 16), char(number >> 8), char(number)}; }

TEST_CASE("a commentary: a block a chapter") {
  Folder folder;
  std::string first = "<chapter/><title>Psalm 1 OVERVIEW</title> <div/>One.<title>TITLE.</title><div/>Two.", second = "<milestone/>";
  std::string index, packed;
  for (const std::string &block : {first, second}) {
    std::string bytes = pack(block);
    index += little(packed.size()) + little(bytes.size()) + little(block.size());
    packed += bytes;
  }
  write(folder / "ot.czs", index);
  write(folder / "ot.czz", packed);
  std::vector<Article> articles;
  REQUIRE(readSwordCommentary(folder / "ot", articles));
  REQUIRE(articles.size() == 1);
  CHECK(articles[0].head == "Psalm 1 OVERVIEW");
  CHECK(articles[0].paragraphs == std::vector<std::string>{"One.", "= = TITLE. = =", "Two."});
  write(folder / "ot.czz", packed.substr(0, packed.size() - 1));
  CHECK(readSwordCommentary(folder / "ot", articles).error == (folder / "ot.czz") + ": block 1 is damaged");
  write(folder / "ot.czs", little(0) + little(4) + little(size_t(1) << 31));
  CHECK(readSwordCommentary(folder / "ot", articles).error == (folder / "ot.czz") + ": block 0 is damaged");
}

TEST_CASE("novels: a vector of lines each") {
  Folder folder;
  auto novel = [](const std::vector<std::string> &lines) {
    std::string object = "X\n" + big(3) + big(1) + big(1) + big(5) + "UTF-8" + big(16) + big(lines.size());
    for (const std::string &line : lines)
      object += big(0x40009) + big(line.size()) + line;
    return big(object.size()) + pack(object);
  };
  std::string both = novel({"EMMA", "", "By her", "CHAPTER I", "", "Emma was", "rich.", "", "And so.", "Chapter 2", "Chapter and verse.", ""});
  write(folder / "r.rdb", both + novel({"Other", "CHAPTER I", "x"}));
  std::vector<Article> articles;
  REQUIRE(readNovels(folder / "r.rdb", articles));
  REQUIRE(articles.size() == 3);
  CHECK(articles[0].head == "EMMA , CHAPTER I");
  CHECK(articles[0].paragraphs == std::vector<std::string>{"Emma was rich.", "And so."});
  CHECK(articles[1].paragraphs == std::vector<std::string>{"Chapter and verse."});
  CHECK(articles[2].head == "Other , CHAPTER I");
  write(folder / "r.rdb", both + "xyz");
  CHECK(readNovels(folder / "r.rdb", articles).error == (folder / "r.rdb") + ": byte " + std::to_string(both.size()) + " begins no vector of texts");
}

TEST_CASE("verses: a chapter an article") {
  std::vector<Article> articles = readVerses("Ge1:1 In the beginning\nGe1:2 And\n\n1Sa12:1 And Samuel\n");
  REQUIRE(articles.size() == 2);
  CHECK(articles[0].head == "Ge 1");
  CHECK(articles[0].paragraphs.size() == 2);
  CHECK(articles[1].head == "1Sa 12");
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
  REQUIRE(result.sources.size() == 2);
  REQUIRE(again.sources.size() == 2);
  for (size_t i = 0; i < 3; ++i) {
    CHECK(result.sources[0].articles[i] + result.sources[1].articles[i] == result.articles[i]);
    CHECK(result.sources[0].tokens[i] + result.sources[1].tokens[i] == result.tokens[i]);
    CHECK(again.sources[1].tokens[i] == result.sources[1].tokens[i]);
  }
  CHECK(result.sources[0].articles[0] + result.sources[0].articles[1] + result.sources[0].articles[2] == 200);
  CorpusResult small;
  REQUIRE(buildCorpus("small", folder / "data/small", {}, small)); // another name of the same
  CHECK(small.alreadyThere);

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
    CHECK(buildCorpus("foldoc+jargn", folder / "w", {}, again).error ==
          "there is no corpus 'jargn'; known: small, large, largest, anarchism, tdavid, foldoc, jargon, handbook, austen, kjv (did you mean 'jargon'?)");
    CHECK(buildCorpus("foldoc+foldoc", folder / "w", {}, again).error == "the corpus 'foldoc+foldoc' has foldoc twice");
    CHECK(buildCorpus("foldoc+", folder / "w", {}, again).error.starts_with("there is no corpus ''; known: "));
  }
}
