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

  REQUIRE(parseSettings(R"({"data": {"kind": "text"}})", settings));
  CHECK(settings.data.tokens == DataFormat::Tokens::words);
  CHECK(settings.data.minCount == 1);
  CHECK(settings.patience == 0);
}

TEST_CASE("settings that cannot be") {
  CHECK(errorOf("{") == "the program has no settings");
  CHECK(errorOf(R"({"data": {"kind": "images"}})") == R"(train.data is {"kind":"images"}, expected text(...))");
  CHECK(errorOf(R"({"data": {"kind": "text", "tokens": "letters"}})") == R"(train.data: tokens is "letters", expected words or bytes)");
  CHECK(errorOf(R"({"data": {"kind": "text", "mincount": 3}})") ==
        "train.data: text(...) has no argument 'mincount'; it takes tokens and min_count");
  CHECK(errorOf(R"({"steps": -1})") == "train.steps is -1, expected a whole number, 0 or more");
  CHECK(errorOf(R"({"batch": 1.5})") == "train.batch is 1.5, expected a whole number, 1 or more");
  CHECK(errorOf(R"({"precision": "bf16"})") == R"(train.precision is "bf16", expected f32)");
  CHECK(errorOf(R"({"threads": 99999999999})") == "train.threads is 99999999999, expected a whole number, 0 or more");
  CHECK(errorOf(R"({"patience": 2})") == "train.patience counts validations while training: it needs eval_every");
}
