// The word-swap attack: which words, how many, the same ones again; and what an attacked text does to perplexity.
#include "test/Training/Files.h"
#include "test/Training/SumModel.h"

#include <cmath>
#include <doctest/doctest.h>
#include <set>

using namespace moe;
using namespace moe::test;

namespace {
struct Attacking {
  Folder folder;
  TextData data;
  WordSwap how;
  AttackedText attacked;

  explicit Attacking(const std::string &valid, const std::string &train = "a\n") {
    writeData(folder.str(), train, valid, "a\n");
    REQUIRE(loadText(folder.str(), {}, data));
  }
  Status swap(const std::string &writeTo = "") { return swapWords(data[Split::valid], data.vocabulary, how, writeTo, attacked); }
  std::string text() const { return data.vocabulary.decode(attacked.stream.ids.toVector()); }
};

std::string words(const std::string &prefix, int count) {
  std::string line;
  for (int i = 0; i < count; ++i)
    line += (i ? " " : "") + prefix + std::to_string(i);
  return line;
}

int64_t countOf(const std::string &text, const std::string &part) {
  int64_t count = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size()))
    ++count;
  return count;
}
} // namespace

TEST_CASE("a share of each line's words, rounded down, but at least one") {
  // 50 words, of which 2 are stop words: 5 of 50. 19 words: 1. 1 word: 1. None: none.
  Attacking a(words("w", 48) + " the of\n" + words("v", 19) + "\nalone\n\nthe of , .\n");
  a.how.rate = 0.1;
  REQUIRE(a.swap());
  CHECK(a.attacked.words == 50 + 19 + 1 + 2);
  CHECK(a.attacked.candidates == 48 + 19 + 1);
  CHECK(a.attacked.swapped == 5 + 1 + 1);
  CHECK(a.attacked.getRate() == doctest::Approx(7 / 72.0));
  std::string text = a.text();
  size_t first = text.find('\n'), second = text.find('\n', first + 1);
  CHECK(countOf(text.substr(0, first), "AAA") == 5);
  CHECK(countOf(text.substr(first, second - first), "AAA") == 1);
  CHECK(text.ends_with("\nAAA\n\nthe of , .\n"));
  CHECK(a.attacked.stream.ids.size() == a.data[Split::valid].ids.size());
}

TEST_CASE("only words that carry meaning") {
  Attacking a("The cat 's the naïve , @-@ <unk> = – “ won't AAA é 7th ... × Cat\n");
  a.how.rate = 1;
  REQUIRE(a.swap());
  // Case counts, as in TextAttack; AAA is there already.
  CHECK(a.text() == "AAA AAA AAA the AAA , @-@ <unk> = – “ won't AAA AAA AAA ... × AAA\n");
  CHECK(a.attacked.words == 10);
  CHECK(a.attacked.candidates == 7);
  CHECK(a.attacked.swapped == 7);

  a.how.kept = std::vector<std::string>{"cat", "The"};
  a.how.token = "naïve";
  REQUIRE(a.swap());
  CHECK(a.text() == "The cat naïve naïve naïve , @-@ <unk> = – “ naïve naïve naïve naïve ... × naïve\n");
}

TEST_CASE("the same words for a seed, whatever the other lines hold") {
  std::string line = words("w", 200);
  Attacking a(line + "\n" + line + "\n"), b("other words here\n" + line + "\n");
  a.how.rate = b.how.rate = 0.05;
  std::set<std::string> seen;
  for (uint64_t seed : {uint64_t(0), uint64_t(1), uint64_t(1) << 40}) {
    a.how.seed = b.how.seed = seed;
    REQUIRE(a.swap());
    std::string first = a.text();
    REQUIRE(a.swap());
    CHECK(a.text() == first);
    REQUIRE(b.swap());
    std::string second = first.substr(first.find('\n'));
    CHECK(b.text().ends_with(second));
    CHECK(first.substr(0, first.find('\n')) != second.substr(1, second.size() - 2)); // each line has its own numbers
    CHECK(countOf(first, "AAA") == 20);
    seen.insert(first);
  }
  CHECK(seen.size() == 3);
}

