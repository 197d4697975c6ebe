//===- Tokens.cpp - tokenizer.json and files of token ids ------------------===//
#include "test/Fuzz/Targets.h"

#include "lib/Training/Shards.h"
#include "moe/Training/Tokenizer.h"

#include <nlohmann/json.hpp>

using namespace moe;
using namespace moe::fuzz;

//===-- tokenizer.json ---------------------------------------------------------------===//

/// Words, numbers, blanks, several scripts, and bytes that are no text.
static constexpr std::string_view sample = "Hello hello  it's 12345\n\n \t na\u00efve \u4f60\u597d <|endoftext|> \xff\xfe\xe4\xbd end";

Outcome fuzz::runTokenizer(std::string_view input) {
  Tokenizer tokenizer;
  if (Status status = Tokenizer::parse(input, "tokenizer.json", tokenizer); !status)
    return {false, status.error.starts_with("tokenizer.json: ") ? "" : "the reason does not name the file: " + status.error};
  std::vector<int32_t> ids;
  if (!tokenizer.encode(sample, ids))
    return {true, ""};
  for (int32_t id : ids)
    if (id < 0 || id >= tokenizer.size())
      return {true, "an id outside the vocabulary"};
  tokenizer.decode(ids);
  return {true, ""};
}

/// How byte-level vocabularies write a byte: as itself where it can be seen, else as a character from U+0100 on.
static std::string spell(unsigned byte) {
  unsigned point = byte, next = 0x100;
  auto isVisible = [](unsigned b) { return (b >= 33 && b <= 126) || (b >= 161 && b <= 172) || b >= 174; };
  for (unsigned b = 0; b < byte && !isVisible(byte); ++b)
    next += !isVisible(b);
  if (!isVisible(byte))
    point = next;
  if (point < 0x80)
    return {static_cast<char>(point)};
  return {static_cast<char>(0xC0 | point >> 6), static_cast<char>(0x80 | (point & 0x3F))};
}

Seeds fuzz::seedTokenizer() {
  using json = nlohmann::ordered_json;
  json vocabulary;
  for (unsigned byte = 0; byte < 256; ++byte)
    vocabulary[spell(byte)] = byte;
  vocabulary["he"] = 256;
  vocabulary["ll"] = 257;
  vocabulary["hell"] = 258;
  json file = {{"version", "1.0"},
               {"added_tokens", json::array({{{"id", 259}, {"content", "<|endoftext|>"}, {"special", true}, {"normalized", false}}})},
               {"normalizer", {{"type", "NFC"}}},
               {"pre_tokenizer", {{"type", "ByteLevel"}, {"add_prefix_space", false}, {"trim_offsets", true}, {"use_regex", true}}},
               {"post_processor", nullptr},
               {"decoder", {{"type", "ByteLevel"}}},
               {"model", {{"type", "BPE"}, {"vocab", vocabulary}, {"merges", {"h e", "l l", "he ll"}}}}};
  Seeds seeds = {file.dump()};
  file["normalizer"] = nullptr;
  json split = {{"type", "Split"}, {"pattern", {{"Regex", "(?i:'s)|\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+"}}}, {"behavior", "Isolated"}, {"invert", false}};
  json bytes = {{"type", "ByteLevel"}, {"add_prefix_space", true}, {"use_regex", false}};
  file["pre_tokenizer"] = {{"type", "Sequence"}, {"pretokenizers", json::array({split, {{"type", "Digits"}, {"individual_digits", true}}, bytes})}};
  file["model"]["merges"] = json::array({json::array({"h", "e"}), json::array({"l", "l"}), json::array({"he", "ll"})});
  seeds.push_back(file.dump());
  seeds.push_back(R"({"model":)" + deepJson() + "}");
  return seeds;
}

//===-- Shards -----------------------------------------------------------------------===//

/// The first byte says which of the readers gets the rest, which lies in memory of just that size.
Outcome fuzz::runShard(std::string_view input) {
  if (input.empty())
    return {};
  std::vector<std::byte> bytes(input.size() - 1);
  for (size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<std::byte>(input[i + 1]);
  ShardLayout layout;
  bool isNpy = input[0] == 'n';
  Status status = isNpy ? parseNpyShard(bytes.data(), bytes.size(), layout)
                        : parseBinShard(bytes.data(), bytes.size(), input[0] == '4' ? IdType::u32 : IdType::u16, layout);
  if (!status)
    return {};
  if (layout.count < 0 || layout.offset > bytes.size() || layout.count > static_cast<int64_t>(bytes.size() - layout.offset) / sizeOf(layout.type))
    return {true, "ids outside the file"};
  TokenIds::Piece piece{bytes.data() + layout.offset, layout.type, layout.count, nullptr};
  int64_t value = 0, outside = findIdOutside(piece, 1000, value);
  if (outside >= layout.count)
    return {true, "an id past the last one"};
  return {true, TokenIds({piece}).toVector().size() == static_cast<size_t>(layout.count) ? "" : "not all ids come back"};
}

Seeds fuzz::seedShard() {
  std::string ids;
  for (char id : {1, 2, 3, 4})
    ids += std::string{id, 0, 0, 0};
  std::string header;
  for (uint32_t word : {20240520u, 1u, 8u}) // llm.c: magic, version, count
    for (int i = 0; i < 4; ++i)
      header += static_cast<char>(word >> (8 * i));
  header.resize(1024);
  return {"2" + ids, "4" + ids, "2" + header + ids, "n" + makeNpyHeader(4) + ids};
}
