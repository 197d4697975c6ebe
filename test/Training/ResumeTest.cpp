// Runs that go on: from checkpoints, after damage, with more steps, in one process at a time.
#include "test/Training/Setting.h"

using namespace moe;
using namespace moe::test;
using nlohmann::json;

namespace {
const char *const frequent = R"("checkpoint_every": 3, "eval_every": 4, "eval_blocks": 2)";

/// metrics.jsonl without what the clock says.
std::vector<json> values(Setting &s, const std::string &run) {
  std::vector<json> lines = s.metrics(run);
  for (json &line : lines)
    for (const char *key : {"seconds", "tokens_per_s"})
      line.erase(key);
  return lines;
}

/// Trains for some steps, then drops the trainer as a process that is killed would.
void abandonAfter(Setting &s, const std::string &out, int64_t step) {
  std::unique_ptr<Trainer> trainer;
  struct Killed {};
  s.options.hooks.onStep = [&](const StepMetrics &metrics, const Progress &) {
    if (metrics.step == step)
      throw Killed();
  };
  trainer = s.trainer(out);
  TrainResult result;
  CHECK_THROWS_AS((void)trainer->run(result), Killed);
  s.options.hooks = {};
}

void expectSame(Setting &s, const std::string &run, const std::string &whole) {
  CHECK(values(s, run) == values(s, whole));
  CHECK(s.checkpoints(run) == s.checkpoints(whole));
  for (const std::string &name : s.checkpoints(whole))
    CHECK(read(s.folder / (run + "/checkpoints/" + name)) == read(s.folder / (whole + "/checkpoints/" + name)));
}
} // namespace

TEST_CASE("a run that was cut off goes on bit for bit, with another number of threads") {
  Setting s(frequent);
  s.options.steps = 30;
  s.options.seed = 5;
  s.options.threads = 1;
  TrainResult result;
  REQUIRE(s.trainer("whole")->run(result));
  for (int64_t step : {1, 3, 4, 8, 9, 10, 23, 30}) {
    CAPTURE(step);
    std::string run = "run" + std::to_string(step);
    s.options.threads = 1;
    s.options.seed = 5;
    s.options.steps = 30;
    abandonAfter(s, run, step);
    s.options.threads = 2;
    s.options.seed.reset(); // these are the run's
    s.options.steps.reset();
    s.finish(run);
    expectSame(s, run, "whole");
    s.finish(run); // it has come to its end: nothing is done twice
    expectSame(s, run, "whole");
  }
}

TEST_CASE("what a killed process was writing: half a line, temporary files") {
  Setting s(frequent);
  TrainResult result;
  REQUIRE(s.trainer("whole")->run(result));
  abandonAfter(s, "run", 8);
  std::string metrics = read(s.folder / "run/metrics.jsonl");
  write(s.folder / "run/metrics.jsonl", metrics + R"({"step":9,"loss":1.2)");
  write(s.folder / "run/checkpoints/step-00000009.safetensors.tmp-1234", "half");
  write(s.folder / "run/run.json.tmp-1234", "half");
  s.finish("run");
  expectSame(s, "run", "whole");
  CHECK(list(s.folder / "run") == std::vector<std::string>{"checkpoints", "lock", "metrics.jsonl", "run.json", "vocabulary.txt"});
}

TEST_CASE("a damaged checkpoint: the one before it, and the damaged one no longer counts") {
  Setting s(frequent);
  TrainResult result;
  REQUIRE(s.trainer("whole")->run(result));
  abandonAfter(s, "run", 11);
  std::string newest = s.folder / "run/checkpoints/step-00000009.safetensors", bytes = read(newest);
  write(newest, bytes.substr(0, bytes.size() - 4));
  std::vector<std::string> refused;
  s.finish("run", &refused);
  REQUIRE(refused.size() == 1);
  CHECK(refused[0].starts_with(newest + ": "));
  CHECK(std::filesystem::remove(newest + ".refused"));
  expectSame(s, "run", "whole");

  for (const std::string &name : s.checkpoints("run"))
    write(s.folder / ("run/checkpoints/" + name), "x");
  std::unique_ptr<Trainer> trainer;
  std::string before = read(s.folder / "run/metrics.jsonl");
  CHECK(s.resume(trainer, "run", &refused).error == (s.folder / "run") + ": none of its checkpoints can be read");
  CHECK(refused.size() == 2);
  CHECK(read(s.folder / "run/metrics.jsonl") == before);
}

TEST_CASE("more steps than were asked for at first") {
  Setting s(R"("eval_every": 5, "log_every": 4)");
  TrainResult result;
  s.options.steps = 30;
  REQUIRE(s.trainer("whole")->run(result));
  s.options.steps = 10; // not a step that is logged but for being the last
  REQUIRE(s.trainer("run")->run(result));
  s.options.steps = 30;
  s.finish("run");
  CHECK(values(s, "run") == values(s, "whole"));
  CHECK(read(s.folder / "run/checkpoints/best.safetensors") == read(s.folder / "whole/checkpoints/best.safetensors"));
  Run run;
  REQUIRE(Run::open(s.folder / "run", run));
  CHECK(run.description.steps == 30);

  s.options.steps = 20;
  std::unique_ptr<Trainer> trainer;
  CHECK(s.resume(trainer, "run").error == (s.folder / "run") + ": the run has done 30 steps already, more than 20");
}

