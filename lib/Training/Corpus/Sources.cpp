//===- Sources.cpp - where the articles of a corpus come from ---*- C++ -*-===//
#include "lib/Training/Corpus/Sources.h"
#include "lib/Support/AtomicFile.h"
#include "lib/Training/Corpus/Command.h"
#include "lib/Training/Corpus/Dictionary.h"
#include "lib/Training/Corpus/Inflate.h"
#include "lib/Training/Corpus/Markup.h"
#include "lib/Training/Text.h"

#include <algorithm>
#include <cctype>

using namespace moe;
namespace fs = std::filesystem;

//===-- HTML -----------------------------------------------------------------------------===//

static Status readUtf8(const fs::path &path, std::string &text) {
  if (Status status = readFile(path.string(), text); !status)
    return status;
  return isValidUtf8(text) ? Status::success() : Status::failure(path.string() + ": the text is not valid UTF-8");
}

Status moe::readHtmlFolder(const fs::path &folder, std::vector<Article> &articles) {
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
    if (it->path().extension() == ".html")
      files.push_back(it->path());
  if (files.empty())
    return Status::failure(folder.string() + ": there are no pages in the package");
  std::sort(files.begin(), files.end());
  for (const fs::path &file : files) {
    std::string text;
    if (Status status = readUtf8(file, text); !status)
      return status;
    for (Article &article : makeArticles(readMarkup(text, /*titleLevel=*/1), /*level=*/2)) {
      article.head = article.head.substr(0, article.head.find(" | ")); // what follows is the name of the site
      articles.push_back(std::move(article));
    }
  }
  return Status::success();
}

//===-- SWORD ----------------------------------------------------------------------------===//

Status moe::readSwordCommentary(const fs::path &base, std::vector<Article> &articles) {
  std::string index, packed;
  fs::path indexPath = base.string() + ".czs", packedPath = base.string() + ".czz";
  if (Status status = readFile(indexPath.string(), index); !status)
    return status;
  if (Status status = readFile(packedPath.string(), packed); !status)
    return status;
  constexpr size_t entryBytes = 12;
  for (size_t at = 0; at + entryBytes <= index.size(); at += entryBytes) {
    size_t offset = littleEndian(index, at), length = littleEndian(index, at + 4), size = littleEndian(index, at + 8), used = 0;
    std::string text;
    if (offset > packed.size() || length > packed.size() - offset ||
        !inflateStream(std::string_view(packed).substr(offset, length), size, text, used) || !isValidUtf8(text))
      return Status::failure(packedPath.string() + ": block " + std::to_string(at / entryBytes) + " is damaged");
    // The titles within a chapter are headings of its sections; its own is the first of them.
    std::vector<MarkupBlock> blocks = readMarkup(text, /*titleLevel=*/2);
    if (blocks.empty())
      continue;
    blocks[0].level = 1;
    for (Article &article : makeArticles(blocks, /*level=*/1))
      articles.push_back(std::move(article));
  }
  return articles.empty() ? Status::failure(packedPath.string() + ": there is no text in it") : Status::success();
}

//===-- Novels ---------------------------------------------------------------------------===//

/// The vector of texts in an R object that was serialized as version 2 or 3 in binary form: after the head, type and length of the vector, then
/// type, length and bytes of each text, all numbers big-endian.
static bool readTexts(std::string_view object, std::vector<std::string> &texts) {
  constexpr uint32_t textVector = 16, text = 9, typeBits = 0xFF;
  size_t at = 2;
  auto number = [&](uint32_t &value) {
    bool isThere = object.size() >= at + 4;
    value = isThere ? bigEndian(object, at) : 0;
    at += isThere ? 4 : 0;
    return isThere;
  };
  uint32_t version = 0, ignored = 0, length = 0, type = 0, count = 0;
  if (!object.starts_with("X\n") || !number(version) || !number(ignored) || !number(ignored))
    return false;
  if (version == 3) { // the name of an encoding
    if (!number(length) || object.size() - at < length)
      return false;
    at += length;
  }
  if (!number(type) || (type & typeBits) != textVector || !number(count))
    return false;
  for (uint32_t i = 0; i < count; ++i) {
    if (!number(type) || (type & typeBits) != text || !number(length) || object.size() - at < length)
      return false;
    texts.emplace_back(object.substr(at, length));
    at += length;
  }
  return true;
}

static bool isChapterHeading(const std::string &line) {
  std::string_view rest = line, first = takeWord(rest), second = takeWord(rest);
  std::string lower;
  for (char c : first)
    lower += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return lower == "chapter" && !second.empty() && takeWord(rest).empty();
}

