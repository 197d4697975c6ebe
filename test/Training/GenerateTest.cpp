#include "test/Training/Encode.h"
#include "test/Training/Files.h"
#include "test/Training/SumModel.h"

#include <doctest/doctest.h>
#include <limits>
#include <set>

using namespace moe;
using namespace moe::test;

namespace {
/// The vocabulary a b <eos> c d <unk> AAA: the ids 0 to 6.
struct Generation {
  Folder folder;
  TextData data;
  Executable executable;
  BufferStore parameters;
  ThreadPool pool{1};

  Generation() {
    writeData(folder.str(), "a b\nc d\n", "a\n", "a\n");
    REQUIRE(loadText(folder.str(), {}, data));
    executable = makeSumModel(data.vocabulary.size(), sumSettings(data.vocabulary.size()));
  }
  Status run(const GenerateOptions &options, Generated &generated) {
    return generate(executable, parameters, pool, data.vocabulary, options, generated);
  }
  std::vector<int32_t> ids(const std::string &prompt, int64_t tokens, double temperature = 0, uint64_t seed = 0) {
    GenerateOptions options;
    options.prompt = prompt;
    options.tokens = tokens;
    options.temperature = temperature;
    options.seed = seed;
    Generated generated;
    REQUIRE(run(options, generated));
    return generated.ids;
  }
};
} // namespace

TEST_CASE("every token sees all tokens before it once, over any number of blocks") {
  Generation g;
  for (std::string prompt : {"b", "b c", "b c d", "b c d a", "a a a a a a a b", "b b b b b b b b b"}) {
    std::vector<int32_t> all = encode(g.data.vocabulary, prompt);
    int64_t sum = 0;
    for (int32_t id : all)
      sum += id;
    std::vector<int32_t> expected;
    for (int i = 0; i < 20; ++i) {
      expected.push_back(static_cast<int32_t>(sum % 7));
      sum += expected.back();
    }
    CAPTURE(prompt);
    CHECK(g.ids(prompt, 20) == expected);
  }
}

TEST_CASE("temperature and seed") {
  Generation g;
  std::vector<int32_t> drawn = g.ids("a b", 200, 1, 5);
  CHECK(drawn == g.ids("a b", 200, 1, 5));
  CHECK(drawn != g.ids("a b", 200, 1, 6));
  CHECK(std::set<int32_t>(drawn.begin(), drawn.end()).size() == 7);
  CHECK(g.ids("a b", 20, 1e-3, 5) == g.ids("a b", 20, 0, 9));
  // softmax(2, 0 x 6) gives the likeliest token e^2 / (e^2 + 6) = 0.552 of the draws.
  int64_t sum = 1, hits = 0;
  std::vector<int32_t> many = g.ids("b", 4000, 1, 1);
  for (int32_t id : many) {
    hits += id == sum % 7;
    sum += id;
  }
  CHECK(hits / 4000.0 == doctest::Approx(0.552).epsilon(0.05));
}

TEST_CASE("text, pieces, unknown words of the prompt") {
  Generation g;
  GenerateOptions options;
  options.prompt = "zebra b\nzebra owl"; // ids 5 1 2 5 5: 18
  options.tokens = 4;
  options.temperature = 0;
  std::vector<std::string> pieces;
  options.onText = [&](std::string_view piece) { pieces.emplace_back(piece); };
  Generated generated;
  REQUIRE(g.run(options, generated));
  CHECK(generated.ids == std::vector<int32_t>{4, 1, 2, 4});
  CHECK(generated.text == "d b\nd");
  CHECK(pieces == std::vector<std::string>{"d", " b", "\n", "d"});
  CHECK(generated.unknownWords == std::vector<std::string>{"zebra", "owl"});
  CHECK(g.ids("", 1) == std::vector<int32_t>{2}); // an empty prompt is the end of a line
  CHECK(g.ids("a", 0).empty());
}

TEST_CASE("what generation refuses") {
  Generation g;
  Generated generated;
  GenerateOptions options;
  options.temperature = -1;
  CHECK(g.run(options, generated).error == "the temperature is -1.000000, expected 0 or more");
  options.temperature = std::numeric_limits<double>::quiet_NaN();
  CHECK(!g.run(options, generated));
  options.temperature = 1;
  options.prompt = "\xFF";
  CHECK(g.run(options, generated).error == "the prompt is not valid UTF-8");
  options.prompt = "a";
  g.executable.settings = sumSettings(8);
  CHECK(g.run(options, generated).error == "the program was compiled for a vocabulary of 8, the vocabulary has 7 entries");
  g.executable = makeSumModel(6, R"({"batch": 4})");
  CHECK(g.run(options, generated).error == "the model gives logits for 6 words, the vocabulary has 7 entries");
  g.executable.programs.pop_back();
  CHECK(g.run(options, generated).error == "the executable has no program 'decode'");
}