TEST_CASE("a run whose patience is over stays at its end; a stop in a validation is made up for") {
  Setting stuck(R"("eval_every": 1, "patience": 3)");
  stuck.options.steps = 1000;
  TrainResult result;
  REQUIRE(stuck.trainer("run")->run(result));
  REQUIRE(result.patienceOver);
  std::vector<json> before = values(stuck, "run");
  TrainResult again = stuck.finish("run");
  CHECK(again.patienceOver);
  CHECK(again.steps == result.steps);
  CHECK(values(stuck, "run") == before);

  Setting s(R"("eval_every": 4)");
  std::atomic<bool> stop = false;
  REQUIRE(s.trainer("whole")->run(result));
  s.options.stop = &stop;
  s.options.hooks.onStep = [&](const StepMetrics &metrics, const Progress &) { stop = metrics.step == 8; };
  REQUIRE(s.trainer("run")->run(result));
  CHECK(result.stopped);
  CHECK(result.steps == 8);
  stop = false;
  s.options.hooks = {};
  s.finish("run");
  CHECK(values(s, "run") == values(s, "whole"));
}

TEST_CASE("one trainer at a time") {
  Setting s;
  std::unique_ptr<Trainer> first = s.trainer("run"), second;
  std::string message = (s.folder / "run") + ": this run is being trained by process " + std::to_string(getpid());
  CHECK(s.resume(second, "run").error == message);
  first.reset();
  CHECK(s.resume(second, "run").error == "");
  CHECK(s.create(first, "run").error == (s.folder / "run") + ": there is a run in this folder already; choose a new one");
}

TEST_CASE("a folder that a killed process left before it was a run") {
  Setting s;
  write(s.folder / "run/lock", "1\n");
  write(s.folder / "run/vocabulary.txt.tmp-1", "half");
  std::filesystem::create_directories(s.folder / "run/checkpoints");
  std::unique_ptr<Trainer> trainer;
  CHECK(s.resume(trainer, "run").error == (s.folder / "run/run.json") + ": No such file or directory");
  TrainResult result;
  REQUIRE(s.trainer("run")->run(result));
  CHECK(list(s.folder / "run") == std::vector<std::string>{"checkpoints", "lock", "metrics.jsonl", "run.json", "vocabulary.txt"});
  write(s.folder / "mine/notes.txt", "x");
  CHECK(s.create(trainer, "mine").error == (s.folder / "mine") + ": this is there already and is not empty; choose a new folder");
  CHECK(list(s.folder / "mine") == std::vector<std::string>{"notes.txt"});
}

TEST_CASE("a run goes on with its own text, wherever it lies") {
  Setting s;
  s.options.description.data = s.folder / "data";
  TrainResult result;
  REQUIRE(s.trainer("run")->run(result));
  s.options.description.data = "moved";
  s.options.steps = 14;
  s.finish("run");
  Run run;
  REQUIRE(Run::open(s.folder / "run", run));
  CHECK(run.description.data == "moved");

  std::string train = read(s.folder / "data/train.txt");
  std::unique_ptr<Trainer> trainer;
  write(s.folder / "data/train.txt", train + "a a\n");
  CHECK(s.resume(trainer, "run").error ==
        "moved: not the text that the run was trained on: 'a' occurs 62 times in the training text, in the run's 60 times");
  write(s.folder / "data/train.txt", train + "d\n");
  CHECK(s.resume(trainer, "run").error == "moved: not the text that the run was trained on: a vocabulary of 7, the run has one of 6");
  write(s.folder / "data/train.txt", "c a b a a\n" + train.substr(10)); // the words of the first line in another order
  CHECK(s.resume(trainer, "run").error == "moved: not the text that the run was trained on: word 0 is 'c', in the run it is 'a'");
  write(s.folder / "data/train.txt", train.substr(0, train.size() - 10) + "c a b a a\n"); // of the last line
  CHECK(s.resume(trainer, "run").error ==
        "moved: not the text that the run was trained on: the tokens of train are others, or in another order");
  write(s.folder / "data/train.txt", train);
  std::string valid = read(s.folder / "data/valid.txt");
  write(s.folder / "data/valid.txt", valid + "a\n");
  CHECK(s.resume(trainer, "run").error ==
        "moved: not the text that the run was trained on: the tokens of valid are others, or in another order");
  write(s.folder / "data/valid.txt", valid);
  write(s.folder / "data/train.txt", "b" + train);
  CHECK(s.resume(trainer, "run").error.starts_with("moved: not the text that the run was trained on: "));
}

TEST_CASE("what a run would cost") {
  Setting s(frequent);
  RunEstimate estimate;
  REQUIRE(s.trainer()->estimate(estimate));
  CHECK(estimate.steps == 12);
  CHECK(estimate.validations == 4);
  CHECK(estimate.parameterBytes == 24);
  CHECK(estimate.gradientBytes == 24);
  CHECK(estimate.optimizerBytes == 24);
  CHECK(estimate.stateBytes == 4 + 16 + 16); // the streams of training and of validation
  CHECK(estimate.snapshotBytes == 4 + 16 + 16);
  CHECK(estimate.checkpointsKept == 3);
  for (auto [steps, kept] : {std::pair(12, 4), {13, 5}, {2, 1}}) { // every third step and the last, and no more than there are
    Setting many(R"("checkpoint_every": 3, "keep": 9)");
    many.options.steps = steps;
    RunEstimate other;
    REQUIRE(many.trainer()->estimate(other));
    CHECK(other.checkpointsKept == kept);
  }
  CHECK(estimate.secondsPerStep > 0);
  CHECK(estimate.stepSeconds == doctest::Approx(12 * estimate.secondsPerStep));
  CHECK(estimate.validationSeconds > 0);
  REQUIRE(s.trainer()->saveCheckpoint(s.folder / "c"));
  CHECK(std::abs(estimate.checkpointBytes - static_cast<int64_t>(std::filesystem::file_size(s.folder / "c"))) <= 64);
}
