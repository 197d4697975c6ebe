//===- Settings.cpp - the train block as numbers ----------------*- C++ -*-===//
#include "lib/Support/DataFormats.h"
#include "lib/Training/Json.h"
#include "moe/Threads.h"
#include "moe/Training.h"

#include <limits>
#include <optional>

using namespace moe;
using nlohmann::json;

namespace {
/// Reads one object; the first value of the wrong kind is remembered.
class Reader {
public:
  Reader(const json &object, std::string prefix) : object(object), prefix(std::move(prefix)) {}

  template <typename Int>
  void integer(const char *key, Int &into, int64_t least, std::optional<int64_t> most = std::nullopt) {
    auto it = object.find(key);
    if (it == object.end())
      return;
    int64_t value = it->is_number_integer() ? it->get<int64_t>() : -1;
    if (!it->is_number_integer() || value < least || value > most.value_or(static_cast<int64_t>(std::numeric_limits<Int>::max() / 2)))
      return fail(key, most ? "a whole number from " + std::to_string(least) + " to " + std::to_string(*most)
                            : "a whole number, " + std::to_string(least) + " or more", *it);
    into = static_cast<Int>(value);
  }

  /// One of the names, as its index.
  void choice(const char *key, std::initializer_list<const char *> names, const std::function<void(int)> &take) {
    auto it = object.find(key);
    if (it == object.end())
      return;
    std::string list;
    int index = 0;
    for (const char *name : names) {
      if (*it == name)
        return take(index);
      list += (index++ ? " or " : "") + std::string(name);
    }
    fail(key, list, *it);
  }

  Status getStatus() const { return problem; }

private:
  void fail(const char *key, const std::string &expected, const json &found) {
    if (problem.ok())
      problem = Status::failure(prefix + key + " is " + found.dump() + ", expected " + expected);
  }

  const json &object;
  std::string prefix;
  Status problem;
};
} // namespace

static WrittenArgument readArgument(const std::string &name, const json &value) {
  WrittenArgument written{name, {}, value.is_string() ? value.get<std::string>() : value.dump()};
  if (value.is_number_integer())
    written.value = value.get<int64_t>();
  else if (value.is_string())
    written.value = written.spelling;
  return written;
}

static Status parseData(const json &data, DataFormat &format) {
  if (!data.is_object() || !data.value("kind", json()).is_string())
    return Status::failure("train.data is " + data.dump() + ", expected a format such as text(...)");
  std::string kind = data["kind"];
  std::vector<WrittenArgument> arguments;
  for (const auto &[key, value] : data.items())
    if (key == "arguments")
      arguments.push_back(readArgument("", value));
    else if (key != "kind")
      arguments.push_back(readArgument(key, value));
  if (auto problem = checkDataFormat(kind, arguments))
    return Status::failure("train.data: " + problem->message);
  using Tokens = DataFormat::Tokens;
  format = {};
  std::string tokens = kind == "shards" ? "ids" : data.value("tokens", "words");
  format.tokens = tokens == "ids" ? Tokens::ids : tokens == "bytes" ? Tokens::bytes : tokens == "bpe" ? Tokens::bpe : Tokens::words;
  format.tokenizer = data.value("tokenizer", format.tokenizer);
  if (data.contains("tokenizer") && format.tokens != Tokens::bpe)
    return Status::failure("train.data: tokenizer=... is for tokens=bpe, not tokens=" + tokens);
  format.minCount = data.value("min_count", format.minCount);
  format.vocabulary = data.value("vocabulary", format.vocabulary);
  format.idType = data.value("dtype", "u16") == "u32" ? IdType::u32 : IdType::u16;
  return Status::success();
}

Status moe::parseSettings(const std::string &text, TrainSettings &settings) {
  json object = parseJson<json>(text);
  if (!object.is_object())
    return Status::failure("the program has no settings");
  settings = {};
  if (auto data = object.find("data"); data != object.end())
    if (Status status = parseData(*data, settings.data); !status)
      return status;
  Reader reader(object, "train.");
  reader.integer("batch", settings.batch, 1);
  reader.integer("context", settings.context, 1);
  reader.integer("micro_batches", settings.microBatches, 1);
  reader.integer("steps", settings.steps, 0);
  reader.integer("vocabulary", settings.vocabulary, 0);
  reader.integer("seed", settings.seed, 0);
  reader.integer("threads", settings.threads, 0, mostThreads);
  reader.integer("eval_every", settings.evalEvery, 0);
  reader.integer("eval_blocks", settings.evalBlocks, 0);
  reader.integer("log_every", settings.logEvery, 1);
  reader.integer("checkpoint_every", settings.checkpointEvery, 0);
  reader.integer("keep", settings.keep, 1);
  reader.integer("patience", settings.patience, 0);
  reader.choice("precision", {"f32", "bf16"}, [](int) {}); // what the compiled programs are made for
  if (settings.patience && !settings.evalEvery)
    return Status::failure("train.patience counts validations while training: it needs eval_every");
  return reader.getStatus();
}
