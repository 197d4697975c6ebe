//===- TextData.cpp - data folders ------------------------------*- C++ -*-===//
#include "lib/Training/Guard.h"
#include "lib/Training/Text.h"
#include "lib/Training/VocabularyBuilder.h"
#include "moe/Training.h"

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

/// Says what is missing in the words of a user: the folder, or a file of it.
static Status findSplit(const std::string &folder, Split split, std::string &path) {
  std::error_code ignored;
  if (!std::filesystem::is_directory(folder, ignored))
    return Status::failure(folder + ": there is no such data folder");
  path = (std::filesystem::path(folder) / (std::string(toString(split)) + ".txt")).string();
  if (!std::filesystem::exists(path, ignored))
    return Status::failure(path + ": there is no such file; a data folder holds train.txt, valid.txt and test.txt");
  return Status::success();
}

/// Reads a file as ids; `idOf` numbers a word.
template <typename IdOf>
static Status readIds(const std::string &path, DataFormat::Tokens tokens, TokenStream &stream, std::vector<int32_t> &ids, IdOf &&idOf) {
  stream = {path, {}, 0};
  if (tokens == DataFormat::Tokens::bytes)
    return readChunks(path, [&](std::string_view chunk) {
      for (const char &byte : chunk) {
        ids.push_back(idOf(std::string_view(&byte, 1)));
        stream.lines += byte == '\n';
      }
    });
  return readLines(path, [&](std::string_view line) {
    for (std::string_view word; !(word = takeWord(line)).empty();)
      ids.push_back(idOf(word));
    ids.push_back(idOf(Vocabulary::endOfLine));
    ++stream.lines;
  });
}

Status moe::loadText(const std::string &folder, const DataFormat &format, TextData &data) {
  return guarded("the text", [&] {
    VocabularyBuilder builder(format);
    if (format.tokens == DataFormat::Tokens::bytes)
      for (int byte = 0; byte < 256; ++byte) {
        char text = static_cast<char>(byte);
        builder.take(std::string_view(&text, 1), false);
      }
    std::array<std::vector<int32_t>, 3> ids;
    for (Split split : splits) {
      auto i = static_cast<size_t>(split);
      std::string path;
      if (Status status = findSplit(folder, split, path); !status)
        return status;
      Status status = readIds(path, format.tokens, data.streams[i], ids[i],
                              [&](std::string_view word) { return builder.take(word, split == Split::train); });
      if (!status)
        return status;
    }
    std::vector<int32_t> finalIds;
    data.vocabulary = builder.finish(finalIds);
    for (size_t i = 0; i < ids.size(); ++i) {
      for (int32_t &id : ids[i])
        id = finalIds[id];
      ids[i].shrink_to_fit();
      data.streams[i].ids = std::move(ids[i]);
    }
    return Status::success();
  });
}

Status moe::loadSplit(const std::string &folder, Split split, const Vocabulary &vocabulary, TokenStream &stream) {
  return guarded("the text", [&] {
    std::string path;
    if (Status status = findSplit(folder, split, path); !status)
      return status;
    std::vector<int32_t> ids;
    Status status = readIds(path, vocabulary.getFormat().tokens, stream, ids, [&](std::string_view word) {
      int32_t id = vocabulary.find(word);
      return id < 0 ? vocabulary.getUnknown() : id;
    });
    stream.ids = std::move(ids);
    return status;
  });
}
