//===- Tokenizer.cpp - byte-level BPE ---------------------------*- C++ -*-===//
#include "lib/Support/AtomicFile.h"
#include "lib/Training/Guard.h"
#include "lib/Training/Tokenizer/AddedTokens.h"
#include "lib/Training/Tokenizer/Merges.h"
#include "lib/Training/Tokenizer/Normalizer.h"
#include "lib/Training/Tokenizer/Utf8.h"
#include "lib/Training/Tokenizer/WordCache.h"
#include "moe/Training/Tokenizer.h"

#include <filesystem>

using namespace moe;
using namespace moe::bpe;

struct Tokenizer::Impl {
  Impl(Description read, std::string_view source);

  Description description;
  std::string source;
  Merges merges;
  AddedTokens raw, normalized; ///< looked for before and behind the normaliser
  std::unordered_map<std::string_view, int32_t> byBytes;
  int32_t separator = -1;
};

Tokenizer::Impl::Impl(Description read, std::string_view source) : description(std::move(read)), source(source), merges(description) {
  for (const AddedToken &token : description.added) {
    std::string buffer;
    bool isComposed = token.normalized && description.nfc;
    (token.normalized ? normalized : raw).add(token, isComposed ? toNfc(token.content, buffer) : token.content);
    byBytes.emplace(description.tokens[static_cast<size_t>(token.id)], token.id);
  }
  for (size_t id = 0; id < description.tokens.size(); ++id)
    byBytes.emplace(description.tokens[id], static_cast<int32_t>(id));
  for (std::string_view name : {"<|endoftext|>", "<|end_of_text|>", "</s>"})
    for (const AddedToken &token : description.added)
      if (separator < 0 && token.content == name)
        separator = token.id;
}

Status Tokenizer::parse(std::string_view json, const std::string &name, Tokenizer &tokenizer) {
  return guarded("the tokenizer", [&] {
    Description description;
    if (Status status = readDescription(json, name, description); !status)
      return status;
    tokenizer.impl = std::make_shared<Impl>(std::move(description), json);
    return Status::success();
  });
}

Status Tokenizer::load(const std::string &path, Tokenizer &tokenizer) {
  return guarded("the tokenizer", [&] {
    std::error_code ignored;
    if (std::filesystem::is_regular_file(path, ignored) && std::filesystem::file_size(path, ignored) > maxDescription)
      return Status::failure(path + ": too large for a tokenizer.json");
    std::string text;
    if (Status status = readFile(path, text); !status)
      return status;
    return parse(text, path, tokenizer);
  });
}

int64_t Tokenizer::size() const { return static_cast<int64_t>(impl->description.tokens.size()); }
std::string_view Tokenizer::getBytes(int32_t id) const { return impl->description.tokens[static_cast<size_t>(id)]; }
int32_t Tokenizer::getSeparator() const { return impl->separator; }
std::string_view Tokenizer::getSource() const { return impl->source; }

int32_t Tokenizer::find(std::string_view bytes) const {
  auto it = impl->byBytes.find(bytes);
  return it == impl->byBytes.end() ? -1 : it->second;
}

std::string Tokenizer::decode(const std::vector<int32_t> &ids) const {
  std::string text;
  for (int32_t id : ids)
    text += getBytes(id);
  return text;
}

//===-- Text to ids ------------------------------------------------------------------===//

namespace {
/// One text on its way to ids.
class Encoding {
public:
  Encoding(const Description &description, const Merges &merges, const AddedTokens &raw, const AddedTokens &normalized,
           std::vector<int32_t> &ids)
      : description(description), merges(merges), raw(raw), normalized(normalized), ids(ids), cutter(description.preTokenizer) {}

  Status run(std::string_view text) {
    while (!text.empty() && problem.ok()) {
      size_t valid = validLength(text);
      raw.split(
          text.substr(0, valid), [&](std::string_view piece) { normalize(piece); }, [&](int32_t id) { ids.push_back(id); });
      text.remove_prefix(valid);
      size_t invalid = invalidLength(text);
      if (invalid)
        encodePiece(text.substr(0, invalid));
      text.remove_prefix(invalid);
    }
    return problem;
  }

private:
  void normalize(std::string_view text) {
    std::string buffer;
    normalized.split(
        description.nfc ? toNfc(text, buffer) : text, [&](std::string_view piece) { cut(piece); }, [&](int32_t id) { ids.push_back(id); });
  }

  void cut(std::string_view text) {
    if (problem.ok())
      problem = cutter.run(text, [&](std::string_view piece) { encodePiece(piece); });
  }

  void encodePiece(std::string_view piece) {
    if (piece.size() > WordCache::longest)
      return merges.encode(piece, scratch, ids);
    uint64_t hash = WordCache::hash(piece);
    if (std::span<const int32_t> known = cache.find(piece, hash); !known.empty()) {
      ids.insert(ids.end(), known.begin(), known.end());
      return;
    }
    size_t before = ids.size();
    merges.encode(piece, scratch, ids);
    cache.add(piece, hash, std::span(ids).subspan(before));
  }

  const Description &description;
  const Merges &merges;
  const AddedTokens &raw, &normalized;
  std::vector<int32_t> &ids;
  PreTokenizerRun cutter;
  Merges::Scratch scratch;
  WordCache cache;
  Status problem;
};
} // namespace

Status Tokenizer::encode(std::string_view text, std::vector<int32_t> &ids) const {
  return guarded("the tokenizer", [&] {
    return Encoding(impl->description, impl->merges, impl->raw, impl->normalized, ids).run(text);
  });
}
