#include "test/Training/Setting.h"

#include <cmath>

using namespace moe;
using namespace moe::test;
using nlohmann::json;

TEST_CASE("a run writes its description, its metrics and its last checkpoint") {
  Setting s;
  std::vector<int64_t> seen;
  s.options.seed = 7;
  s.options.hooks.onStep = [&](const StepMetrics &metrics, const Progress &progress) {
    seen.push_back(metrics.step);
    CHECK(progress.steps == 12);
    CHECK(progress.hasLoad);
  };
  TrainResult result;
  REQUIRE(s.trainer("run")->run(result));
  CHECK(result.steps == 12);
  CHECK(!result.stopped);
  CHECK(seen.size() == 12);
  CHECK(result.checkpoint == s.folder / "run/checkpoints/step-00000012.safetensors");
  CHECK(list(s.folder / "run") == std::vector<std::string>{"checkpoints", "lock", "metrics.jsonl", "run.json", "vocabulary.txt"});
  CHECK(s.checkpoints("run") == std::vector<std::string>{"step-00000012.safetensors"});

  std::vector<json> lines = s.metrics("run");
  REQUIRE(lines.size() == 13);
  for (int i = 0; i < 12; ++i) {
    CHECK(lines[i]["step"] == i + 1);
    CHECK(lines[i]["ppl"].get<double>() == doctest::Approx(std::exp(lines[i]["loss"].get<double>())));
    CHECK(lines[i]["lr"].get<double>() == doctest::Approx(0.5 * std::min(1.0, (i + 1) / 5.0)));
    CHECK(lines[i]["grad_norm"].get<double>() > 0);
    CHECK(lines[i]["tokens_per_s"].get<double>() > 0);
    CHECK(lines[i]["aux"]["moe.balance"] == 0.5);
    CHECK(lines[i]["probes"]["moe.load"].size() == 2);
  }
  CHECK(lines[11]["loss"].get<double>() < lines[0]["loss"].get<double>() - 0.2);
  CHECK(lines[12]["valid_ppl"] == result.validation->perplexity);
  CHECK(!lines[12].contains("tokens_per_s"));
  CHECK(result.validation->perplexity < 6);

  Run run;
  REQUIRE(Run::open(s.folder / "run", run));
  CHECK(run.description.fileName == "sum.moe");
  CHECK(run.description.source == "model Sum\n");
  CHECK(run.description.overrides == std::vector<std::string>{"model.d=3"});
  CHECK(run.description.seed == 7);
  CHECK(run.description.steps == 12);
  CHECK(run.vocabulary.size() == 6);
  CHECK(run.checkpoints == std::vector<std::string>{result.checkpoint});
  TrainSettings settings;
  REQUIRE(parseSettings(run.description.settings, settings));
  CHECK(settings.batch == 4);

  // The model that was stored evaluates as the one that was trained.
  Model model;
  std::string checkpoint;
  std::vector<std::string> skipped;
  REQUIRE(loadNewest(s.executable, run, model, checkpoint, skipped));
  TokenStream valid;
  REQUIRE(loadSplit(s.folder / "data", Split::valid, run.vocabulary, valid));
  Evaluation again;
  ThreadPool pool(1);
  REQUIRE(evaluate(s.executable, model.getStore(), pool, run.vocabulary, valid, Split::valid, {}, again));
  CHECK(again.loss == result.validation->loss);
}

TEST_CASE("the checkpoint of no step holds the initial parameters") {
  Setting s;
  s.options.steps = 0;
  TrainResult result;
  std::unique_ptr<Trainer> trainer = s.trainer("run");
  REQUIRE(trainer->run(result));
  CHECK(s.checkpoints("run") == std::vector<std::string>{"step-00000000.safetensors"});
  TensorFile file;
  REQUIRE(TensorFile::open(result.checkpoint, file));
  std::vector<float> stored(6);
  REQUIRE(file.find("param/bias"));
  REQUIRE(file.read(*file.find("param/bias"), stored.data()));
  const float *bias = trainer->getParameters().find(BindingKind::param, "bias")->as<float>();
  CHECK(stored == std::vector<float>(bias, bias + 6));
  for (const char *name : {"opt/m.bias", "state/seen", "stream/mem"})
    CHECK(file.find(name));
  CHECK(!file.find("grad/bias"));
}

