// A step that fails leaves nothing behind.
#include "test/Training/Setting.h"

#include <cmath>
#include <cstring>

using namespace moe;
using namespace moe::test;

namespace {
/// What a checkpoint holds, byte for byte.
std::string stateOf(const Setting &s, const Trainer &trainer) {
  REQUIRE(trainer.saveCheckpoint(s.folder / "state"));
  return read(s.folder / "state");
}

struct Faulty {
  explicit Faulty(const SumFaults &faults) { sumFaults = faults; }
  ~Faulty() { sumFaults = {}; }
};
} // namespace

TEST_CASE("a step that makes a value that is not finite is not committed, wherever it makes it") {
  struct Case {
    SumFaults faults;
    const char *message;
  };
  for (const Case &c : {Case{{.gradient = INFINITY}, "step 9: the gradient of 'bias' is not finite (the loss is 1."},
                        Case{{.state = NAN}, "step 9: model state 'seen' is not finite (the loss is 1."},
                        Case{{.momentum = -INFINITY}, "step 9: after the update optimizer state 'm.bias' is not finite (the loss is 1."},
                        Case{{.bias = NAN}, "step 9: after the update parameter 'bias' is not finite (the loss is 1."}}) {
    CAPTURE(c.message);
    Setting s;
    std::vector<double> whole = losses(*s.trainer(), 20);
    std::unique_ptr<Trainer> trainer = s.trainer();
    losses(*trainer, 8); // the ninth reads the last block of the text: the position and the streams start anew after it
    std::string before = stateOf(s, *trainer);
    StepMetrics metrics;
    {
      Faulty faulty(c.faults);
      Status status = trainer->step(metrics);
      CHECK(status.error.substr(0, std::strlen(c.message)) == c.message);
    }
    CHECK(trainer->getStep() == 8);
    CHECK(stateOf(s, *trainer) == before);
    CHECK(losses(*trainer, 12) == std::vector<double>(whole.begin() + 8, whole.end()));
  }
}

TEST_CASE("a run that fails keeps the state of the step before in a checkpoint, from which it goes on") {
  Setting s(R"("checkpoint_every": 100)");
  s.options.steps = 30;
  TrainResult result, whole;
  REQUIRE(s.trainer("whole")->run(whole));
  std::unique_ptr<Trainer> trainer;
  s.options.hooks.onStep = [](const StepMetrics &metrics, const Progress &) { sumFaults.gradient = metrics.step == 12 ? NAN : 0; };
  {
    Faulty faulty({});
    Status status = s.trainer("run")->run(result);
    CHECK(status.error.starts_with("step 13: the gradient of 'bias' is not finite"));
  }
  CHECK(result.steps == 12);
  CHECK(result.checkpoint == s.folder / "run/checkpoints/step-00000012.safetensors");
  CHECK(s.metrics("run").size() == 12);
  s.options.hooks = {};
  CHECK(read(s.finish("run").checkpoint) == read(whole.checkpoint));
}

TEST_CASE("a loss that is not finite names the micro-batch") {
  Setting s;
  std::unique_ptr<Trainer> trainer = s.trainer("run");
  losses(*trainer, 2);
  float *bias = trainer->getParameters().find(BindingKind::param, "bias")->as<float>();
  bias[5] = INFINITY;
  TrainResult result;
  CHECK(trainer->run(result).error == "step 3: the loss of micro-batch 1 of 2 is nan");
  CHECK(std::isfinite(bias[0]));
  CHECK(s.checkpoints("run") == std::vector<std::string>{"step-00000002.safetensors"});
}

TEST_CASE("a state that begins with an infinity is none that a step made") {
  Setting s;
  for (Program &program : s.executable.programs)
    for (Binding &binding : program.bindings)
      if (binding.name == "seen")
        binding.init = {Initializer::Kind::constant, -INFINITY};
  CHECK(losses(*s.trainer(), 12).size() == 12);
}
