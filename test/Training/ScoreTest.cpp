#include "test/Training/Encode.h"
#include "test/Training/Files.h"
#include "test/Training/SumModel.h"

#include <cmath>
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace moe;
using namespace moe::test;

namespace {
/// The vocabulary a b <eos> c d <unk> AAA: the ids 0 to 6. The model's likeliest token is the sum of all tokens before it modulo 7: e^2 against six
/// ones. Blocks of three, a stream from block to block.
struct Scoring {
  Folder folder;
  TextData data;
  Executable executable;
  BufferStore parameters;
  ThreadPool pool{1};
  const double likely = 2 - std::log(std::exp(2.0) + 6), unlikely = -std::log(std::exp(2.0) + 6);

  explicit Scoring(int64_t rows = 1) {
    writeData(folder.str(), "a b\nc d\n", "a\n", "a\n");
    REQUIRE(loadText(folder.str(), {}, data));
    executable = makeSumModel(data.vocabulary.size(), sumSettings(data.vocabulary.size()), rows);
  }
  Status run(const std::string &lines, std::vector<ItemScore> &scores, ScoreSummary &summary) {
    write(folder / "items.jsonl", lines);
    std::vector<ScoreItem> items;
    if (Status status = readScoreItems(folder / "items.jsonl", items); !status)
      return status;
    ScoreOptions options;
    options.onItem = [&](const ScoreItem &, const ItemScore &score) { scores.push_back(score); };
    return score(executable, parameters, pool, data.vocabulary, items, options, summary);
  }
  std::string errorOf(const std::string &lines) {
    std::vector<ItemScore> scores;
    ScoreSummary summary;
    std::string error = run(lines, scores, summary).error, place = folder / "items.jsonl";
    return error.starts_with(place) ? error.substr(place.size()) : error;
  }
  ContinuationScore one(const std::string &context, const std::string &continuation) {
    std::vector<ItemScore> scores;
    ScoreSummary summary;
    REQUIRE(run(nlohmann::json{{"context", context}, {"continuation", continuation}}.dump(), scores, summary).error == "");
    return scores.at(0).continuations.at(0);
  }
};
} // namespace

TEST_CASE("a continuation is scored token by token, over any number of blocks") {
  Scoring s;
  for (std::string context : {"b", "b c", "b c d", "b c d a", "a a a a a a a b", ""})
    for (std::string continuation : {" b", " b b", " a b c d a b c d", " c\nd"}) {
      // Independent of blocks: the model's rule, by hand.
      std::vector<int32_t> before = encode(s.data.vocabulary, context), after = encode(s.data.vocabulary, continuation);
      if (before.empty())
        before = {s.data.vocabulary.getEndOfLine()};
      int64_t sum = 0;
      for (int32_t id : before)
        sum += id;
      double expected = 0;
      bool greedy = true;
      for (int32_t id : after) {
        greedy = greedy && id == sum % 7;
        expected += id == sum % 7 ? s.likely : s.unlikely;
        sum += id;
      }
      CAPTURE(context);
      CAPTURE(continuation);
      ContinuationScore found = s.one(context, continuation);
      CHECK(found.logLikelihood == doctest::Approx(expected).epsilon(1e-6));
      CHECK(found.greedy == greedy);
      CHECK(found.tokens == static_cast<int64_t>(after.size()));
      CHECK(found.bytes == static_cast<int64_t>(continuation.size()));
    }
}

TEST_CASE("continuations beside each other have the scores that each has alone, in the order of the items") {
  std::string lines;
  for (int i = 0; i < 150; ++i) { // of lengths up to 12 tokens, blocks of 3: the batch is filled in another order
    std::string context = "b";
    for (int k = 0; k < i * 7 % 10; ++k)
      context += (k + i) % 3 ? " a" : " d";
    lines += nlohmann::json{{"context", context}, {"choices", {" a", " b c", " d"}}, {"answer", i % 3}, {"id", i}}.dump() + "\n";
  }
  std::vector<ItemScore> first, second;
  ScoreSummary firstSummary, secondSummary;
  REQUIRE(Scoring().run(lines, first, firstSummary).error == "");
  REQUIRE(Scoring(4).run(lines, second, secondSummary).error == "");
  REQUIRE(second.size() == 150);
  for (size_t i = 0; i < first.size(); ++i)
    for (size_t k = 0; k < 3; ++k) {
      CHECK(first[i].continuations[k].logLikelihood == second[i].continuations[k].logLikelihood);
      CHECK(first[i].continuations[k].tokens == second[i].continuations[k].tokens);
      CHECK(first[i].continuations[k].greedy == second[i].continuations[k].greedy);
    }
  CHECK(firstSummary.right == secondSummary.right);
  CHECK(firstSummary.logLikelihood == secondSummary.logLikelihood);
}