/// The title is the first line; what stands before the first chapter is about the book.
static void addNovel(const std::vector<std::string> &lines, std::vector<Article> &articles) {
  std::vector<MarkupBlock> blocks;
  std::string paragraph, title = lines.empty() ? "" : lines[0];
  auto endParagraph = [&] {
    if (!paragraph.empty() && !blocks.empty())
      blocks.push_back({0, paragraph});
    paragraph.clear();
  };
  for (const std::string &line : lines) {
    std::string_view rest = line, word = takeWord(rest);
    if (word.empty() || isChapterHeading(line))
      endParagraph();
    if (isChapterHeading(line)) {
      blocks.push_back({1, title + " , " + line});
      continue;
    }
    for (; !word.empty(); word = takeWord(rest))
      paragraph += (paragraph.empty() ? "" : " ") + std::string(word);
  }
  endParagraph();
  for (Article &article : makeArticles(blocks, 1))
    articles.push_back(std::move(article));
}

Status moe::readNovels(const fs::path &rdb, std::vector<Article> &articles) {
  std::string bytes;
  if (Status status = readFile(rdb.string(), bytes); !status)
    return status;
  // Each object: its size unpacked, then a zlib stream.
  std::string_view rest = bytes;
  while (!rest.empty()) {
    std::string object;
    std::vector<std::string> lines;
    size_t used = 0;
    if (rest.size() < 4 || !inflateStream(rest.substr(4), bigEndian(rest, 0), object, used) || !readTexts(object, lines) ||
        !std::all_of(lines.begin(), lines.end(), [](const std::string &line) { return isValidUtf8(line); }))
      return Status::failure(rdb.string() + ": byte " + std::to_string(bytes.size() - rest.size()) + " begins no vector of texts");
    addNovel(lines, articles);
    rest.remove_prefix(4 + used);
  }
  return Status::success();
}

//===-- Verses ---------------------------------------------------------------------------===//

std::vector<Article> moe::readVerses(std::string_view text) {
  std::vector<Article> articles;
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    std::string_view verse = line, label = takeWord(verse);
    size_t colon = label.find(':');
    if (colon == std::string_view::npos)
      continue;
    std::string head(label.substr(0, colon)); // Ge1, 1Sa12: a book and a chapter
    head.insert(head.find_last_not_of("0123456789") + 1, " ");
    if (articles.empty() || articles.back().head != head)
      articles.push_back({head, {}});
    articles.back().paragraphs.emplace_back(verse);
  }
  return articles;
}

static Status readKingJames(const fs::path &root, std::vector<Article> &articles) {
  std::string text, bible = (root / "usr/bin/bible").string();
  // One line a verse, whatever the width of a terminal.
  if (Status status = runCommand({bible, "-p", (root / "usr/lib").string(), "-f", "-l1000000", "Gen1:1-Rev22:21"}, root.string(), text); !status)
    return status;
  articles = readVerses(text);
  constexpr size_t chapters = 1189;
  if (articles.size() == chapters)
    return Status::success();
  return Status::failure(bible + " gave " + std::to_string(articles.size()) + " chapters, expected " + std::to_string(chapters));
}

//===-- All of them ------------------------------------------------------------------------===//

static Status readDict(const fs::path &root, const char *name, std::vector<Article> &articles) {
  fs::path base = root / "usr/share/dictd" / name;
  return readDictionary(base.string() + ".dict.dz", base.string() + ".index", articles);
}

const std::vector<CorpusSource> &moe::corpusSources() {
  static const std::vector<CorpusSource> sources = {
      {"anarchism", "essays", {"anarchism"}, 6.9,
       [](const fs::path &root, std::vector<Article> &articles) { return readHtmlFolder(root / "usr/share/doc/anarchism/html", articles); }},
      {"tdavid", "a commentary of the 19th century", {"sword-comm-tdavid"}, 5.1,
       [](const fs::path &root, std::vector<Article> &articles) {
         return readSwordCommentary(root / "usr/share/sword/modules/comments/zcom/tdavid/ot", articles);
       }},
      {"foldoc", "an encyclopaedia of computing", {"dict-foldoc"}, 2.4,
       [](const fs::path &root, std::vector<Article> &articles) { return readDict(root, "foldoc", articles); }},
      {"jargon", "the Jargon File", {"dict-jargon"}, 0.6,
       [](const fs::path &root, std::vector<Article> &articles) { return readDict(root, "jargon", articles); }},
      {"handbook", "a handbook of system administration", {"debian-handbook"}, 34.8,
       [](const fs::path &root, std::vector<Article> &articles) {
         return readHtmlFolder(root / "usr/share/doc/debian-handbook/html/en-US", articles);
       }},
      {"austen", "six novels", {"r-cran-janeaustenr"}, 1.6,
       [](const fs::path &root, std::vector<Article> &articles) {
         return readNovels(root / "usr/lib/R/site-library/janeaustenr/data/Rdata.rdb", articles);
       }},
      {"kjv", "the Bible in 1,189 chapters", {"bible-kjv", "bible-kjv-text"}, 2.5, readKingJames}};
  return sources;
}
