//===- Markup.cpp - paragraphs of HTML and OSIS -----------------*- C++ -*-===//
#include "lib/Training/Corpus/Markup.h"
#include "lib/Training/Text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cctype>
#include <optional>

using namespace moe;

//===-- Characters -----------------------------------------------------------------------===//

static void appendUtf8(uint32_t point, std::string &text) {
  if (point < 0x80) {
    text += static_cast<char>(point);
    return;
  }
  int continuations = point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
  constexpr std::array<uint32_t, 4> leads = {0, 0xC0, 0xE0, 0xF0};
  text += static_cast<char>(leads[static_cast<size_t>(continuations)] | point >> (6 * continuations));
  for (int i = continuations - 1; i >= 0; --i)
    text += static_cast<char>(0x80 | (point >> (6 * i) & 0x3F));
}

/// What `&name;` stands for; nothing for a name that is not known.
static std::optional<std::string> entity(std::string_view name) {
  constexpr std::pair<std::string_view, std::string_view> known[] = {
      {"amp", "&"},  {"lt", "<"},           {"gt", ">"},           {"quot", "\""},        {"apos", "'"},        {"nbsp", " "},
      {"shy", ""},   {"ndash", "\u2013"},   {"mdash", "\u2014"},   {"hellip", "\u2026"},  {"lsquo", "\u2018"},  {"rsquo", "\u2019"},
      {"ldquo", "\u201C"}, {"rdquo", "\u201D"}};
  for (auto [entityName, text] : known)
    if (name == entityName)
      return std::string(text);
  if (!name.starts_with('#'))
    return std::nullopt;
  bool isHex = name.size() > 1 && (name[1] == 'x' || name[1] == 'X');
  name.remove_prefix(isHex ? 2 : 1);
  uint32_t point = 0;
  auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), point, isHex ? 16 : 10);
  bool isCharacter = error == std::errc() && end == name.data() + name.size() && point && point < 0x110000 && (point < 0xD800 || point > 0xDFFF);
  if (!isCharacter)
    return std::nullopt;
  std::string text;
  appendUtf8(point, text);
  return text;
}

/// Bytes of an unseen character at the beginning; 0 when it is seen.
static size_t unseenLength(std::string_view text) {
  auto first = static_cast<unsigned char>(text[0]);
  if ((first < 0x20 && !std::isspace(first)) || first == 0x7F)
    return 1;
  for (std::string_view unseen : {"\u00AD", "\u200B", "\u200C", "\u200D", "\uFEFF"})
    if (text.starts_with(unseen))
      return unseen.size();
  return 0;
}

//===-- Tags -----------------------------------------------------------------------------===//

namespace {
struct Tag {
  std::string name; ///< lower case; of a comment or declaration: begins with ! or ?
  std::string_view attributes;
  bool isEnd = false, isEmpty = false;
};

class MarkupReader {
public:
  MarkupReader(std::string_view text, int titleLevel) : rest(text), titleLevel(titleLevel) {}

  std::vector<MarkupBlock> read() {
    while (!rest.empty()) {
      if (rest[0] == '<' && rest.size() > 1 && !std::isspace(static_cast<unsigned char>(rest[1])))
        take(takeTag());
      else
        takeCharacter();
    }
    endBlock();
    return std::move(blocks);
  }

private:
  Tag takeTag() {
    size_t end = rest.starts_with("<!--") ? rest.find("-->") : rest.find('>');
    size_t length = end == std::string_view::npos ? rest.size() : end + (rest.starts_with("<!--") ? 3 : 1);
    std::string_view inside = rest.substr(1, length - 1);
    rest.remove_prefix(length);
    Tag tag;
    if (tag.isEnd = inside.starts_with('/'); tag.isEnd)
      inside.remove_prefix(1);
    tag.isEmpty = inside.ends_with("/>");
    size_t nameEnd = std::min(inside.find_first_of(" \t\r\n/>"), inside.size());
    for (char c : inside.substr(0, nameEnd))
      tag.name += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    tag.attributes = inside.substr(nameEnd);
    return tag;
  }

  static bool isBlock(const std::string &name) {
    static const std::vector<std::string_view> names = {"p",  "div", "h1", "h2", "h3", "h4",    "h5",   "h6",   "li",      "ul", "ol", "dl",   "dt",  "dd",
                                                        "td", "th",  "tr", "hr", "pre", "table", "body", "head", "html",    "l",  "lg", "list", "item",
                                                        "title", "chapter", "blockquote"};
    return std::find(names.begin(), names.end(), name) != names.end();
  }
  static bool isLeftOut(const Tag &tag) {
    if (tag.name == "script" || tag.name == "style" || tag.name == "pre")
      return true;
    for (std::string_view marked : {"class=\"docnav", "class=\"toc", "id=\"title\"", "id=\"banner\""})
      if (tag.attributes.find(marked) != std::string_view::npos)
        return true;
    return false;
  }

  void take(const Tag &tag) {
    if (!leftOut.empty()) {
      if (tag.name == leftOut && !tag.isEmpty)
        depth += tag.isEnd ? -1 : 1;
      if (!depth)
        leftOut.clear();
      return;
    }
    if (!tag.isEnd && !tag.isEmpty && isLeftOut(tag)) {
      endBlock();
      leftOut = tag.name;
      depth = 1;
      return;
    }
    if (tag.name == "br")
      appendBlank();
    if (!isBlock(tag.name))
      return;
    bool isHeading = tag.name.size() == 2 && tag.name[0] == 'h' && tag.name[1] >= '1' && tag.name[1] <= '6';
    bool isTitle = tag.name == "title";
    endBlock();
    if (isHeading || isTitle)
      level = tag.isEnd || tag.isEmpty ? 0 : isTitle ? titleLevel : tag.name[1] - '0';
  }

  void takeCharacter() {
    if (size_t unseen = unseenLength(rest)) {
      rest.remove_prefix(unseen);
      return;
    }
    size_t end = rest[0] == '&' ? rest.substr(0, 10).find(';') : std::string_view::npos;
    std::optional<std::string> named = end == std::string_view::npos ? std::nullopt : entity(rest.substr(1, end - 1));
    if (leftOut.empty())
      text += named ? *named : std::string(1, rest[0]);
    rest.remove_prefix(named ? end + 1 : 1);
  }

  void appendBlank() { text += ' '; }

  void endBlock() {
    MarkupBlock block{level, ""};
    std::string_view words = text;
    for (std::string_view word; !(word = takeWord(words)).empty();)
      block.text += (block.text.empty() ? "" : " ") + std::string(word);
    if (!block.text.empty())
      blocks.push_back(std::move(block));
    text.clear();
  }

  std::string_view rest;
  int titleLevel, level = 0, depth = 0;
  std::string text, leftOut; ///< of the block so far; the element that is left out now
  std::vector<MarkupBlock> blocks;
};
} // namespace

std::vector<MarkupBlock> moe::readMarkup(std::string_view text, int titleLevel) { return MarkupReader(text, titleLevel).read(); }

std::vector<Article> moe::makeArticles(const std::vector<MarkupBlock> &blocks, int level) {
  std::vector<Article> articles;
  Article article;
  bool hasText = false;
  auto finish = [&] {
    if (hasText)
      articles.push_back(std::move(article));
    article = {};
    hasText = false;
  };
  for (const MarkupBlock &block : blocks) {
    if (block.level && block.level <= level) {
      finish();
      article.head = block.text;
      continue;
    }
    hasText |= !block.level;
    article.paragraphs.push_back(block.level ? sectionHeading(block.text) : block.text);
  }
  finish();
  return articles;
}
