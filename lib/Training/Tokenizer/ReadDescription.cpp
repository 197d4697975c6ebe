//===- ReadDescription.cpp - a tokenizer.json -------------------*- C++ -*-===//
#include "lib/Training/Json.h"
#include "lib/Training/Json.h"
#include "lib/Training/Tokenizer/Readers.h"

using namespace moe;
using namespace moe::bpe;
using nlohmann::json;

static void readNormalizer(const JsonPlace &place, Description &description, int depth = 0) {
  std::string type = place.type();
  if (type.empty())
    return;
  if (type == "Sequence" && depth < 8) {
    JsonPlace list = place.member("normalizers");
    for (size_t i = 0; i < list.size(); ++i)
      readNormalizer(list[i], description, depth + 1);
    return;
  }
  if (type != "NFC")
    place.member("type").refuse("NFC, or no normaliser");
  description.nfc = true;
}

/// Bytes and nothing else must come out of ids.
static void checkDecoder(const JsonPlace &place) {
  if (place.isNull())
    place.refuse("a decoder ByteLevel");
  if (place.type() == "Sequence") {
    JsonPlace list = place.member("decoders");
    if (list.size() != 1)
      list.refuse("the decoder ByteLevel alone");
    return checkDecoder(list[0]);
  }
  if (place.type() != "ByteLevel")
    place.member("type").refuse("ByteLevel");
}

/// What post-processors add are the special tokens around a sentence or a pair, and places in the text: a plain text gets neither.
static void checkPostProcessor(const JsonPlace &place, int depth = 0) {
  std::string type = place.type();
  if (type == "Sequence" && depth < 8) {
    JsonPlace list = place.member("processors");
    for (size_t i = 0; i < list.size(); ++i)
      checkPostProcessor(list[i], depth + 1);
    return;
  }
  for (const char *known : {"", "ByteLevel", "TemplateProcessing", "BertProcessing", "RobertaProcessing"})
    if (type == known)
      return;
  place.member("type").refuse("ByteLevel, TemplateProcessing, BertProcessing, RobertaProcessing or a Sequence of them");
}

Status bpe::readDescription(std::string_view text, const std::string &name, Description &description) {
  if (text.size() > maxDescription)
    return Status::failure(name + ": too large for a tokenizer.json");
  if (nestsTooDeeply(text))
    return Status::failure(name + ": brackets nest too deeply for a tokenizer.json");
  if (nestsTooDeeply(text))
    return Status::failure(name + ": brackets nest deeper than in any tokenizer.json");
  json object;
  try {
    object = json::parse(text);
  } catch (const json::parse_error &problem) {
    return Status::failure(name + ": not JSON at byte " + std::to_string(problem.byte));
  } catch (const json::out_of_range &) {
    return Status::failure(name + ": a number in it is too large for any type");
  }
  if (!object.is_object() || !object.contains("model"))
    return Status::failure(name + ": this is no tokenizer.json: it is no object with a 'model'");
  try {
    JsonPlace file(object, "");
    readVocabulary(file, description);
    readNormalizer(file.member("normalizer"), description);
    readPreTokenizer(file.member("pre_tokenizer"), description.preTokenizer);
    checkPostProcessor(file.member("post_processor"));
    checkDecoder(file.member("decoder"));
  } catch (const Refusal &refusal) {
    return Status::failure(name + ": " + refusal.message);
  }
  return Status::success();
}
