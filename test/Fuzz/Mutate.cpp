//===- Mutate.cpp - inputs that are nearly right ----------------------------===//
#include "test/Fuzz/Mutate.h"

#include <algorithm>
#include <cctype>
#include <iterator>
#include <random>

using namespace moe;

namespace {
class Random {
public:
  explicit Random(uint32_t number) : engine(number) {}
  size_t below(size_t n) { return n ? engine() % n : 0; }
  template <typename T, size_t n>
  const T &of(const T (&choices)[n]) {
    return choices[below(n)];
  }

private:
  std::mt19937 engine;
};
} // namespace

//===-- Bytes ------------------------------------------------------------------------===//

static const char *const tokens[] = {
    "(", ")", "[", "]", "{", "}", "=>", "|>", "<-", "->", "where", "each", "if", "else", "then", "repeat", "in", "state", "return", "\n", ";", "\"",
    "~", "9e999", ":", ",", "sum(c)", "^", "\xff", "\u03bc", "..", "-", "null", "-1", "1e308", "9223372036854775807", "18446744073709551616", "\\u0000"};

static void changeBytes(std::string &text, const std::string &other, Random &random) {
  size_t at = random.below(text.size()), length = random.below(std::min<size_t>(60, text.size() - at));
  switch (random.below(7)) {
  case 0:
    if (!text.empty())
      text[at] = static_cast<char>(random.below(256));
    break;
  case 1:
    text.erase(at, length);
    break;
  case 2:
    text.insert(random.below(text.size()), text.substr(at, length));
    break;
  case 3: {
    size_t from = random.below(other.size());
    text.replace(at, length, other.substr(from, random.below(60)));
    break;
  }
  case 4:
    text.resize(at);
    break;
  case 5: { // a number in binary, at a limit of its type
    static const uint64_t limits[] = {0, 1, 0x7f, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0xffffffff, INT64_MAX, UINT64_MAX};
    uint64_t limit = random.of(limits);
    size_t width = size_t(1) << random.below(4);
    for (size_t i = 0; i < width && at + i < text.size(); ++i)
      text[at + i] = static_cast<char>(limit >> (8 * i));
    break;
  }
  default:
    text.insert(at, random.of(tokens));
  }
}

std::string fuzz::mutateBytes(const std::string &text, const std::string &other, uint32_t number) {
  Random random(number);
  std::string mutant = text;
  for (size_t changes = 1 + random.below(3); changes; --changes)
    changeBytes(mutant, other, random);
  return mutant;
}

//===-- Words ------------------------------------------------------------------------===//

using Words = std::vector<std::string>;

/// Names, numbers, stretches of blanks (comments among them) and single characters.
static Words split(const std::string &text) {
  auto isWord = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; };
  auto isBlank = [](char c) { return c == ' ' || c == '\n'; };
  Words words;
  for (size_t at = 0; at < text.size();) {
    size_t end = at + 1;
    if (text[at] == '#')
      while (end < text.size() && text[end] != '\n')
        ++end;
    else if (isWord(text[at]))
      while (end < text.size() && isWord(text[end]))
        ++end;
    else if (isBlank(text[at]))
      while (end < text.size() && isBlank(text[end]))
        ++end;
    words.push_back(text.substr(at, end - at));
    at = end;
  }
  return words;
}

namespace {
enum class Class { Blank, Name, Number, Other };
} // namespace

static Class classOf(const std::string &word) {
  if (word[0] == ' ' || word[0] == '\n' || word[0] == '#')
    return Class::Blank;
  if (std::isdigit(static_cast<unsigned char>(word[0])))
    return Class::Number;
  return std::isalpha(static_cast<unsigned char>(word[0])) ? Class::Name : Class::Other;
}

/// The first word at or behind `at`, going round, whose class is wanted; the number of words when there is none.
template <typename Wanted>
static size_t findWord(const Words &words, size_t at, Wanted &&isWanted) {
  for (size_t i = 0; i < words.size(); ++i)
    if (size_t here = (at + i) % words.size(); isWanted(classOf(words[here])))
      return here;
  return words.size();
}

/// A name or number becomes one that stands elsewhere.
static void exchangeWord(Words &words, const Words &donor, size_t at, Random &random) {
  at = findWord(words, at, [](Class kind) { return kind == Class::Name || kind == Class::Number; });
  if (at == words.size())
    return;
  Class wanted = classOf(words[at]);
  if (size_t from = findWord(donor, random.below(donor.size()), [&](Class kind) { return kind == wanted; }); from != donor.size())
    words[at] = donor[from];
}

static void changeWord(Words &words, const Words &donor, Random &random) {
  static const char *const numbers[] = {"0", "1", "2", "3", "7", "1000000007", "0.5", "9007199254740991", "1e400"};
  static const char *const operators[] = {"+", "-", "*", "/", "^", "where x > 0", "else 0", "== 1", "[0]", ".grad", "(x)", "[i]"};
  size_t at = findWord(words, random.below(words.size()), [](Class kind) { return kind != Class::Blank; });
  if (at == words.size())
    return;
  switch (random.below(12)) {
  case 0:
    words[at] = random.of(numbers);
    break;
  case 1:
    words[at] += std::string(" ") + random.of(operators);
    break;
  case 2:
    words.erase(words.begin() + static_cast<std::ptrdiff_t>(at));
    break;
  case 3: {
    std::string doubled = words[random.below(words.size())];
    words.insert(words.begin() + static_cast<std::ptrdiff_t>(at), doubled);
    break;
  }
  default:
    exchangeWord(words, donor, at, random);
  }
}

std::string fuzz::mutateWords(const std::string &text, const std::string &other, uint32_t number) {
  Random random(number);
  Words words = split(text), donor = split(other);
  for (size_t changes = 1 + random.below(2); changes; --changes)
    changeWord(words, donor, random);
  std::string mutant;
  for (const std::string &word : words)
    mutant += word;
  return mutant;
}
