#include "test/Training/Files.h"
#include "test/Training/SumModel.h"

#include <cmath>
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace moe;
using namespace moe::test;

namespace {
struct Evaluating {
  Folder folder;
  TextData data;
  Executable executable;
  BufferStore parameters;
  ThreadPool pool{1};

  /// 4 rows of 3: a block has 12 targets. The vocabulary is a b <eos> <unk> AAA.
  explicit Evaluating(const std::string &valid) {
    writeData(folder.str(), "a a a b\n", valid, "a\n");
    REQUIRE(loadText(folder.str(), {}, data));
    executable = makeSumModel(data.vocabulary.size(), sumSettings(data.vocabulary.size()));
    REQUIRE(parameters.addShared(*executable.find("eval")));
  }
  Status run(Evaluation &evaluation, const EvaluateOptions &options = {}) {
    return evaluate(executable, parameters, pool, data.vocabulary, data[Split::valid], Split::valid, options, evaluation);
  }
};
} // namespace

static std::string repeat(const std::string &text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i)
    all += text;
  return all;
}

TEST_CASE("perplexity over the full blocks, beside the unigram model's") {
  Evaluating e(repeat("a b\n", 12)); // 36 tokens: rows of 9, of which 8 have a target: two blocks, 2 of the tokens a third
  float *bias = e.parameters.find(BindingKind::param, "bias")->as<float>();
  bias[0] = std::log(6.0f); // p(a) = 6/10, the other four 1/10
  Evaluation result;
  REQUIRE(e.run(result));
  CHECK(result.blocks == 2);
  CHECK(result.rows == 4);
  CHECK(result.context == 3);
  CHECK(result.tokens == 24);
  CHECK(result.split == "valid");
  CHECK(result.loss == doctest::Approx((std::log(10.0 / 6) + 2 * std::log(10.0)) / 3)); // each row of a block has a, b and <eos> once
  CHECK(result.perplexity == doctest::Approx(std::exp(result.loss)));
  // Counts of train.txt plus one: a 4, b 2, <eos> 2, <unk> 1, AAA 1 of 10.
  CHECK(result.unigramPerplexity == doctest::Approx(std::cbrt(10 / 4.0 * 10 / 2.0 * 10 / 2.0)));
  CHECK(result.unknownShare == 0);
  CHECK(result.bitsPerByte == doctest::Approx(result.loss / std::log(2.0) * 36 / 48)); // "a b\n" is 3 tokens and 4 bytes
  auto json = nlohmann::json::parse(toJson(result));
  CHECK(json["perplexity"] == result.perplexity);
  CHECK(json["unigram_perplexity"] == result.unigramPerplexity);
  CHECK(json["tokens"] == 24);
  CHECK(json["bits_per_byte"] == *result.bitsPerByte);
}

TEST_CASE("blocks can be limited, are reported, and can be stopped") {
  Evaluating e(repeat("a b\n", 40));
  Evaluation all, one;
  std::vector<std::pair<int64_t, int64_t>> seen;
  EvaluateOptions options;
  options.onBlock = [&](int64_t done, int64_t blocks, double) { seen.emplace_back(done, blocks); };
  REQUIRE(e.run(all, options));
  CHECK(all.blocks == 9);
  CHECK(seen.size() == 9);
  CHECK(seen.back() == std::pair<int64_t, int64_t>(9, 9));
  options.maxBlocks = 1;
  REQUIRE(e.run(one, options));
  CHECK(one.blocks == 1);
  std::atomic<bool> stop = true;
  options.stop = &stop;
  CHECK(e.run(one, options).error == "stopped after 0 of 1 blocks");
}

TEST_CASE("what evaluation refuses") {
  Evaluating e("a b\n");
  Evaluation result;
  CHECK(e.run(result).error == (e.folder / "valid.txt") + ": 3 tokens are too few for 4 rows of 3 and one more: at least 16 are needed");
  Evaluating f(repeat("a b\n", 12));
  f.parameters.find(BindingKind::param, "bias")->as<float>()[0] = std::nanf("");
  CHECK(f.run(result).error == "the loss of block 1 of " + (f.folder / "valid.txt") + " is nan");
}
