#include "test/Training/Encode.h"
#include "test/Training/Files.h"

#include "moe/Training.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace moe;
using namespace moe::test;
using nlohmann::json;

/// What tools/golden/make_tokenizer.py wrote: a text, tokenizers, and the ids that another implementation gives.
static const json &fixture() {
  static const json all = json::parse(read(std::string(MOE_GOLDEN) + "/../Training/Inputs/tokenizers.json"));
  return all;
}

static Tokenizer parse(const json &file) {
  Tokenizer tokenizer;
  REQUIRE(Tokenizer::parse(file.dump(), "t.json", tokenizer).error == "");
  return tokenizer;
}

static std::string errorOf(const json &file) {
  Tokenizer tokenizer;
  return Tokenizer::parse(file.dump(), "t.json", tokenizer).error;
}

static std::vector<int32_t> encode(const Tokenizer &tokenizer, const std::string &text) {
  std::vector<int32_t> ids;
  REQUIRE(tokenizer.encode(text, ids).error == "");
  return ids;
}

/// GPT-2's kind, the smallest there is.
static const json &plain() { return fixture()["cases"][0]["tokenizer"]; }

TEST_CASE("ids of a mixed text are those of the reference") {
  std::string text = fixture()["text"];
  REQUIRE(text.size() > 4000);
  for (const json &each : fixture()["cases"]) {
    CAPTURE(each["name"].get<std::string>());
    std::vector<int32_t> expected = each["ids"], found = encode(parse(each["tokenizer"]), text);
    REQUIRE(expected.size() > 1000);
    CHECK(found == expected);
  }
}

TEST_CASE("byte-level tokens give back every text, bytes that are no UTF-8 too") {
  Tokenizer tokenizer = parse(plain());
  std::string all;
  for (int byte = 0; byte < 256; ++byte)
    all += static_cast<char>(byte);
  for (const std::string &text : {std::string(fixture()["text"]), all, std::string("\xFF\xFE"), std::string("caf\xC3"), std::string()})
    CHECK(tokenizer.decode(encode(tokenizer, text)) == text);
  // The text on both sides of such bytes is taken apart for itself.
  std::vector<int32_t> expected = encode(tokenizer, "The router ");
  for (const char *rest : {"\xFF", " sends"})
    for (int32_t id : encode(tokenizer, rest))
      expected.push_back(id);
  CHECK(encode(tokenizer, "The router \xFF sends") == expected);
}

TEST_CASE("a long piece takes no time that grows with its square") {
  Tokenizer tokenizer = parse(plain());
  std::string text(1 << 20, 'e');
  CHECK(tokenizer.decode(encode(tokenizer, text)) == text);
}

TEST_CASE("tokens by name") {
  Tokenizer tokenizer = parse(plain());
  CHECK(tokenizer.getSeparator() == tokenizer.find("<|endoftext|>"));
  CHECK(tokenizer.getSeparator() >= 0);
  CHECK(encode(tokenizer, "<|endoftext|>") == std::vector<int32_t>{tokenizer.getSeparator()});
  CHECK(tokenizer.getBytes(tokenizer.find(" ")) == " ");
  CHECK(tokenizer.find("no such token") == -1);
}

