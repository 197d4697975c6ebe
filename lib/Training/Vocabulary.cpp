//===- Vocabulary.cpp - words and their ids ---------------------*- C++ -*-===//
#include "lib/Training/AtomicFile.h"
#include "lib/Training/Guard.h"
#include "lib/Training/Text.h"
#include "lib/Training/VocabularyBuilder.h"
#include "moe/Training.h"

#include <charconv>
#include <nlohmann/json.hpp>

using namespace moe;
using nlohmann::json;

static constexpr const char *formatName = "moec-vocabulary";
static constexpr int formatVersion = 1;
static constexpr int64_t maxEntries = 1 << 28;

void Vocabulary::add(std::string_view word, int64_t count) {
  const std::string &kept = words.emplace_back(word);
  ids.emplace(kept, static_cast<int32_t>(counts.size()));
  counts.push_back(count);
}

void Vocabulary::findSpecials() {
  if (format.tokens == DataFormat::Tokens::words) {
    unknownId = find(unknown);
    endOfLineId = find(endOfLine);
  }
}

int32_t Vocabulary::find(std::string_view word) const {
  auto it = ids.find(word);
  return it == ids.end() ? -1 : it->second;
}

Vocabulary VocabularyBuilder::finish(std::vector<int32_t> &finalIds) {
  Vocabulary kept(all.format);
  bool isWords = all.format.tokens == DataFormat::Tokens::words;
  finalIds.assign(all.words.size(), -1);
  int64_t dropped = 0; // occurrences in train.txt of the words that are not kept
  for (size_t i = 0; i < all.words.size(); ++i) {
    const std::string &word = all.words[i];
    bool isSpecial = word == Vocabulary::endOfLine || word == Vocabulary::unknown || word == Vocabulary::attack;
    if (isWords && all.format.minCount > 1 && all.counts[i] < all.format.minCount && !isSpecial) {
      dropped += all.counts[i];
      continue;
    }
    finalIds[i] = static_cast<int32_t>(kept.size());
    kept.add(word, all.counts[i]);
  }
  if (isWords)
    for (std::string_view special : {Vocabulary::unknown, Vocabulary::attack})
      if (kept.find(special) < 0)
        kept.add(special, 0);
  kept.findSpecials();
  if (dropped)
    kept.counts[kept.unknownId] += dropped;
  for (int32_t &id : finalIds)
    id = id < 0 ? kept.unknownId : id;
  return kept;
}

//===-- Text -----------------------------------------------------------------===//

static std::vector<int32_t> encodeBytes(std::string_view text) {
  return {reinterpret_cast<const unsigned char *>(text.data()), reinterpret_cast<const unsigned char *>(text.data()) + text.size()};
}

std::vector<int32_t> Vocabulary::encode(std::string_view text) const {
  if (format.tokens == DataFormat::Tokens::bytes)
    return encodeBytes(text);
  std::vector<int32_t> encoded;
  while (true) {
    size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    for (std::string_view word; !(word = takeWord(line)).empty();) {
      int32_t id = find(word);
      encoded.push_back(id < 0 ? unknownId : id);
    }
    if (end == std::string_view::npos)
      return encoded;
    encoded.push_back(endOfLineId);
    text.remove_prefix(end + 1);
  }
}

std::string Vocabulary::decode(const std::vector<int32_t> &encoded) const {
  std::string text;
  for (int32_t id : encoded) {
    if (format.tokens == DataFormat::Tokens::bytes) {
      text += getWord(id);
      continue;
    }
    if (id == endOfLineId) {
      text += '\n';
      continue;
    }
    if (!text.empty() && text.back() != '\n')
      text += ' ';
    text += getWord(id);
  }
  return text;
}

//===-- Files: a line of JSON, then `word TAB count` in the order of the ids ---===//

Status Vocabulary::save(const std::string &path) const {
  return guarded("the vocabulary file", [&] {
    bool isWords = format.tokens == DataFormat::Tokens::words;
    json header = {{"format", formatName}, {"version", formatVersion}, {"tokens", isWords ? "words" : "bytes"},
                   {"min_count", format.minCount}, {"entries", size()}};
    std::string text = header.dump() + "\n";
    for (size_t i = 0; i < words.size(); ++i)
      text += (isWords ? words[i] : std::to_string(i)) + "\t" + std::to_string(counts[i]) + "\n";
    return writeFile(path, text);
  });
}

namespace {
struct Header {
  DataFormat format;
  int64_t entries = 0;
};
} // namespace

static bool parseHeader(std::string_view line, Header &header) {
  json object = json::parse(line, nullptr, false);
  if (!object.is_object() || object.value("format", json()) != formatName || object.value("version", json()) != formatVersion)
    return false;
  json tokens = object.value("tokens", json()), minCount = object.value("min_count", json()), entries = object.value("entries", json());
  if ((tokens != "words" && tokens != "bytes") || !minCount.is_number_integer() || !entries.is_number_integer())
    return false;
  header.format = {tokens == "words" ? DataFormat::Tokens::words : DataFormat::Tokens::bytes, minCount.get<int64_t>()};
  header.entries = entries.get<int64_t>();
  return header.entries > 0 && header.entries <= maxEntries;
}

/// `word TAB count`; a word holds no blank.
static bool parseEntry(std::string_view line, std::string_view &word, int64_t &count) {
  size_t tab = line.find('\t');
  if (tab == std::string_view::npos || tab == 0)
    return false;
  word = line.substr(0, tab);
  const char *end = line.data() + line.size();
  auto [rest, error] = std::from_chars(line.data() + tab + 1, end, count);
  return error == std::errc() && rest == end && count >= 0;
}

Status Vocabulary::load(const std::string &path, Vocabulary &vocabulary) {
  return guarded("the vocabulary", [&] {
    Header header;
    Vocabulary read;
    int64_t line = 0, badLine = 0;
    Status status = readLines(path, [&](std::string_view text) {
      bool good = true;
      if (line++ == 0) {
        good = parseHeader(text, header);
        read = Vocabulary(header.format);
      } else if (!badLine) {
        std::string_view word;
        int64_t count = 0;
        bool isBytes = header.format.tokens == DataFormat::Tokens::bytes;
        char byte = static_cast<char>(line - 2);
        good = parseEntry(text, word, count) && read.size() < header.entries && (!isBytes || word == std::to_string(line - 2));
        word = isBytes ? std::string_view(&byte, 1) : word;
        good = good && read.find(word) < 0;
        if (good)
          read.add(word, count);
      }
      if (!good && !badLine)
        badLine = line;
    });
    if (!status)
      return status;
    if (badLine)
      return Status::failure(path + ":" + std::to_string(badLine) + ": this is not a vocabulary that moec wrote");
    read.findSpecials();
    bool isWords = header.format.tokens == DataFormat::Tokens::words;
    if (read.size() != header.entries || (isWords && (read.unknownId < 0 || read.endOfLineId < 0)))
      return Status::failure(path + ": the vocabulary is cut short, " + std::to_string(read.size()) + " of " +
                             std::to_string(header.entries) + " entries");
    vocabulary = std::move(read);
    return Status::success();
  });
}