TEST_CASE("every word is as likely") {
  std::string text;
  for (int i = 0; i < 3000; ++i)
    text += words("w", 10) + "\n";
  Attacking a(text);
  a.how.rate = 0.3;
  REQUIRE(a.swap());
  std::string attacked = a.text();
  for (int i = 0; i < 10; ++i) // 900 of 3000, deviation 25
    CHECK(std::abs(3000 - countOf(attacked, "w" + std::to_string(i)) - 900) < 125);
}

TEST_CASE("the attacked text is the file but for its words") {
  Attacking a(" = one =\t\n\n  two   three\n", "two\n");
  a.how.rate = 1;
  REQUIRE(a.swap(a.folder / "attacked.txt"));
  CHECK(read(a.folder / "attacked.txt") == " = AAA =\t\n\n  AAA   AAA\n");
  CHECK(a.swap(a.folder / "none/attacked.txt").error == (a.folder / "none/attacked.txt") + ": No such file or directory");
  CHECK(list(a.folder.str()) == std::vector<std::string>{"attacked.txt", "test.txt", "train.txt", "valid.txt"});

  // Words that are <unk> to the model are words of the text still.
  REQUIRE(loadText(a.folder.str(), {.minCount = 1000}, a.data));
  REQUIRE(a.swap());
  CHECK(a.attacked.swapped == 3);
  CHECK(a.text() == "<unk> AAA <unk>\n\nAAA AAA\n");
}

TEST_CASE("what the attack refuses") {
  Attacking a("one two\n");
  a.how.token = "ZZZ";
  CHECK(a.swap().error == "the attack's token 'ZZZ' is not in the vocabulary");
  a.how.token = "AAA";
  for (double rate : {0.0, -1.0, 1.5, std::nan("")}) {
    a.how.rate = rate;
    CHECK(a.swap().error == "the rate of the attack is a share of the words, above 0 and at most 1");
  }
  a.how.rate = 0.5;
  write(a.folder / "valid.txt", "one two three\n");
  CHECK(a.swap(a.folder / "attacked.txt").error == (a.folder / "valid.txt") + ": the text is another one than was read before");
  CHECK(!std::filesystem::exists(a.folder / "attacked.txt"));
  std::filesystem::remove(a.folder / "valid.txt");
  CHECK(a.swap().error == (a.folder / "valid.txt") + ": No such file or directory");
  write(a.folder / "valid.txt", "one two\n");
  REQUIRE(loadText(a.folder.str(), {.tokens = DataFormat::Tokens::bytes}, a.data));
  CHECK(a.swap().error == "the word-swap attack is for models of words: in other tokens a word has no fixed place");
}

TEST_CASE("perplexity under attack, in inputs and targets or in inputs alone") {
  std::string valid;
  for (int i = 0; i < 12; ++i)
    valid += "b c\n";
  Attacking a(valid, "b c\n"); // b c <eos> a <unk> AAA
  ThreadPool pool(1);
  Executable executable = makeSumModel(a.data.vocabulary.size(), sumSettings(a.data.vocabulary.size()));
  BufferStore parameters;
  REQUIRE(parameters.addShared(*executable.find("eval")));
  float *bias = parameters.find(BindingKind::param, "bias")->as<float>();
  bias[a.data.vocabulary.find("AAA")] = -2;
  a.how.rate = 1;
  REQUIRE(a.swap());
  auto lossOf = [&](const TokenStream &text, const TokenStream *inputs) {
    Evaluation result;
    EvaluateOptions options;
    options.inputs = inputs;
    REQUIRE(evaluate(executable, parameters, pool, a.data.vocabulary, text, Split::valid, options, result));
    return result.loss;
  };
  const TokenStream &clean = a.data[Split::valid];
  double rest = std::log(5 + std::exp(-2.0));
  CHECK(lossOf(clean, nullptr) == doctest::Approx(rest));
  CHECK(lossOf(clean, &a.attacked.stream) == lossOf(clean, nullptr)); // this model looks at its targets alone
  CHECK(lossOf(a.attacked.stream, nullptr) == doctest::Approx(rest + 2 * 2 / 3.0));

  Evaluation result;
  EvaluateOptions options;
  TokenStream shorter;
  shorter.ids = std::vector<int32_t>(35);
  options.inputs = &shorter;
  CHECK(evaluate(executable, parameters, pool, a.data.vocabulary, clean, Split::valid, options, result).error ==
        "the inputs are not as long as " + clean.path);
}
