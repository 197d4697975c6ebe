// What training needs, known before any of it is taken, and what there is.
#include "lib/Support/AtomicFile.h"
#include "moe/Training.h"
#include "test/Training/Files.h"
#include "test/Training/SumModel.h"

#include <csignal>
#include <doctest/doctest.h>
#include <sys/resource.h>

using namespace moe;
using namespace moe::test;

TEST_CASE("the plan is what a trainer allocates") {
  for (const char *more : {"", R"("eval_every": 1)"}) {
    Folder folder;
    writeData(folder / "data", "a b a b a b a b a b a b a b a b\n", "a b a b a b a b a b a b a b a b\n", "a\n");
    TextData data;
    REQUIRE(loadText(folder / "data", {}, data).ok());
    Executable executable = makeSumModel(data.vocabulary.size(), sumSettings(data.vocabulary.size(), more));
    executable.programs[0].arenaBytes = 1000;
    TrainSettings settings;
    REQUIRE(parseSettings(executable.settings, settings).ok());
    MemoryPlan plan = planMemory(executable, settings);
    std::unique_ptr<Trainer> trainer;
    REQUIRE(Trainer::create(executable, std::move(data), {}, trainer).ok());
    RunEstimate estimate;
    REQUIRE(trainer->estimate(estimate).ok());
    CHECK(plan.parameters == estimate.parameterBytes);
    CHECK(plan.gradients == estimate.gradientBytes);
    CHECK(plan.optimizer == estimate.optimizerBytes);
    CHECK(plan.state == estimate.stateBytes);
    CHECK(plan.snapshot == estimate.snapshotBytes);
    CHECK(plan.arena == 1000);
    CHECK(plan.total() == estimate.memoryBytes());
  }
}

TEST_CASE("a gradient in the arena counts once, as a gradient") {
  Binding grad{BindingKind::grad, "w", DType::f32, {4, 4}, {}};
  Program train{"train", {grad}, {}, {}, 192}, update{"update", {grad}, {}, {}, 0};
  CHECK(planMemory({&train, &update}, 1, false).total() == 256);
  train.bindings[0].arenaOffset = 64;
  MemoryPlan plan = planMemory({&train, &update}, 1, false);
  CHECK(plan.gradients == 64);
  CHECK(plan.arena == 128);
  CHECK(plan.total() == 192);
}

TEST_CASE("what there is: the least of machine and control groups") {
  Folder root;
  write(root / "proc/meminfo", "MemTotal:       16000 kB\nMemAvailable:    8000 kB\n");
  CHECK(availableMemory(root.str()).bytes == 8000 * 1024);
  CHECK(availableMemory(root.str()).limit == "of this machine");

  write(root / "proc/self/cgroup", "4:memory:/old\n0::/outer/inner\n");
  write(root / "sys/fs/cgroup/outer/inner/memory.max", "max\n");
  write(root / "sys/fs/cgroup/outer/inner/memory.current", "5\n");
  CHECK(availableMemory(root.str()).bytes == 8000 * 1024);

  write(root / "sys/fs/cgroup/outer/memory.max", "3000000\n");
  write(root / "sys/fs/cgroup/outer/memory.current", "2500000\n");
  write(root / "sys/fs/cgroup/outer/memory.stat", "anon 1\ninactive_file 100000\nactive_file 7\n");
  CHECK(availableMemory(root.str()).bytes == 600000);
  CHECK(availableMemory(root.str()).limit == "of this process's control group");

  write(root / "sys/fs/cgroup/outer/memory.current", "4000000\n");
  CHECK(availableMemory(root.str()).bytes == 0);
}

TEST_CASE("too little is said with the largest uses and what makes them smaller") {
  MemoryPlan plan;
  plan.arena = int64_t(9) << 30;
  plan.parameters = int64_t(2) << 30;
  plan.snapshot = int64_t(3) << 30;
  CHECK(requireMemory(plan, {int64_t(14) << 30, "of this machine"}).ok());
  Status status = requireMemory(plan, {int64_t(1536) << 20, "of this machine"});
  CHECK(status.isMachines);
  CHECK(status.error == "training needs 14.0 GiB of memory, 1.50 GiB of this machine are available (most of it: activations 9.00 GiB, the copy of the step "
                        "before 3.00 GiB, parameters 2.00 GiB); a smaller train.batch or train.context or more train.micro_batches need less");
  plan.arena = 0;
  CHECK(requireMemory(plan, {1, "of this machine"}).error.ends_with("; a smaller model needs less"));
}

TEST_CASE("a record that does not fit leaves nothing of itself") {
  Folder folder;
  auto handler = std::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  {
    RecordFile file;
    REQUIRE(file.open(folder / "log", RecordFile::Mode::create).ok());
    REQUIRE(file.append("first\n").ok());
    rlimit small{10, before.rlim_max};
    setrlimit(RLIMIT_FSIZE, &small);
    Status status = file.append("second\n");
    Status whole = writeFile(folder / "whole", "more than ten bytes");
    setrlimit(RLIMIT_FSIZE, &before);
    CHECK(status.isMachines);
    CHECK(status.error == folder / "log" + ": File too large");
    CHECK(whole.isMachines);
  }
  std::signal(SIGXFSZ, handler);
  CHECK(read(folder / "log") == "first\n");
  CHECK(list(folder.str()) == std::vector<std::string>{"log"});
}