TEST_CASE("parts that are not supported are refused with their place") {
  auto with = [](const char *pointer, const json &value) {
    json file = plain();
    file[json::json_pointer(pointer)] = value;
    return errorOf(file);
  };
  CHECK(with("/model/type", "Unigram") == R"(t.json: model.type is "Unigram", expected "BPE")");
  CHECK(with("/model/byte_fallback", true) ==
        "t.json: model.byte_fallback is true, expected false: a byte-level vocabulary has a token for every byte");
  CHECK(with("/model/dropout", 0.1) == "t.json: model.dropout is 0.1, expected null or 0");
  CHECK(with("/model/continuing_subword_prefix", "##") == R"(t.json: model.continuing_subword_prefix is "##", expected null or "")");
  CHECK(with("/normalizer", {{"type", "Lowercase"}}) == R"(t.json: normalizer.type is "Lowercase", expected NFC, or no normaliser)");
  CHECK(with("/pre_tokenizer", nullptr) == "t.json: pre_tokenizer is null, expected ByteLevel, or a Sequence that ends with it");
  CHECK(with("/pre_tokenizer", {{"type", "Whitespace"}}) ==
        R"(t.json: pre_tokenizer.type is "Whitespace", expected ByteLevel, Split, Digits or Sequence)");
  CHECK(with("/decoder", nullptr) == "t.json: decoder is null, expected a decoder ByteLevel");
  CHECK(with("/post_processor", {{"type", "Magic"}}).starts_with(R"(t.json: post_processor.type is "Magic", expected ByteLevel,)"));
  json split = {{"type", "Split"}, {"pattern", {{"Regex", "a\\wb"}}}, {"behavior", "Isolated"}, {"invert", false}};
  auto sequence = [&] { return json{{"type", "Sequence"}, {"pretokenizers", json::array({split, {{"type", "ByteLevel"}}})}}; };
  CHECK(with("/pre_tokenizer", sequence()) == "t.json: pre_tokenizer.pretokenizers[0].pattern.Regex: the escape \\w is not supported (byte 1 of the "
                                              "pattern)");
  for (const char *pattern : {"(?i:stra\xC3\x9F"
                              "e)",
                              "(?i:st)", "a{2}+", "a{,2}", "[[:alpha:]]", "[a&&b]", "(?<name>a)", "(*FAIL)", "\\1", "a(?i)b", "\\p{Alphabetic}", "[a", "(a", "\\"}) {
    split["pattern"]["Regex"] = pattern;
    CAPTURE(pattern);
    CHECK(with("/pre_tokenizer", sequence()).starts_with("t.json: pre_tokenizer.pretokenizers[0].pattern.Regex: "));
  }
}

TEST_CASE("vocabularies that cannot be") {
  json file = plain();
  file["model"]["merges"][0] = "a";
  CHECK(errorOf(file) == R"(t.json: model.merges[0] is "a", expected two tokens with a blank between them)");
  file["model"]["merges"][0] = "zz zz";
  CHECK(errorOf(file) == R"(t.json: model.merges[0]: "zz" is not in model.vocab)");
  file["model"]["merges"][0] = json::array({"a", "b", "c"});
  CHECK(errorOf(file) == "t.json: model.merges[0] is a list, expected two tokens");
  file = plain();
  file["model"]["vocab"]["a"] = 1;
  CHECK(errorOf(file).ends_with("belongs to another token already"));
  file["model"]["vocab"]["a"] = 1 << 30;
  CHECK(errorOf(file).starts_with(R"(t.json: model.vocab["a"] is 1073741824, expected an id below )"));
  file = plain();
  int32_t last = static_cast<int32_t>(file["model"]["vocab"].size()) - 1, at = file["model"]["vocab"]["a"];
  for (auto &[name, id] : file["model"]["vocab"].items())
    if (id == last)
      id = at;
  file["model"]["vocab"].erase("a");
  CHECK(errorOf(file) == "t.json: model.vocab: the token of the byte 97, 'a', is missing: this is no byte-level vocabulary");
  file = plain();
  file["added_tokens"][0]["id"] = 5;
  CHECK(errorOf(file) == "t.json: added_tokens[0].id is 5, expected 0, the id of this token in model.vocab");
  Tokenizer tokenizer;
  CHECK(Tokenizer::parse("{\"model\": ", "t.json", tokenizer).error == "t.json: not JSON at byte 11");
  CHECK(Tokenizer::parse("[]", "t.json", tokenizer).error == "t.json: this is no tokenizer.json: it is no object with a 'model'");
  CHECK(Tokenizer::parse(std::string(100000, '['), "t.json", tokenizer).error.starts_with("t.json: "));
}

TEST_CASE("a pattern that explodes ends in an error") {
  json file = plain();
  file["pre_tokenizer"] = {{"type", "Sequence"},
                           {"pretokenizers", json::array({{{"type", "Split"}, {"pattern", {{"Regex", "(a|aa)+$"}}}, {"behavior", "Isolated"}},
                                                          {{"type", "ByteLevel"}}})}};
  Tokenizer tokenizer = parse(file);
  std::vector<int32_t> ids;
  CHECK(tokenizer.encode(std::string(60, 'a') + "b", ids).error.starts_with("a pattern of the tokenizer fails at byte 0 of a piece: match limit"));
}

TEST_CASE("a data folder in BPE: counts, files, a vocabulary that carries its tokenizer") {
  Folder folder;
  std::string train = "The router sends every token.\n\nIt's naive\n";
  writeData(folder / "data", train, "The router\n", "every token");
  DataFormat format;
  format.tokens = DataFormat::Tokens::bpe;
  TextData data;
  std::string missing = folder / "data/tokenizer.json";
  CHECK(loadText(folder / "data", format, data).error == missing + ": No such file or directory");
  write(missing, plain().dump());
  REQUIRE(loadText(folder / "data", format, data).error == "");
  const Vocabulary &vocabulary = data.vocabulary;
  CHECK(vocabulary.size() == parse(plain()).size());
  CHECK(vocabulary.decode(data[Split::train].ids.toVector()) == train);
  CHECK(data[Split::test].ids == encode(vocabulary, "every token"));
  CHECK(data[Split::train].lines == 3);
  CHECK(vocabulary.getUnknown() == -1);
  int64_t counted = 0;
  for (int32_t id = 0; id < vocabulary.size(); ++id)
    counted += vocabulary.getCount(id);
  CHECK(counted == data[Split::train].ids.size());

  std::filesystem::create_directories(folder / "run");
  REQUIRE(vocabulary.save(folder / "run/vocabulary.txt"));
  std::filesystem::remove(missing);
  Vocabulary loaded;
  REQUIRE(Vocabulary::load(folder / "run/vocabulary.txt", loaded).error == "");
  CHECK(loaded.getCount(encode(loaded, "T")[0]) == vocabulary.getCount(encode(vocabulary, "T")[0]));
  TokenStream stream;
  REQUIRE(loadSplit(folder / "data", Split::valid, loaded, stream));
  CHECK(stream.ids == data[Split::valid].ids.toVector());

  json other = plain();
  other["model"]["ignore_merges"] = true;
  write(folder / "run/tokenizer.json", other.dump());
  CHECK(Vocabulary::load(folder / "run/vocabulary.txt", loaded).error ==
        (folder / "run/tokenizer.json") + ": not the tokenizer that " + (folder / "run/vocabulary.txt") + " was made with");
}
