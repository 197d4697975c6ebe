#include "moe/Runtime.h"
#include "moe/Threads.h"

#include <atomic>
#include <doctest/doctest.h>
#include <limits>

using namespace moe;

/// y[i] = 2 x[i] for the rows of 4 floats that the blocks are.
static void twice(void *const *args, int64_t begin, int64_t end) {
  auto *x = static_cast<const float *>(args[0]);
  auto *y = static_cast<float *>(args[1]);
  for (int64_t i = 4 * begin; i < 4 * end; ++i)
    y[i] = 2 * x[i];
}

/// check = (x[0] == 4)
static void compareFirst(void *const *args, int64_t, int64_t) {
  *static_cast<int32_t *>(args[1]) = static_cast<const float *>(args[0])[0] == 4 ? 5 : 0;
}

namespace {
/// stream <- 4 * stream through the arena, on micro-batches of 2 rows; a check that fails where the first element was 1.
struct Model {
  Executable executable;
  BufferStore store;

  Model() {
    Program program;
    program.name = "train";
    program.bindings = {{BindingKind::stream, "mem", DType::f32, {2, 4}, {Initializer::Kind::constant, 1}},
                        {BindingKind::check, "excess", DType::i32, {}, {}, "", "m.moe:7:9"}};
    program.arenaBytes = 64;
    BufferRef arena{BufferRef::Space::arena, 0, 0}, mem{BufferRef::Space::binding, 0, 0}, check{BufferRef::Space::binding, 1, 0};
    program.launches = {{0, 2, {mem, arena}, "m.moe:3:1"}, {0, 2, {arena, mem}, "m.moe:4:1"}, {1, 1, {mem, check}, "m.moe:7:9"}};
    executable.kernels = {{"twice", twice}, {"compare", compareFirst}};
    executable.programs = {program};
  }
  const Program &program() { return executable.programs[0]; }
};
} // namespace

TEST_CASE("no pool has more threads than make sense") {
  CHECK(ThreadPool(std::numeric_limits<int>::max()).threads() == mostThreads);
  CHECK(ThreadPool(0).threads() >= 1);
}

TEST_CASE("micro-batches see their rows, a failed check names itself and its place") {
  for (int threads : {1, 2}) {
    Model model;
    ThreadPool pool(threads);
    CHECK(pool.threads() == threads);
    Runner runner(model.executable, model.program(), pool);
    REQUIRE(model.store.addLocal(model.program(), 2));
    REQUIRE(runner.bind({&model.store}));
    model.store.initialize(0);
    float *mem = model.store.find(BindingKind::stream, "mem")->as<float>();
    mem[8] = 3;

    REQUIRE(runner.run(1));
    CHECK(mem[0] == 1);
    CHECK(mem[8] == 12);
    CHECK(mem[15] == 4);

    Status status = runner.run(0);
    CHECK(mem[7] == 4);
    CHECK(mem[8] == 12);
    CHECK(status.error == "m.moe:7:9: 5 more pairs of token and expert are on than at_most allows (excess)");

    CHECK(runner.run(2).error == "@train was asked for micro-batch 2 of 2");
  }
}

TEST_CASE("a missing or mismatched buffer is named") {
  Model model;
  ThreadPool pool(1);
  Runner runner(model.executable, model.program(), pool);
  CHECK(runner.run().error == "@train was run before its buffers were bound");
  CHECK(runner.bind({&model.store}).error == "@train needs stream 'mem', which no store holds");
  Program other;
  other.bindings = {{BindingKind::stream, "mem", DType::f32, {2, 5}, {}}};
  REQUIRE(model.store.addLocal(other));
  CHECK(runner.bind({&model.store}).error == "stream 'mem' of @train is bound to a buffer of another shape");
}

namespace {
/// @train makes a gradient in its arena, beside what it is made of; @update adds twice of it to nothing.
struct Step {
  Executable executable;
  BufferStore store;