TEST_CASE("the same seed gives the same losses, on any number of threads; another seed others") {
  Setting s;
  s.options.seed = 3;
  s.options.threads = 1;
  std::vector<double> first = losses(*s.trainer(), 30);
  s.options.threads = 2;
  CHECK(losses(*s.trainer(), 30) == first);
  s.options.seed = 4;
  CHECK(losses(*s.trainer(), 30) != first);
}

TEST_CASE("training goes on from a checkpoint bit for bit, wherever the stream stands") {
  Setting s;
  s.options.seed = 3;
  std::vector<double> whole = losses(*s.trainer(), 40);
  for (int at : {1, 8, 9, 10, 25}) {
    std::unique_ptr<Trainer> first = s.trainer();
    losses(*first, at);
    REQUIRE(first->saveCheckpoint(s.folder / "c.safetensors"));
    s.options.seed = 99; // the checkpoint's counts
    std::unique_ptr<Trainer> second = s.trainer();
    s.options.seed = 3;
    REQUIRE(second->restore(s.folder / "c.safetensors"));
    CHECK(second->getStep() == at);
    CAPTURE(at);
    CHECK(losses(*second, 40 - at) == std::vector<double>(whole.begin() + at, whole.end()));
  }
}

TEST_CASE("checkpoints while training: the last ones stay") {
  Setting s(R"("checkpoint_every": 3, "keep": 2)");
  s.options.steps = 10;
  TrainResult result;
  REQUIRE(s.trainer("run")->run(result));
  CHECK(s.checkpoints("run") == std::vector<std::string>{"step-00000009.safetensors", "step-00000010.safetensors"});
}

TEST_CASE("validation while training: the best checkpoint, and an end when nothing improves") {
  Setting s(R"("eval_every": 2, "eval_blocks": 3, "log_every": 4)");
  TrainResult result;
  std::vector<std::pair<int64_t, int64_t>> seen;
  s.options.hooks.onValidation = [&](int64_t step, const Evaluation &e) { seen.emplace_back(step, e.blocks); };
  REQUIRE(s.trainer("run")->run(result));
  REQUIRE(seen.size() == 7);
  CHECK(seen[0] == std::pair<int64_t, int64_t>(2, 3));
  CHECK(seen[5] == std::pair<int64_t, int64_t>(12, 3)); // the last step may be the best
  CHECK(seen[6] == std::pair<int64_t, int64_t>(12, 6)); // the whole text at the end
  CHECK(s.checkpoints("run").front() == "best.safetensors");
  std::vector<int64_t> logged;
  for (const json &line : s.metrics("run"))
    if (line.contains("loss"))
      logged.push_back(line["step"]);
  CHECK(logged == std::vector<int64_t>{4, 8, 12});

  Setting stuck(R"("eval_every": 1, "patience": 3)");
  stuck.options.steps = 1000;
  REQUIRE(stuck.trainer("run")->run(result));
  CHECK(result.patienceOver);
  CHECK(result.steps < 900);
}

TEST_CASE("a stop finishes the step and writes a checkpoint") {
  Setting s;
  std::atomic<bool> stop = false;
  s.options.stop = &stop;
  s.options.hooks.onStep = [&](const StepMetrics &metrics, const Progress &) { stop = metrics.step == 5; };
  TrainResult result;
  REQUIRE(s.trainer("run")->run(result));
  CHECK(result.stopped);
  CHECK(result.steps == 5);
  CHECK(!result.validation);
  CHECK(s.checkpoints("run") == std::vector<std::string>{"step-00000005.safetensors"});
}

