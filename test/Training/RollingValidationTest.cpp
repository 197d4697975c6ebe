// Validation while training: goes on through its text, and neither sees nor moves training.
#include "lib/Training/RollingValidation.h"
#include "test/Training/Setting.h"

using namespace moe;
using namespace moe::test;

namespace {
/// 4 rows of 20 tokens, blocks of 3: six fit, and one more begins.
struct Rolling {
  Setting s;
  TextData data;
  BufferStore parameters;
  ThreadPool pool{1};
  RollingValidation validation;

  Rolling() {
    REQUIRE(loadText(s.folder / "data", {}, data));
    REQUIRE(parameters.addShared(*s.executable.find("eval")));
    parameters.find(BindingKind::param, "bias")->as<float>()[0] = 1; // the words differ
    REQUIRE(validation.prepare(s.executable, parameters, pool, data.vocabulary, data[Split::valid], 3));
  }
  std::vector<float> memory() {
    const Buffer *mem = validation.getStore().find(BindingKind::stream, "mem");
    return {mem->as<float>(), mem->as<float>() + mem->elements()};
  }
  Status run(int64_t blocks, Evaluation &evaluation) { return validation.run(blocks, {}, evaluation); }
};
} // namespace

TEST_CASE("each validation goes on where the last one ended") {
  Rolling a, b;
  Evaluation first, second, both;
  CHECK(a.validation.getPassBlocks() == 7);
  REQUIRE(a.run(2, first));
  CHECK(first.split == "valid");
  CHECK(a.validation.getPosition().offset == 6);
  REQUIRE(a.run(3, second));
  REQUIRE(b.run(5, both));
  CHECK(a.validation.getPosition().offset == b.validation.getPosition().offset);
  CHECK(a.memory() == b.memory());
  CHECK(a.memory() != std::vector<float>(4, 0));
  CHECK(2 * first.loss + 3 * second.loss == doctest::Approx(5 * both.loss));
  CHECK(first.loss != second.loss); // other words

  // The sixth block is the last of the pass: what comes after it is a new stream from an offset below one block.
  REQUIRE(a.run(1, first));
  CHECK(a.validation.getPosition().restarts == 1);
  CHECK(a.validation.getPosition().offset < 3);
  CHECK(a.memory() == std::vector<float>(4, 0));
}

TEST_CASE("a validation that is stopped or fails has not moved") {
  Rolling a;
  Evaluation evaluation;
  REQUIRE(a.run(4, evaluation));
  std::vector<float> memory = a.memory();
  std::atomic<bool> stop = false;
  EvaluateOptions options;
  options.stop = &stop;
  options.onBlock = [&](int64_t done, int64_t, double) { stop = done == 3; }; // past the end of the pass
  CHECK(a.validation.run(5, options, evaluation).error == "stopped after 3 of 5 blocks");
  CHECK(a.validation.getPosition().offset == 12);
  CHECK(a.validation.getPosition().restarts == 0);
  CHECK(a.memory() == memory);
  a.parameters.find(BindingKind::param, "bias")->as<float>()[0] = std::nanf("");
  CHECK(a.run(1, evaluation).error == "the loss of block 1 of " + (a.s.folder / "data/valid.txt") + " is nan");
  CHECK(a.validation.getPosition().offset == 12);
  CHECK(a.memory() == memory);
}

TEST_CASE("a tenth of the steps between two validations, at least one block and at most a pass") {
  for (auto [more, blocks] : {std::pair(R"("eval_every": 5)", 1), {R"("eval_every": 30)", 3}, {R"("eval_every": 100)", 7},
                              {R"("eval_every": 50, "eval_blocks": 2)", 2}, {R"("eval_every": 50, "eval_blocks": 1000)", 7}}) {
    CAPTURE(more);
    Setting s(more);
    s.options.steps = 100;
    std::vector<int64_t> seen;
    s.options.hooks.onValidation = [&](int64_t, const Evaluation &evaluation) { seen.push_back(evaluation.blocks); };
    TrainResult result;
    REQUIRE(s.trainer()->run(result));
    REQUIRE(!seen.empty());
    CHECK(seen.back() == 6); // the whole text at the end
    for (size_t i = 0; i + 1 < seen.size(); ++i)
      CHECK(seen[i] == blocks);
  }
}

TEST_CASE("training with validations is training without them, bit for bit") {
  Setting quiet, often(R"("eval_every": 1, "eval_blocks": 5)");
  TrainResult first, second;
  quiet.options.steps = often.options.steps = 40;
  REQUIRE(quiet.trainer("run")->run(first));
  REQUIRE(often.trainer("run")->run(second));
  std::vector<double> losses[2];
  for (Setting *s : {&quiet, &often})
    for (const nlohmann::json &line : s->metrics("run"))
      if (line.contains("loss"))
        losses[s == &often].push_back(line["loss"]);
  REQUIRE(losses[0].size() == 40);
  CHECK(losses[0] == losses[1]);
  TensorFile files[2];
  REQUIRE(TensorFile::open(first.checkpoint, files[0]));
  REQUIRE(TensorFile::open(second.checkpoint, files[1]));
  CHECK(files[1].find("valid/mem"));
  CHECK(files[1].getTensors().size() == files[0].getTensors().size() + 1);
  for (const TensorEntry &entry : files[0].getTensors()) {
    const TensorEntry *other = files[1].find(entry.name);
    REQUIRE(other);
    std::vector<char> bytes[2];
    for (int i : {0, 1}) {
      bytes[i].resize(static_cast<size_t>(entry.bytes));
      REQUIRE(files[i].read(i ? *other : entry, bytes[i].data()));
    }
    CHECK(bytes[0] == bytes[1]);
  }
}
