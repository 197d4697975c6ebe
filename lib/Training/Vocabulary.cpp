//===- Vocabulary.cpp - words and their ids ---------------------*- C++ -*-===//
#include "lib/Support/AtomicFile.h"
#include "lib/Training/Guard.h"
#include "lib/Training/Json.h"
#include "lib/Training/TensorHash.h"
#include "lib/Training/Text.h"
#include "lib/Training/VocabularyBuilder.h"
#include "moe/Training.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>

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

Vocabulary Vocabulary::ofIds(const DataFormat &format, const std::vector<int64_t> &counts) {
  Vocabulary vocabulary(format);
  for (size_t id = 0; id < counts.size(); ++id)
    vocabulary.add(std::to_string(id), counts[id]);
  return vocabulary;
}

Vocabulary Vocabulary::ofTokenizer(const DataFormat &format, Tokenizer tokenizer, const std::vector<int64_t> &counts) {
  Vocabulary vocabulary(format);
  for (int32_t id = 0; id < tokenizer.size(); ++id)
    vocabulary.add(tokenizer.getBytes(id), counts[static_cast<size_t>(id)]);
  vocabulary.tokenizer = std::move(tokenizer);
  return vocabulary;
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

Status Vocabulary::encode(std::string_view text, std::vector<int32_t> &encoded) const {
  encoded.clear();
  if (format.tokens == DataFormat::Tokens::bpe)
    return tokenizer.encode(text, encoded);
  if (format.tokens == DataFormat::Tokens::bytes) {
    const auto *bytes = reinterpret_cast<const unsigned char *>(text.data());
    encoded.assign(bytes, bytes + text.size());
    return Status::success();
  }
  while (true) {
    size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    for (std::string_view word; !(word = takeWord(line)).empty();) {
      int32_t known = find(word), id = known < 0 ? unknownId : known;
      if (id < 0)
        return Status::failure("'" + std::string(word) + "' is not in the vocabulary");
      encoded.push_back(id);
    }
    if (end == std::string_view::npos)
      return Status::success();
    if (endOfLineId >= 0)
      encoded.push_back(endOfLineId);
    text.remove_prefix(end + 1);
  }
}

std::string Vocabulary::decode(const std::vector<int32_t> &encoded) const {
  std::string text;
  for (int32_t id : encoded) {
    if (format.tokens == DataFormat::Tokens::bytes || format.tokens == DataFormat::Tokens::bpe) {
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

static constexpr std::array tokenNames = {"words", "bytes", "ids", "bpe"}; // by DataFormat::Tokens

static const char *nameOf(DataFormat::Tokens tokens) { return tokenNames[static_cast<size_t>(tokens)]; }

static std::string tokenizerBeside(const std::string &path) {
  return (std::filesystem::path(path).parent_path() / "tokenizer.json").string();
}

static std::string hashOf(const Tokenizer &tokenizer) {
  char text[17];
  std::string_view source = tokenizer.getSource();
  std::snprintf(text, sizeof(text), "%016llx", static_cast<unsigned long long>(XXH3_64bits(source.data(), source.size())));
  return text;
}

Status Vocabulary::save(const std::string &path) const {
  return guarded("the vocabulary file", [&] {
    bool areNumbered = format.tokens == DataFormat::Tokens::bytes || format.tokens == DataFormat::Tokens::bpe;
    json header = {{"format", formatName}, {"version", formatVersion}, {"tokens", nameOf(format.tokens)},
                   {"min_count", format.minCount}, {"entries", size()}};
    if (format.tokens == DataFormat::Tokens::ids)
      header["dtype"] = toString(format.idType);
    if (format.tokens == DataFormat::Tokens::bpe) {
      header["tokenizer"] = format.tokenizer;
      header["tokenizer_xxh3"] = hashOf(tokenizer);
      if (Status status = writeFile(tokenizerBeside(path), tokenizer.getSource()); !status)
        return status;
    }
    std::string text = header.dump() + "\n";
    for (size_t i = 0; i < words.size(); ++i)
      text += (areNumbered ? std::to_string(i) : words[i]) + "\t" + std::to_string(counts[i]) + "\n";
    return writeFile(path, text);
  });
}

namespace {
struct Header {
  DataFormat format;
  int64_t entries = 0;
  std::string tokenizerHash;
};
} // namespace

static bool parseHeader(std::string_view line, Header &header) {
  json object = parseJson<json>(line);
  if (!object.is_object() || object.value("format", json()) != formatName || object.value("version", json()) != formatVersion)
    return false;
  json tokens = object.value("tokens", json()), minCount = object.value("min_count", json()), entries = object.value("entries", json());
  auto name = std::find(tokenNames.begin(), tokenNames.end(), tokens);
  if (name == tokenNames.end() || !minCount.is_number_integer() || !entries.is_number_integer())
    return false;
  header.entries = entries.get<int64_t>();
  header.format = {static_cast<DataFormat::Tokens>(name - tokenNames.begin()), minCount.get<int64_t>()};
  header.format.vocabulary = header.format.tokens == DataFormat::Tokens::ids ? header.entries : 0;
  if (header.format.tokens == DataFormat::Tokens::bpe) {
    json tokenizer = object.value("tokenizer", json()), hash = object.value("tokenizer_xxh3", json());
    if (!tokenizer.is_string() || !hash.is_string())
      return false;
    header.format.tokenizer = tokenizer;
    header.tokenizerHash = hash;
  }
  header.format.idType = object.value("dtype", json()) == toString(IdType::u32) ? IdType::u32 : IdType::u16;
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

/// The tokens of the tokenizer beside the file, which must be the one that was put there, with the counts that the file has.
static Status addTokenizer(const std::string &path, const std::string &hash, Vocabulary &vocabulary) {
  Tokenizer tokenizer;
  std::string beside = tokenizerBeside(path);
  if (Status status = Tokenizer::load(beside, tokenizer); !status)
    return status;
  if (hashOf(tokenizer) != hash || tokenizer.size() != vocabulary.size())
    return Status::failure(beside + ": not the tokenizer that " + path + " was made with");
  std::vector<int64_t> counts;
  for (int32_t id = 0; id < vocabulary.size(); ++id)
    counts.push_back(vocabulary.getCount(id));
  vocabulary = Vocabulary::ofTokenizer(vocabulary.getFormat(), std::move(tokenizer), counts);
  return Status::success();
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
        bool isWords = header.format.tokens == DataFormat::Tokens::words, isBytes = header.format.tokens == DataFormat::Tokens::bytes;
        char byte = static_cast<char>(line - 2);
        good = parseEntry(text, word, count) && read.size() < header.entries && (isWords || word == std::to_string(line - 2));
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
    if (header.format.tokens == DataFormat::Tokens::bpe)
      if (Status bad = addTokenizer(path, header.tokenizerHash, read); !bad)
        return bad;
    vocabulary = std::move(read);
    return Status::success();
  });
}
