//===- TextData.cpp - data folders of text ----------------------*- C++ -*-===//
#include "lib/Support/AtomicFile.h"
#include "lib/Training/DataCache.h"
#include "lib/Training/DataLayout.h"
#include "lib/Training/Guard.h"
#include "lib/Training/ShardData.h"
#include "lib/Training/Text.h"
#include "lib/Training/VocabularyBuilder.h"

#include <algorithm>
#include <filesystem>

using namespace moe;

const char *moe::toString(Split split) {
  constexpr const char *names[] = {"train", "valid", "test"};
  return names[static_cast<size_t>(split)];
}

std::optional<Split> moe::splitFromName(std::string_view name) {
  for (Split split : splits)
    if (name == toString(split))
      return split;
  return std::nullopt;
}

void moe::describeFiles(const std::string &folder, const DataLayout &layout, Split split, TokenStream &stream) {
  stream = {.path = layout.nameOf(folder, split)};
  stream.files = layout[split];
  for (const std::string &file : stream.files) {
    std::error_code error;
    auto bytes = static_cast<int64_t>(std::filesystem::file_size(file, error));
    stream.bytes += error ? 0 : bytes;
  }
}

//===-- Text to ids ----------------------------------------------------------------------===//

/// Words of each line, and the end of the line; `idOf` numbers them.
template <typename IdOf>
static Status readWords(const std::string &path, TokenStream &stream, std::vector<int32_t> &ids, IdOf &&idOf) {
  int64_t line = 0;
  Status binary;
  Status status = readLines(path, [&](std::string_view text) {
    ++line;
    if (size_t at = text.find('\0'); at != std::string_view::npos && binary)
      binary = Status::failure(path + ":" + std::to_string(line) + ": byte " + std::to_string(at + 1) + " is 0: this is not a text in UTF-8");
    for (std::string_view word; !(word = takeWord(text)).empty();)
      ids.push_back(idOf(word));
    ids.push_back(idOf(Vocabulary::endOfLine));
    ++stream.lines;
  });
  return status ? binary : status;
}

template <typename IdOf>
static Status readBytes(const std::string &path, TokenStream &stream, std::vector<int32_t> &ids, IdOf &&idOf) {
  return readChunks(path, [&](std::string_view chunk) {
    for (const char &byte : chunk) {
      ids.push_back(idOf(std::string_view(&byte, 1)));
      stream.lines += byte == '\n';
    }
  });
}

/// Reads the files of a split as ids, one after the other. Among many files there may be empty ones.
template <typename IdOf>
static Status readIds(DataFormat::Tokens tokens, TokenStream &stream, std::vector<int32_t> &ids, IdOf &&idOf) {
  for (const std::string &file : stream.files) {
    std::error_code ignored;
    if (stream.files.size() > 1 && std::filesystem::is_empty(file, ignored))
      continue;
    Status status = tokens == DataFormat::Tokens::bytes ? readBytes(file, stream, ids, idOf) : readWords(file, stream, ids, idOf);
    if (!status)
      return status;
  }
  return ids.empty() ? Status::failure(stream.path + ": the files are empty") : Status::success();
}

static void setIds(TokenStream &stream, std::vector<int32_t> ids) {
  ids.shrink_to_fit();
  stream.ids = std::move(ids);
  stream.hash = stream.ids.hash();
}

/// Files as a whole, between them the token that ends a document where the tokenizer has one.
static Status readBpe(const Tokenizer &tokenizer, TokenStream &stream, std::vector<int32_t> &ids) {
  for (const std::string &file : stream.files) {
    std::string text;
    if (Status status = readFile(file, text); !status)
      return status;
    if (!ids.empty() && tokenizer.getSeparator() >= 0)
      ids.push_back(tokenizer.getSeparator());
    if (Status status = tokenizer.encode(text, ids); !status)
      return Status::failure(file + ": " + status.error);
    stream.lines += std::count(text.begin(), text.end(), '\n');
  }
  return ids.empty() ? Status::failure(stream.path + ": the files are empty") : Status::success();
}

static std::string tokenizerOf(const std::string &folder, const DataFormat &format) {
  return (std::filesystem::path(folder) / format.tokenizer).string();
}

static Status encodeBpe(const std::string &folder, const DataFormat &format, TextData &data) {
  Tokenizer tokenizer;
  if (Status status = Tokenizer::load(tokenizerOf(folder, format), tokenizer); !status)
    return status;
  std::vector<int64_t> counts(static_cast<size_t>(tokenizer.size()));
  for (Split split : splits) {
    std::vector<int32_t> ids;
    TokenStream &stream = data.streams[static_cast<size_t>(split)];
    if (Status status = readBpe(tokenizer, stream, ids); !status)
      return status;
    if (split == Split::train)
      for (int32_t id : ids)
        ++counts[static_cast<size_t>(id)];
    setIds(stream, std::move(ids));
  }
  data.vocabulary = Vocabulary::ofTokenizer(format, std::move(tokenizer), counts);
  return Status::success();
}

