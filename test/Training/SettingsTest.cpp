#include "moe/Training.h"

#include <doctest/doctest.h>

using namespace moe;

static std::string errorOf(const std::string &json) {
  TrainSettings settings;
  return parseSettings(json, settings).error;
}

TEST_CASE("settings as the compiler writes them") {
  TrainSettings settings;
  REQUIRE(parseSettings(R"({"model": "LM", "data": {"kind": "text", "tokens": "bytes", "min_count": 3}, "batch": 48, "context": 512,
                            "micro_batches": 2, "steps": 80000, "vocabulary": 20000, "loss": "cross_entropy", "eval_every": 10, "patience": 4})",
                        settings));
  CHECK(settings.data.tokens == DataFormat::Tokens::bytes);
  CHECK(settings.data.minCount == 3);
  CHECK(settings.batch == 48);
  CHECK(settings.context == 512);
  CHECK(settings.microBatches == 2);
  CHECK(settings.steps == 80000);
  CHECK(settings.vocabulary == 20000);
  CHECK(settings.evalEvery == 10);
  CHECK(settings.patience == 4);
  CHECK(settings.keep == 2);
  CHECK(settings.logEvery == 1);

  REQUIRE(parseSettings(R"({"data": {"kind": "shards", "vocabulary": 50257, "dtype": "u32"}})", settings));
  CHECK(settings.data.tokens == DataFormat::Tokens::ids);
  CHECK(settings.data.vocabulary == 50257);
  CHECK(std::string(toString(settings.data.idType)) == "u32");

  REQUIRE(parseSettings(R"({"data": {"kind": "text"}})", settings));
  CHECK(settings.data.tokens == DataFormat::Tokens::words);
  CHECK(settings.data.minCount == 1);
  CHECK(settings.patience == 0);
}

TEST_CASE("settings that cannot be") {
  CHECK(errorOf("{") == "the program has no settings");
  CHECK(errorOf(R"({"data": {"kind": "images"}})") == "train.data: there is no data format 'images'; there are text and shards");
  CHECK(errorOf(R"({"data": {"kind": "text", "tokens": "letters"}})") == "train.data: tokens is letters, expected words, bytes or bpe");
  CHECK(errorOf(R"({"data": {"kind": "shards"}})") == "train.data: shards(...) needs vocabulary=...");
  CHECK(errorOf(R"({"data": {"kind": "shards", "vocabulary": 0}})") == "train.data: vocabulary is 0, expected a whole number from 1 to 268435456");
  CHECK(errorOf(R"({"data": {"kind": "shards", "arguments": [9]}})") == "train.data: the arguments of shards(...) have names: vocabulary and dtype");
  CHECK(errorOf(R"({"data": 3})") == "train.data is 3, expected a format such as text(...)");
  CHECK(errorOf(R"({"data": {"kind": "text", "mincount": 3}})") ==
        "train.data: text(...) has no argument 'mincount'; it takes tokens, min_count and tokenizer");
  CHECK(errorOf(R"({"steps": -1})") == "train.steps is -1, expected a whole number, 0 or more");
  CHECK(errorOf(R"({"batch": 1.5})") == "train.batch is 1.5, expected a whole number, 1 or more");
  CHECK(errorOf(R"({"precision": "f16"})") == R"(train.precision is "f16", expected f32 or bf16)");
  CHECK(errorOf(R"({"threads": 99999999999})") == "train.threads is 99999999999, expected a whole number from 0 to 1024");
  CHECK(errorOf(R"({"patience": 2})") == "train.patience counts validations while training: it needs eval_every");
}