TEST_CASE("of several rows, the items before one that cannot be scored are told") {
  Scoring s(4);
  std::vector<ItemScore> scores;
  ScoreSummary summary;
  std::string error = s.run(R"({"context": "b", "continuation": " a"})"
                            "\n"
                            R"({"context": "b", "continuation": " "})",
                            scores, summary)
                          .error;
  CHECK(error.ends_with(":2: the continuation has no tokens"));
  CHECK(scores.size() == 1);
}

TEST_CASE("the greedy continuation is the one that generation gives") {
  Scoring s;
  GenerateOptions options;
  options.prompt = "b c";
  options.tokens = 10;
  options.temperature = 0;
  Generated generated;
  REQUIRE(generate(s.executable, s.parameters, s.pool, s.data.vocabulary, options, generated));
  ContinuationScore found = s.one("b c", " " + generated.text);
  CHECK(found.greedy);
  CHECK(found.tokens == 10);
  CHECK(found.logLikelihood == doctest::Approx(10 * s.likely).epsilon(1e-6));
}

TEST_CASE("choices: acc by likelihood, acc_norm by likelihood for each byte") {
  Scoring s;
  std::vector<ItemScore> scores;
  ScoreSummary summary;
  // After b (1) the likeliest is b. Two unlikely tokens in many bytes beat one in few only for each byte.
  REQUIRE(s.run(R"({"context": "b", "choices": [" a", " b"], "answer": 1, "id": "q1"})"
                "\n\n"
                R"({"context": "b", "choices": [" a", " zebras"], "answer": 1})"
                "\n"
                R"({"context": "b", "choices": [" a", " c a"]})"
                "\n",
                scores, summary)
              .error == "");
  REQUIRE(scores.size() == 3);
  CHECK(scores[0].best == 1);
  CHECK(scores[0].contextTokens == 1);
  CHECK(scores[1].best == 0); // a tie: the first
  CHECK(scores[1].bestPerByte == 1);
  CHECK(scores[1].continuations[1].unknown == 1);
  CHECK(scores[2].best == 0);
  CHECK(summary.items == 3);
  CHECK(summary.continuations == 6);
  CHECK(summary.answered == 2);
  CHECK(summary.right == 1);
  CHECK(summary.rightPerByte == 2);
  CHECK(summary.unknown == 1);
  auto json = nlohmann::json::parse(toJson(summary));
  CHECK(json["acc"] == 0.5);
  CHECK(json["acc_norm"] == 1.0);
  ScoreItem item{"b", {" a", " b"}, true, 1, "\"q1\"", "", 4};
  json = nlohmann::json::parse(toJson(item, scores[0]));
  CHECK(json["line"] == 4);
  CHECK(json["id"] == "q1");
  CHECK(json["best"] == 1);
  CHECK(json["choices"][1]["log_likelihood"] == scores[0].continuations[1].logLikelihood);
  CHECK(json["choices"][1]["greedy"] == true);
}

TEST_CASE("a token that reaches from the context into the continuation belongs to the continuation") {
  Scoring s;
  ContinuationScore fused = s.one("b c", "d"); // the words b and cd
  CHECK(fused.tokens == 1);
  CHECK(fused.unknown == 1);
}

TEST_CASE("items that cannot be scored are refused with their line") {
  Scoring s;
  CHECK(s.errorOf("\n") == ": there is no item in it");
  CHECK(s.errorOf(R"({"context": "b", "continuation": " a"})"
                  "\n[]") == ":2: this line is no JSON object");
  CHECK(s.errorOf("{\"context\": \"b\"") == ":1: this line is no JSON object");
  CHECK(s.errorOf(R"({"continuation": "b"})") == ":1: there is no 'context'");
  CHECK(s.errorOf(R"({"context": 3})") == ":1: 'context' is 3, expected a text");
  CHECK(s.errorOf(R"({"context": "b"})") == ":1: there is neither 'continuation' nor 'choices'");
  CHECK(s.errorOf(R"({"context": "b", "continuation": " a", "choices": []})") == ":1: there are both 'continuation' and 'choices'");
  CHECK(s.errorOf(R"({"context": "b", "choices": []})") == ":1: 'choices' is [], expected a list of texts");
  CHECK(s.errorOf(R"({"context": "b", "choices": [1]})") == ":1: a choice is 1, expected a text");
  CHECK(s.errorOf(R"({"context": "b", "choices": [" a"], "answer": 1})") == ":1: 'answer' is 1, expected the index of a choice, 0 to 0");
  CHECK(s.errorOf(R"({"context": "b", "continuation": " "})") == ":1: the continuation has no tokens");
}