static Status encode(const std::string &folder, const DataFormat &format, TextData &data) {
  if (format.tokens == DataFormat::Tokens::bpe)
    return encodeBpe(folder, format, data);
  VocabularyBuilder builder(format);
  if (format.tokens == DataFormat::Tokens::bytes)
    for (int byte = 0; byte < 256; ++byte) {
      char text = static_cast<char>(byte);
      builder.take(std::string_view(&text, 1), false);
    }
  std::array<std::vector<int32_t>, 3> ids;
  for (Split split : splits) {
    auto i = static_cast<size_t>(split);
    Status status = readIds(format.tokens, data.streams[i], ids[i],
                            [&](std::string_view word) { return builder.take(word, split == Split::train); });
    if (!status)
      return status;
  }
  std::vector<int32_t> finalIds;
  data.vocabulary = builder.finish(finalIds);
  for (size_t i = 0; i < ids.size(); ++i) {
    for (int32_t &id : ids[i])
      id = finalIds[id];
    setIds(data.streams[i], std::move(ids[i]));
  }
  return Status::success();
}

//===-- Folders --------------------------------------------------------------------------===//

/// The format and the content of every file: what the ids depend on, and nothing else.
static Status makeKey(const std::string &folder, const DataFormat &format, const TextData &data, std::string &text) {
  DataKey key;
  key.add("text");
  key.add(static_cast<int64_t>(format.tokens));
  key.add(format.minCount);
  if (format.tokens == DataFormat::Tokens::bpe)
    if (Status status = key.addFile(tokenizerOf(folder, format)); !status)
      return status;
  for (const TokenStream &stream : data.streams) {
    key.add(static_cast<int64_t>(stream.files.size()));
    for (const std::string &file : stream.files) {
      std::error_code ignored;
      if (std::filesystem::is_empty(file, ignored))
        key.add("");
      else if (Status status = key.addFile(file); !status)
        return status;
    }
  }
  text = key.getText();
  return Status::success();
}

static Status loadFiles(const std::string &folder, const DataFormat &format, TextData &data, const DataOptions &options) {
  DataLayout layout;
  if (Status status = findText(folder, std::nullopt, layout); !status)
    return status;
  data = TextData();
  data.found = layout.found;
  int64_t bytes = 0;
  for (Split split : splits) {
    TokenStream &stream = data.streams[static_cast<size_t>(split)];
    describeFiles(folder, layout, split, stream);
    bytes += stream.bytes;
  }
  if (options.cacheDir.empty() || bytes < options.cacheFrom)
    return encode(folder, format, data);

  DataCache cache(std::filesystem::path(options.cacheDir) / "data");
  std::string key;
  if (Status status = makeKey(folder, format, data, key); !status)
    return status;
  if (cache.load(key, true, data))
    return Status::success();
  if (options.onStage)
    options.onStage("encoding " + folder + ", once: its ids are kept in " + options.cacheDir);
  if (Status status = encode(folder, format, data); !status)
    return status;
  if (cache.store(key, true, data)) // mapped from now on: their memory is given back
    cache.load(key, true, data);
  return Status::success();
}

Status moe::loadText(const std::string &folder, const DataFormat &format, TextData &data, const DataOptions &options) {
  return guarded("the text", [&] {
    return format.tokens == DataFormat::Tokens::ids ? loadShards(folder, format, data, options) : loadFiles(folder, format, data, options);
  });
}

Status moe::loadSplit(const std::string &folder, Split split, const Vocabulary &vocabulary, TokenStream &stream) {
  return guarded("the text", [&] {
    const DataFormat &format = vocabulary.getFormat();
    if (format.tokens == DataFormat::Tokens::ids)
      return loadShards(folder, format, split, stream);
    DataLayout layout;
    if (Status status = findText(folder, split, layout); !status)
      return status;
    describeFiles(folder, layout, split, stream);
    std::vector<int32_t> ids;
    auto idOf = [&](std::string_view word) {
      int32_t id = vocabulary.find(word);
      return id < 0 ? vocabulary.getUnknown() : id;
    };
    Status status = format.tokens == DataFormat::Tokens::bpe ? readBpe(vocabulary.getTokenizer(), stream, ids)
                                                             : readIds(format.tokens, stream, ids, idOf);
    setIds(stream, std::move(ids));
    return status;
  });
}