TEST_CASE("what creating a trainer refuses") {
  Setting s;
  std::unique_ptr<Trainer> trainer;
  s.executable.settings = sumSettings(9);
  CHECK(s.create(trainer).error == "the program was compiled for a vocabulary of 9, the vocabulary has 6 entries");
  s.executable.settings = sumSettings(6);
  TrainResult result;
  s.options.steps = 1;
  REQUIRE(s.trainer("run")->run(result));
  CHECK(s.create(trainer, "run").error == (s.folder / "run") + ": there is a run in this folder already; choose a new one");
  write(s.folder / "full/notes", "x");
  CHECK(s.create(trainer, "full").error == (s.folder / "full") + ": this is there already and is not empty; choose a new folder");
  write(s.folder / "file", "x");
  CHECK(s.create(trainer, "file/run").error == (s.folder / "file/run") + ": Not a directory");
  write(s.folder / "data/valid.txt", "a b\n");
  CHECK(s.create(trainer, "new").error ==
        (s.folder / "data/valid.txt") + ": 3 tokens are too few for 4 rows of 3 and one more: at least 16 are needed");
  CHECK(!std::filesystem::exists(s.folder / "new"));
  s.executable.programs.erase(s.executable.programs.begin() + 1);
  CHECK(s.create(trainer).error == "the executable has no program 'update'");
}

TEST_CASE("a damaged checkpoint is passed over, one of another model refused") {
  Setting s(R"("checkpoint_every": 6)");
  TrainResult result;
  REQUIRE(s.trainer("run")->run(result));
  std::string bytes = read(result.checkpoint);
  write(result.checkpoint, bytes.substr(0, bytes.size() / 2));
  Run run;
  REQUIRE(Run::open(s.folder / "run", run));
  REQUIRE(run.checkpoints.size() == 2);
  Model model;
  std::string checkpoint;
  std::vector<std::string> skipped;
  REQUIRE(loadNewest(s.executable, run, model, checkpoint, skipped));
  CHECK(checkpoint == s.folder / "run/checkpoints/step-00000006.safetensors");
  REQUIRE(skipped.size() == 1);
  CHECK(skipped[0].starts_with(result.checkpoint + ": "));

  Executable wider = makeSumModel(7, sumSettings(7));
  CHECK(Model::load(wider, checkpoint, model).error == checkpoint + ": param/bias is F32[6], the model needs F32[7]");
  wider.programs[2].bindings[0].name = "weight";
  CHECK(Model::load(wider, checkpoint, model).error == checkpoint + ": the model needs param/weight, which is not in this checkpoint");

  std::string unsummed = read(checkpoint);
  unsummed.replace(unsummed.find("xxh3"), 4, "xxh4");
  write(s.folder / "c", unsummed);
  CHECK(Model::load(s.executable, s.folder / "c", model).error ==
        (s.folder / "c") + ": the checksum is missing: the file was altered after it was written");

  makeSumModel(6, sumSettings(6));
  std::unique_ptr<Trainer> trainer = s.trainer();
  CHECK(!trainer->restore(result.checkpoint));
  CHECK(trainer->restore(MOE_GOLDEN "/plain.safetensors").error ==
        MOE_GOLDEN "/plain.safetensors: a safetensors file, but not a checkpoint of moec");
}

TEST_CASE("a folder that is no run") {
  Folder folder;
  Run run;
  CHECK(Run::open(folder / "none", run).error == (folder / "none") + ": there is no such run folder");
  CHECK(Run::open(folder.str(), run).error == (folder / "run.json") + ": No such file or directory");
  write(folder / "run.json", "{");
  CHECK(Run::open(folder.str(), run).error == (folder / "run.json") + ": this is not the description of a run");
  write(folder / "run.json", R"({"format": "moec-run", "version": 2})");
  CHECK(Run::open(folder.str(), run).error == (folder / "run.json") + ": the run was written by another version of moec");
  write(folder / "run.json", R"({"format": "moec-run", "version": 1})");
  CHECK(Run::open(folder.str(), run).error.starts_with((folder / "run.json") + ": "));
}