  Step() {
    BufferRef w{BufferRef::Space::binding, 0, 0}, g{BufferRef::Space::binding, 1, 0}, arena{BufferRef::Space::arena, 0, 0}, late{BufferRef::Space::arena, 0, 64};
    Binding param{BindingKind::param, "w", DType::f32, {1, 4}, {Initializer::Kind::constant, 1}}, grad{BindingKind::grad, "w", DType::f32, {1, 4}, {}};
    Program update{"update", {param, grad}, {{0, 1, {g, w}}}, {}, 0}, train{"train", {param, grad}, {{0, 1, {w, arena}}, {0, 1, {arena, late}}}, {}, 128};
    train.bindings[1].arenaOffset = 64;
    executable.kernels = {{"twice", twice}};
    executable.programs = {update, train};
    for (const Program &program : executable.programs)
      REQUIRE(store.addShared(program));
    store.initialize(0);
  }
};
} // namespace

TEST_CASE("a gradient lies in the arena of its program, whichever program's runner made it last") {
  Step step;
  CHECK(step.executable.programs[1].temporaryBytes() == 112);
  ThreadPool pool(1);
  Runner update(step.executable, step.executable.programs[0], pool), train(step.executable, step.executable.programs[1], pool);
  REQUIRE(update.bind({&step.store}));
  REQUIRE(train.bind({&step.store}));
  Buffer *grad = step.store.find(BindingKind::grad, "w");
  float *w = step.store.find(BindingKind::param, "w")->as<float>(), *g = grad->as<float>();
  REQUIRE(g);
  CHECK(g[3] == 0); // before the first run, too, a host may look
  REQUIRE(train.run());
  CHECK(g[3] == 4);
  REQUIRE(update.run());
  CHECK(w[3] == 8);

  Runner other(step.executable, step.executable.programs[1], pool);
  REQUIRE(other.bind({&step.store}));
  REQUIRE(other.run());
  CHECK(grad->as<float>() != g);
  CHECK(grad->as<float>()[3] == 32);
  REQUIRE(update.run()); // from the other one's memory
  CHECK(w[3] == 64);
  REQUIRE(train.run());
  CHECK(grad->as<float>() == g);
  CHECK(g[3] == 256);
  REQUIRE(update.run());
  CHECK(w[3] == 512);
}

TEST_CASE("a check with a message says it") {
  Model model;
  Binding &check = model.executable.programs[0].bindings[1];
  check.message = "the loss is odd: `even(x)` does not hold";
  ThreadPool pool(1);
  Runner runner(model.executable, model.program(), pool);
  REQUIRE(model.store.addLocal(model.program()));
  REQUIRE(runner.bind({&model.store}));
  model.store.initialize(0);
  CHECK(runner.run().error == "m.moe:7:9: the loss is odd: `even(x)` does not hold at 5 elements");
  CHECK(describeFailedCheck(check, 1) == "the loss is odd: `even(x)` does not hold at 1 element");
}

namespace {
/// Writes down what it is told.
struct Recorder : RunObserver {
  std::string log, kernels;
  std::chrono::steady_clock::time_point lastEnd;
  void beginRun(const Program &program, const std::vector<std::byte *> &buffers, int64_t microBatch) override {
    log += "@" + program.name + " " + std::to_string(microBatch) + " " + std::to_string(*reinterpret_cast<float *>(buffers[0])) + "; ";
  }
  void beforeLaunch(const LaunchView &launch) override {
    const TensorView &x = launch.operands.at(0);
    log += launch.launch().location + " " + std::to_string(*reinterpret_cast<float *>(x.data)) + " of " + std::to_string(x.elements());
  }
  void afterLaunch(const LaunchView &launch) override {
    log += " -> " + std::to_string(launch.results.at(0).elements()) + "; ";
    CHECK(lastEnd <= launch.begin); // one after another
    CHECK(launch.begin <= launch.end);
    lastEnd = launch.end;
    int64_t blocks = 0;
    for (const ThreadWork &thread : launch.threads)
      blocks += thread.blocks;
    CHECK(blocks == launch.launch().blocks);
    kernels += launch.kernel.symbol + " ";
  }
  void endRun() override { log += "end"; }
};
} // namespace

