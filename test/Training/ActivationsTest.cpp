#include "moe/Training.h"
#include "test/Training/Setting.h"

#include <cmath>
#include <limits>

using namespace moe;
using namespace moe::test;

static constexpr float noNumber = std::numeric_limits<float>::quiet_NaN(), infinity = std::numeric_limits<float>::infinity();

static ValueDifference differ(std::vector<float> a, std::vector<float> b) {
  auto size = [](const std::vector<float> &values) { return static_cast<int64_t>(values.size()); };
  Activations left, right;
  left.values = {{"only left", {1}, {0}}, {"x", {1, size(a)}, a}};
  right.values = {{"x", {1, size(b)}, b}, {"only right", {1}, {0}}};
  std::vector<ValueDifference> found = compare(left, right);
  REQUIRE(found.size() == 1);
  CHECK(found[0].name == "x");
  return found[0];
}

TEST_CASE("the error of a value is relative to its root mean square") {
  ValueDifference d = differ({3, -4, 5, 0}, {3, -4, 5.5f, 0.1f}); // root mean square: sqrt(50/4)
  CHECK(d.error == doctest::Approx(0.5 / std::sqrt(12.5)));
  CHECK(d.place == std::vector<int64_t>{0, 2});
  CHECK(d.first == 5);
  CHECK(d.second == 5.5f);
  CHECK(differ({1, 2}, {1, 2}).error == 0);
  CHECK(differ({noNumber, infinity, 1}, {noNumber, infinity, 1}).error == 0);
  CHECK(std::isinf(differ({1, 2}, {1, noNumber}).error));
  CHECK(std::isinf(differ({infinity, 2}, {-infinity, 2}).error));
  CHECK(std::isinf(differ({0, 0}, {0, 1e-30f}).error)); // no error of nothing is small
  CHECK(std::isinf(differ({1, 2}, {1, 2, 3}).error));
}

TEST_CASE("values go to a file and come back in their order") {
  Folder folder;
  Activations made;
  made.rows = 1;
  made.positions = 2;
  made.tokens = {3, 4};
  made.targets = {4, 5};
  made.values = {{"z", {2}, {1, 2}}, {"a", {}, {7}}};
  REQUIRE(made.write(folder / "v.safetensors"));
  Activations read;
  REQUIRE(Activations::read(folder / "v.safetensors", read));
  CHECK(read.rows == 1);
  CHECK(read.positions == 2);
  CHECK(read.tokens == made.tokens);
  CHECK(read.targets == made.targets);
  REQUIRE(read.values.size() == 2);
  CHECK(read.values[0].name == "z");
  CHECK(read.values[0].elements == std::vector<float>{1, 2});
  CHECK(read.values[1].shape.empty());
}

TEST_CASE("a file of values that is none says why") {
  Folder folder;
  std::string path = folder / "v.safetensors";
  const int32_t ids[4] = {};
  auto errorOf = [&](const std::vector<TensorSource> &tensors) {
    REQUIRE(writeTensors(path, tensors, {}));
    Activations read;
    return Activations::read(path, read).error;
  };
  CHECK(errorOf({{"h", DType::f32, {1}, ids}}) == path + ": there is no tensor 'tokens' in it");
  CHECK(errorOf({{"tokens", DType::i32, {4}, ids}}) == path + ": 'tokens' has the shape of no block of tokens, [rows, positions]");
  CHECK(errorOf({{"tokens", DType::f32, {2, 2}, ids}}) == path + ": 'tokens' is F32, expected I32 or I64");
  CHECK(errorOf({{"tokens", DType::i32, {2, 2}, ids}, {"targets", DType::i32, {1, 2}, ids}}) == path + ": 'targets' and 'tokens' differ in shape");
  CHECK(errorOf({{"tokens", DType::i32, {2, 2}, ids}, {"on", DType::i1, {2}, ids}}) == path + ": 'on' is BOOL, expected F32, F16, BF16 or F64");
}

TEST_CASE("a program records only tokens that it knows") {
  Setting setting;
  std::unique_ptr<Trainer> trainer = setting.trainer();
  ThreadPool pool(1);
  Activations block;
  block.rows = sumBatch;
  block.positions = sumContext;
  block.tokens.assign(sumBatch * sumContext, 1);
  block.targets = block.tokens;
  CHECK(record(setting.executable, trainer->getParameters(), pool, block).error == "");
  for (int32_t wrong : {-1, 6}) {
    block.tokens.back() = wrong;
    CHECK(record(setting.executable, trainer->getParameters(), pool, block).error == "a token to compare on lies outside the vocabulary of 6");
  }
  block.rows = 1;
  CHECK(record(setting.executable, trainer->getParameters(), pool, block).error == "the model reads 4 x 3 tokens, there are 1 x 3");
}

TEST_CASE("a run that begins from weights keeps them before its first step") {
  Setting setting;
  setting.options.steps = 3;
  setting.options.description.start = {{"weights", "w.safetensors"}};
  setting.options.start = [](BufferStore &store) {
    store.all(BindingKind::param).front()->as<float>()[0] = 5;
    return Status::success();
  };
  std::unique_ptr<Trainer> begun = setting.trainer("run");
  CHECK(setting.checkpoints("run") == std::vector<std::string>{"step-00000000.safetensors"});
  begun.reset(); // killed before its first step
  setting.options.start = nullptr;
  std::unique_ptr<Trainer> resumed;
  REQUIRE(setting.resume(resumed, "run").error == "");
  CHECK(resumed->getParameters().all(BindingKind::param).front()->as<float>()[0] == 5);
  Run run;
  REQUIRE(Run::open(setting.folder / "run", run));
  CHECK(run.description.start.at("weights") == "w.safetensors");

  // Killed even before it was a run: it is begun again, and its checkpoint is nobody's.
  resumed.reset();
  std::filesystem::remove(setting.folder / "run/run.json");
  std::filesystem::remove(setting.folder / "run/metrics.jsonl");
  std::unique_ptr<Trainer> again = setting.trainer("run");
  CHECK(setting.checkpoints("run").empty());

  setting.options.start = [](BufferStore &) { return Status::failure("no"); };
  CHECK(setting.create(again, "none").error == "no");
  CHECK(!std::filesystem::exists(setting.folder / "none"));
}
