//===- ReadVocabulary.cpp - tokens, merges and added tokens -----*- C++ -*-===//
#include "lib/Training/Tokenizer/ByteAlphabet.h"
#include "lib/Training/Tokenizer/Readers.h"

#include <unordered_map>

using namespace moe;
using namespace moe::bpe;

/// Far beyond any tokenizer: keeps a file from asking for much memory with few bytes.
static constexpr int64_t maxTokens = 1 << 24;
static constexpr size_t maxTokenBytes = 1 << 16;

namespace {
class VocabularyReader {
public:
  VocabularyReader(const JsonPlace &file, Description &description) : file(file), model(file.member("model")), description(description) {}

  void read() {
    checkKind();
    readTokens();
    readAdded();
    requireDense();
    readBytes();
    readMerges();
  }

private:
  /// What byte-level BPE has no use for, or what would make ids depend on chance.
  void checkKind() {
    if (model.isNull() || (!model.member("type").isNull() && model.type() != "BPE"))
      model.member("type").refuse("\"BPE\"");
    for (const char *affix : {"continuing_subword_prefix", "end_of_word_suffix"})
      if (JsonPlace place = model.member(affix); !place.isNull() && !place.string().empty())
        place.refuse("null or \"\"");
    if (JsonPlace dropout = model.member("dropout"); !dropout.isNull() && dropout.show() != "0" && dropout.show() != "0.0")
      dropout.refuse("null or 0");
    if (JsonPlace fallback = model.member("byte_fallback"); !fallback.isNull() && fallback.boolean())
      fallback.refuse("false: a byte-level vocabulary has a token for every byte");
    description.ignoreMerges = model.flag("ignore_merges", false);
  }

  /// Puts a token at its id; the bytes are those of the byte alphabet, or for a token outside of it those of its name.
  void place(const JsonPlace &where, int32_t id, std::string bytes, bool isWord) {
    auto at = static_cast<size_t>(id);
    if (at >= taken.size()) {
      taken.resize(at + 1);
      description.tokens.resize(at + 1);
      description.isWord.resize(at + 1);
    }
    if (taken[at])
      where.complain("the id " + std::to_string(id) + " belongs to another token already");
    taken[at] = true;
    ++count;
    description.tokens[at] = std::move(bytes);
    description.isWord[at] = isWord;
  }

  void checkName(const JsonPlace &where, const std::string &name) {
    if (name.empty() || name.size() > maxTokenBytes)
      where.complain("a token has " + std::to_string(name.size()) + " bytes, expected 1 to " + std::to_string(maxTokenBytes));
  }

  void readTokens() {
    JsonPlace vocabulary = model.member("vocab");
    int64_t end = mostIds(vocabulary.object().size());
    for (const auto &[name, value] : vocabulary.object().items()) {
      JsonPlace where(value, vocabulary.getPath() + "[" + nlohmann::json(name).dump() + "]");
      checkName(where, name);
      std::string bytes;
      bool isWord = fromByteAlphabet(name, bytes);
      int32_t id = where.id(end);
      place(where, id, isWord ? bytes : name, isWord);
      ids.emplace(name, id);
    }
  }

  /// Ids are dense: none is beyond the number of tokens in the file.
  int64_t mostIds(size_t inVocabulary) const {
    JsonPlace added = file.member("added_tokens");
    auto all = static_cast<int64_t>(inVocabulary + (added.isNull() ? 0 : added.size()));
    if (all > maxTokens)
      model.member("vocab").complain(std::to_string(all) + " tokens, expected at most " + std::to_string(maxTokens));
    return all;
  }

  void readAdded() {
    JsonPlace list = file.member("added_tokens");
    if (list.isNull())
      return;
    int64_t end = mostIds(ids.size());
    std::unordered_map<std::string, size_t> seen;
    for (size_t i = 0; i < list.size(); ++i) {
      JsonPlace where = list[i];
      AddedToken token;
      token.content = where.member("content").string();
      checkName(where.member("content"), token.content);
      if (!seen.emplace(token.content, i).second)
        where.member("content").complain(where.member("content").show() + " is there already");
      token.id = where.member("id").id(end);
      token.special = where.flag("special", false);
      token.singleWord = where.flag("single_word", false);
      token.lstrip = where.flag("lstrip", false);
      token.rstrip = where.flag("rstrip", false);
      token.normalized = where.flag("normalized", !token.special);
      auto known = ids.find(token.content);
      if (known == ids.end())
        place(where.member("id"), token.id, token.content, false);
      else if (known->second != token.id)
        where.member("id").refuse(std::to_string(known->second) + ", the id of this token in model.vocab");
      description.tokens[static_cast<size_t>(token.id)] = token.content;
      description.added.push_back(std::move(token));
    }
  }

  void requireDense() {
    if (count == 0)
      model.member("vocab").complain("there is no token in it");
    for (size_t id = 0; id < taken.size(); ++id)
      if (!taken[id])
        model.member("vocab").complain("no token has the id " + std::to_string(id) + ", but there are larger ones");
  }

  void readBytes() {
    for (int byte = 0; byte < 256; ++byte) {
      auto it = ids.find(toByteAlphabet(static_cast<unsigned char>(byte)));
      if (it == ids.end())
        model.member("vocab").complain("the token of the byte " + std::to_string(byte) + ", '" + toByteAlphabet(static_cast<unsigned char>(byte)) +
                                       "', is missing: this is no byte-level vocabulary");
      description.byteIds[static_cast<size_t>(byte)] = it->second;
    }
  }

  int32_t idOf(const JsonPlace &where, const std::string &name) const {
    auto it = ids.find(name);
    if (it == ids.end())
      where.complain(nlohmann::json(name).dump() + " is not in model.vocab");
    return it->second;
  }

  void readMerges() {
    JsonPlace list = model.member("merges");
    description.merges.reserve(list.size());
    for (size_t i = 0; i < list.size(); ++i) {
      JsonPlace where = list[i];
      std::string left, right;
      if (where.isString()) {
        const std::string &both = where.string();
        size_t blank = both.find(' ');
        if (blank == std::string::npos || both.find(' ', blank + 1) != std::string::npos)
          where.refuse("two tokens with a blank between them");
        left = both.substr(0, blank);
        right = both.substr(blank + 1);
      } else {
        if (!where.isArray() || where.size() != 2)
          where.refuse("two tokens");
        left = where[0].string();
        right = where[1].string();
      }
      description.merges.push_back({idOf(where, left), idOf(where, right), idOf(where, left + right)});
    }
  }

  JsonPlace file, model;
  Description &description;
  std::unordered_map<std::string, int32_t> ids; ///< of model.vocab, as it is written there
  std::vector<bool> taken;
  int64_t count = 0;
};
} // namespace

void bpe::readVocabulary(const JsonPlace &file, Description &description) { VocabularyReader(file, description).read(); }