TEST_CASE("an observer sees each launch with its arguments, and of routed rows those that are there") {
  Model model;
  Executable &executable = model.executable;
  Program &program = executable.programs[0];
  executable.types = {{DType::f32, {2, 4}}, {DType::i32, {}}};
  executable.constants = {0, 0, 0, 0, 1, 0, 0, 0}; // one row of the first expert
  program.routings = {{{BufferRef::Space::constant, 0, 0}, 1}};
  ThreadPool pool(1);
  Recorder recorder;
  {
    Runner blind(executable, program, pool);
    CHECK(blind.observe(&recorder).error == "the launches of @train do not say what their arguments are");
  }
  for (Launch &launch : program.launches) {
    launch.operands = 1;
    launch.info = {{0, -1}, {0, -1}};
  }
  program.launches[1].info[0].routing = 0;
  program.launches[2].info[1].type = 1;
  Runner runner(executable, program, pool);
  REQUIRE(model.store.addLocal(program, 2));
  REQUIRE(runner.bind({&model.store}));
  model.store.initialize(0);
  model.store.find(BindingKind::stream, "mem")->as<float>()[8] = 3;
  REQUIRE(runner.observe(&recorder));
  CHECK(runner.run(1));
  CHECK(recorder.log == "@train 1 3.000000; m.moe:3:1 3.000000 of 8 -> 8; m.moe:4:1 6.000000 of 4 -> 8; m.moe:7:9 12.000000 of 8 -> 1; end");
  CHECK(recorder.kernels == "twice twice compare ");
  REQUIRE(runner.observe(nullptr));
  CHECK(!runner.run(0)); // the first row starts from 1: the check fails as ever
  CHECK(recorder.log.ends_with("-> 1; end"));
}

static void countBlocks(void *const *args, int64_t begin, int64_t end) {
  auto *counts = static_cast<std::atomic<int> *>(args[0]);
  for (int64_t i = begin; i < end; ++i)
    ++counts[i];
}

TEST_CASE("every block runs once") {
  for (int threads : {1, 2, 4}) {
    ThreadPool pool(threads);
    for (int64_t blocks : {0, 1, 2, 3, 1000}) {
      std::vector<std::atomic<int>> counts(blocks + 1);
      void *args[] = {counts.data()};
      pool.launch(countBlocks, args, blocks);
      for (int64_t i = 0; i < blocks; ++i)
        CHECK(counts[i] == 1);
      CHECK(counts[blocks] == 0);
    }
  }
}

TEST_CASE("what each thread did of a launch adds up") {
  for (int threads : {1, 2, 4}) {
    ThreadPool pool(threads);
    for (int64_t blocks : {1, 3, 1000}) {
      std::vector<std::atomic<int>> counts(blocks);
      void *args[] = {counts.data()};
      std::vector<ThreadWork> work;
      auto begin = std::chrono::steady_clock::now();
      pool.launch(countBlocks, args, blocks, work);
      auto end = std::chrono::steady_clock::now();
      REQUIRE(work.size() == static_cast<size_t>(threads));
      int64_t sum = 0;
      for (const ThreadWork &thread : work) {
        sum += thread.blocks;
        if (thread.blocks == 0)
          continue;
        CHECK(begin <= thread.begin);
        CHECK(thread.begin + thread.busy <= thread.end);
        CHECK(thread.end <= end);
      }
      CHECK(sum == blocks);
      for (int64_t i = 0; i < blocks; ++i)
        CHECK(counts[i] == 1);
    }
  }
}
