//===- Dictionary.cpp - articles of a dictd dictionary ----------*- C++ -*-===//
#include "lib/Training/Corpus/Dictionary.h"
#include "lib/Support/AtomicFile.h"
#include "lib/Training/Text.h"

#include <set>
#include <zlib.h>

using namespace moe;

static Status readGzip(const std::string &path, std::string &text) {
  gzFile file = gzopen(path.c_str(), "rbe");
  if (!file)
    return systemFailure(path);
  char chunk[1 << 16];
  int got;
  while ((got = gzread(file, chunk, sizeof(chunk))) > 0)
    text.append(chunk, static_cast<size_t>(got));
  int error = Z_OK;
  std::string message = gzerror(file, &error);
  bool failed = got < 0 || error != Z_OK; // a file that ends too early reads to its end, with Z_BUF_ERROR
  gzclose(file);
  return failed ? Status::failure(path + ": not a whole gzip file: " + message) : Status::success();
}

/// False when a digit is none, or the number too large.
static bool parseNumber(std::string_view digits, size_t &number) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  number = 0;
  for (char digit : digits) {
    size_t value = alphabet.find(digit);
    if (value == std::string_view::npos || number >> 56)
      return false;
    number = number * 64 + value;
  }
  return !digits.empty();
}

Article moe::parseArticle(std::string_view text) {
  Article article;
  std::string heads, paragraph;
  auto endParagraph = [&] {
    if (!paragraph.empty())
      article.paragraphs.push_back(std::move(paragraph));
    paragraph.clear();
  };
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    bool isHead = article.paragraphs.empty() && paragraph.empty() && !line.empty() && line[0] != ' ' && line[0] != '\t';
    std::string &into = isHead ? heads : paragraph;
    std::string_view rest = line, word = takeWord(rest);
    if (word.empty())
      endParagraph();
    for (; !word.empty(); word = takeWord(rest))
      into += (into.empty() ? "" : " ") + std::string(word);
  }
  endParagraph();
  article.head = heads.substr(0, heads.find("%%%"));
  return article;
}

Status moe::readDictionary(const std::string &dictionary, const std::string &index, std::vector<Article> &articles) {
  std::string text;
  if (Status status = readGzip(dictionary, text); !status)
    return status;
  if (!isValidUtf8(text))
    return Status::failure(dictionary + ": the text is not valid UTF-8");
  std::set<std::pair<size_t, size_t>> places;
  int64_t number = 0, badLine = 0;
  Status status = readLines(index, [&](std::string_view line) {
    ++number;
    size_t first = line.find('\t'), second = first == std::string_view::npos ? first : line.find('\t', first + 1);
    size_t offset = 0, length = 0;
    bool good = second != std::string_view::npos && parseNumber(line.substr(first + 1, second - first - 1), offset) &&
                parseNumber(line.substr(second + 1), length) && offset <= text.size() && length <= text.size() - offset;
    if (!good && !badLine)
      badLine = number;
    if (good && !line.starts_with("00-database"))
      places.emplace(offset, length);
  });
  if (!status)
    return status;
  if (badLine)
    return Status::failure(index + ":" + std::to_string(badLine) + ": not an entry of this dictionary");
  for (auto [offset, length] : places)
    articles.push_back(parseArticle(std::string_view(text).substr(offset, length)));
  return Status::success();
}
