//===- Attack.cpp - the word-swap attack ------------------------*- C++ -*-===//
#include "lib/Support/AtomicFile.h"
#include "lib/Support/Philox.h"
#include "lib/Training/Guard.h"
#include "lib/Training/StopWords.h"
#include "lib/Training/Text.h"
#include "moe/Training.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <span>
#include <unordered_set>

using namespace moe;

/// Keeps these random numbers apart from those of parameters, dropout and restarts.
static constexpr uint32_t swapSite = 0x73776170;

//===-- Which tokens are words ---------------------------------------------------------===//

/// The code point at the beginning of valid UTF-8, which is taken off.
static uint32_t takeCodePoint(std::string_view &text) {
  auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  size_t length = byte(0) < 0x80 ? 1 : byte(0) < 0xE0 ? 2 : byte(0) < 0xF0 ? 3 : 4;
  uint32_t point = length == 1 ? byte(0) : byte(0) & (0x7Fu >> length);
  for (size_t i = 1; i < length; ++i)
    point = point << 6 | (byte(i) & 0x3Fu);
  text.remove_prefix(length);
  return point;
}

/// Letters and digits of ASCII; beyond it all but the signs of Latin-1 and the blocks of punctuation, arrows, operators and other symbols.
static bool isOfWord(uint32_t point) {
  if (point < 0x80)
    return (point >= '0' && point <= '9') || ((point | 0x20) >= 'a' && (point | 0x20) <= 'z');
  if (point < 0xC0)
    return point == 0xAA || point == 0xB5 || point == 0xBA;
  return point != 0xD7 && point != 0xF7 && !(point >= 0x2000 && point < 0x2C00) && !(point >= 0x2E00 && point < 0x2E80) &&
         !(point >= 0x3000 && point < 0x3005);
}

static bool isWord(std::string_view token) {
  if (token.size() > 2 && token.front() == '<' && token.back() == '>') // <unk>, <eos>
    return false;
  while (!token.empty())
    if (isOfWord(takeCodePoint(token)))
      return true;
  return false;
}

//===-- Swapping -----------------------------------------------------------------------===//

namespace {
class WordSwapper {
public:
  WordSwapper(const WordSwap &attack, int32_t tokenId, std::vector<int32_t> ids)
      : rate(attack.rate), token(attack.token), tokenId(tokenId),
        key(siteKey(static_cast<uint32_t>(attack.seed), static_cast<uint32_t>(attack.seed >> 32), swapSite)), ids(std::move(ids)) {
    if (attack.kept)
      kept.insert(attack.kept->begin(), attack.kept->end());
    else
      for (std::string_view rest = englishStopWords, word; !(word = takeWord(rest)).empty();)
        kept.emplace(word);
  }

  /// Attacks the next line; gives it with the words swapped.
  std::string_view attackLine(std::string_view line) {
    findWords(line);
    std::span<const size_t> chosen = choose();
    written.clear();
    size_t copied = 0;
    for (size_t i : chosen) {
      written.append(line, copied, words[i].begin - copied);
      written += token;
      grown += static_cast<int64_t>(token.size()) - static_cast<int64_t>(words[i].end - words[i].begin);
      copied = words[i].end;
      if (position + words[i].at < ids.size())
        ids[position + words[i].at] = tokenId;
    }
    written.append(line, copied);
    swapped += static_cast<int64_t>(chosen.size());
    position += tokens + 1; // <eos>
    ++lines;
    return written;
  }

  /// False when the lines were not those of the ids.
  bool finish(AttackedText &attacked) {
    attacked.words = wordCount;
    attacked.candidates = candidateCount;
    attacked.swapped = swapped;
    attacked.stream.bytes += grown;
    bool good = position == ids.size();
    attacked.stream.ids = TokenIds(std::move(ids));
    return good;
  }

private:
  struct Word {
    size_t begin, end; ///< in the line
    size_t at;         ///< which token of the line
  };

  void findWords(std::string_view line) {
    words.clear();
    tokens = lineWords = 0;
    std::string_view rest = line;
    for (std::string_view word; !(word = takeWord(rest)).empty(); ++tokens) {
      if (!isWord(word))
        continue;
      ++lineWords;
      auto begin = static_cast<size_t>(word.data() - line.data());
      if (word != token && !kept.contains(std::string(word)))
        words.push_back({begin, begin + word.size(), tokens});
    }
    wordCount += static_cast<int64_t>(lineWords);
    candidateCount += static_cast<int64_t>(words.size());
  }

  /// Some of the candidates, in order: a shuffle that ends when there are enough.
  std::span<const size_t> choose() {
    order.resize(words.size());
    for (size_t i = 0; i < order.size(); ++i)
      order[i] = i;
    auto wanted = static_cast<size_t>(std::floor(rate * static_cast<double>(lineWords)));
    size_t count = std::min(std::max<size_t>(wanted, 1), order.size());
    for (size_t i = 0; i < count; ++i) {
      uint64_t word = philox2x32(static_cast<uint32_t>(i), lines, key)[0];
      std::swap(order[i], order[i + static_cast<size_t>((word * (order.size() - i)) >> 32)]);
    }
    std::sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count));
    return {order.data(), count};
  }

  double rate;
  std::string token;
  int32_t tokenId;
  uint32_t key;
  std::unordered_set<std::string> kept;

  std::vector<int32_t> ids;
  size_t position = 0; ///< of the line's first token
  uint32_t lines = 0;
  int64_t wordCount = 0, candidateCount = 0, swapped = 0;
  int64_t grown = 0; ///< bytes that the text is longer by; may be below 0

  std::vector<Word> words; ///< of the line, those that may be swapped
  size_t tokens = 0, lineWords = 0;
  std::vector<size_t> order;
  std::string written;
};
} // namespace

static Status requireAttack(const Vocabulary &vocabulary, const WordSwap &attack) {
  if (vocabulary.getFormat().tokens != DataFormat::Tokens::words)
    return Status::failure("the word-swap attack is for models of words: in other tokens a word has no fixed place");
  if (!(attack.rate > 0 && attack.rate <= 1))
    return Status::failure("the rate of the attack is a share of the words, above 0 and at most 1");
  if (vocabulary.find(attack.token) < 0)
    return Status::failure("the attack's token '" + attack.token + "' is not in the vocabulary");
  return Status::success();
}

Status moe::swapWords(const TokenStream &text, const Vocabulary &vocabulary, const WordSwap &attack, const std::string &writeTo,
                      AttackedText &attacked) {
  return guarded("the attack", [&] {
    if (Status status = requireAttack(vocabulary, attack); !status)
      return status;
    AtomicFile file;
    Status writing = writeTo.empty() ? Status::success() : file.open(writeTo);
    if (!writing)
      return writing;
    WordSwapper swapper(attack, vocabulary.find(attack.token), text.ids.toVector());
    auto attackLine = [&](std::string_view line) {
      std::string_view written = swapper.attackLine(line);
      if (!writeTo.empty() && writing)
        writing = file.write(std::string(written) + "\n");
    };
    for (const std::string &path : text.files) {
      std::error_code ignored;
      if (text.files.size() > 1 && std::filesystem::is_empty(path, ignored))
        continue;
      if (Status status = readLines(path, attackLine); !status)
        return status;
    }
    if (!writing)
      return writing;
    attacked = {};
    attacked.stream.path = text.path;
    attacked.stream.lines = text.lines;
    attacked.stream.bytes = text.bytes;
    if (!swapper.finish(attacked))
      return Status::failure(text.path + ": the text is another one than was read before");
    return writeTo.empty() ? Status::success() : file.commit();
  });
}
