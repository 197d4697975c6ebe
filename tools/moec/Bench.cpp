//===- Bench.cpp - moec bench ---------------------------------------------===//
#include "tools/moec/Ceilings.h"
#include "tools/moec/Commands.h"
#include "tools/moec/Console.h"
#include "tools/moec/DataSource.h"
#include "tools/moec/Profiling.h"

#include "moe/Training/Memory.h"
#include "moe/Training/Session.h"
#include "moe/Work.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <iomanip>
#include <iostream>
#include <nlohmann/json.hpp>
#include <random>

using namespace moe;
using namespace moe::cli;
using Json = nlohmann::ordered_json;

static void declare(po::options_description &options) {
  declareOverrides(options);
  declareVocabulary(options);
  options.add_options()("steps", count("N")->default_value(5), "steps of a round; 0: only count");
  options.add_options()("rounds", count("N")->default_value(3), "each begins with the machine's ceilings and one step that is not timed");
  options.add_options()("no-update", "time loss and gradients without the optimizer");
  options.add_options()("once", "compile or load, do one step and end: for timing a whole start");
  options.add_options()("seed", count("S")->default_value(1), "of parameters and tokens");
  declareThreads(options);
  declareCache(options);
  options.add_options()("json", po::value<std::string>()->value_name("FILE"), "write the result as JSON; -: to standard output instead of the table");
}

//===-- What is measured -----------------------------------------------------------------===//

/// The least time that a step takes at the machine's ceilings, and by what it is bound.
struct Floor {
  double flop = 0, functions = 0, bytes = 0;
  double narrowFlop = 0; ///< of `flop`, those with bf16 factors
  double productSeconds = 0, functionSeconds = 0, memorySeconds = 0; ///< of the operations that each bounds

  double seconds() const { return productSeconds + functionSeconds + memorySeconds; }
  void add(const OperationWork &work, double runs, const Ceilings &machine);
};

struct Measurement {
  bool isTrainOnly = false;
  double coldSeconds = 0, cachedSeconds = 0; ///< of compiling
  std::string code;                          ///< Executable::code
  std::vector<double> steps;                 ///< seconds, in order
  Ceilings one, all;                         ///< of one thread and of `threads`
  int threads = 1;
  Floor floor;
  ProfileSummary launches; ///< of one more round, for looking at each takes time
  MemoryPlan memory;
  int64_t trainArena = 0, updateArena = 0;
  TrainSettings settings;

  double median() const;
  double tokens() const { return static_cast<double>(settings.batch * settings.context); }
};

void Floor::add(const OperationWork &work, double runs, const Ceilings &machine) {
  flop += runs * work.flop;
  functions += runs * work.functions;
  bytes += runs * work.bytes;
  narrowFlop += work.isNarrow ? runs * work.flop : 0;
  double products = work.flop / (work.isNarrow ? std::max(machine.narrowFlop, machine.flop) : machine.flop), evaluations = work.functions / machine.functions, memory = work.bytes / machine.bytes;
  double &bound = memory >= std::max(products, evaluations) ? memorySeconds : products >= evaluations ? productSeconds : functionSeconds;
  bound += runs * std::max({products, evaluations, memory});
}

double Measurement::median() const {
  std::vector<double> sorted = steps;
  std::sort(sorted.begin(), sorted.end());
  size_t middle = sorted.size() / 2;
  return sorted.size() % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

//===-- Measuring ------------------------------------------------------------------------===//

using Clock = std::chrono::steady_clock;

static double secondsSince(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

/// A folder that is removed in the end.
struct ScratchFolder {
  std::string path = (std::filesystem::temp_directory_path() / "moec-bench-XXXXXX").string();
  ScratchFolder() {
    if (!mkdtemp(path.data()))
      throw Failure(failedRun, "cannot make a folder in " + std::filesystem::temp_directory_path().string());
  }
  ~ScratchFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
};

/// Compiles with an empty cache, then with what that left there.
static std::unique_ptr<CompiledModel> compileTwice(Source source, Measurement &found) {
  tune(source.options); // once a machine, not once a program
  ScratchFolder folder;
  source.options.cacheDir = folder.path;
  Clock::time_point begin = Clock::now();
  source.compile();
  found.coldSeconds = secondsSince(begin);
  begin = Clock::now();
  std::unique_ptr<CompiledModel> model = source.compile();
  found.cachedSeconds = secondsSince(begin);
  found.code = model->executable().code;
  return model;
}

/// Fills the inputs of @train with ids whose frequencies fall as 1, 1/2, 1/3, ...
class Tokens {
public:
  Tokens(int64_t vocabulary, uint64_t seed) : random(seed) {
    double sum = 0;
    for (int64_t rank = 1; rank <= vocabulary; ++rank)
      cumulative.push_back(sum += 1 / static_cast<double>(rank));
  }
  void fill(Session &session) {
    for (const char *name : {"tokens", "targets"})
      if (Buffer *input = session.find("train", BindingKind::input, name))
        std::generate_n(input->as<int32_t>(), input->elements(), [&] { return draw(); });
  }

private:
  int32_t draw() {
    double at = std::uniform_real_distribution<double>(0, cumulative.back())(random);
    return static_cast<int32_t>(std::upper_bound(cumulative.begin(), cumulative.end() - 1, at) - cumulative.begin());
  }
  std::mt19937_64 random;
  std::vector<double> cumulative;
};

/// One step on new tokens; its seconds.
static double step(Session &session, Tokens &tokens, const Measurement &found) {
  tokens.fill(session);
  double loss = 0;
  Clock::time_point begin = Clock::now();
  if (!found.isTrainOnly) {
    require(session.step(loss), failedRun);
    return secondsSince(begin);
  }
  for (int64_t m = 0; m < found.settings.microBatches; ++m)
    require(session.runMicroBatch(loss), failedRun);
  double seconds = secondsSince(begin);
  require(session.update(), failedRun);
  return seconds;
}

static void measureSteps(Session &session, Tokens &tokens, int64_t rounds, int64_t steps, Measurement &found) {
  for (int64_t r = 0; r < rounds; ++r) {
    found.one = best(found.one, measureCeilings(1));
    found.all = best(found.all, measureCeilings(found.threads));
    for (int64_t s = 0; s <= steps && steps; ++s)
      if (double seconds = step(session, tokens, found); s > 0)
        found.steps.push_back(seconds);
  }
}

/// The launches of so many steps.
static void measureLaunches(Session &session, Tokens &tokens, int64_t steps, Measurement &found) {
  LaunchSums sums;
  require(session.observe(&sums), failedRun);
  for (int64_t s = 0; s < steps; ++s)
    found.launches.stepSeconds += step(session, tokens, found);
  require(session.observe(nullptr), failedRun);
  found.launches.steps = steps;
  found.launches.launches = sums.get();
  if (found.isTrainOnly)
    std::erase_if(found.launches.launches, [](const LaunchTimes &launch) { return launch.program != "train"; });
}

static void countFloor(const Source &source, Measurement &found) {
  Diagnostics diagnostics;
  auto work = countWork(source.fileName, source.text, source.options, diagnostics);
  settle(diagnostics);
  for (const ProgramWork &program : *work) {
    bool isTrain = program.program == "train", isUpdate = program.program == "update" && !found.isTrainOnly;
    for (const OperationWork &operation : program.operations)
      if (isTrain || isUpdate)
        found.floor.add(operation, isTrain ? static_cast<double>(found.settings.microBatches) : 1, found.all);
  }
}

//===-- The result -----------------------------------------------------------------------===//

static Json toJson(const Ceilings &ceilings) {
  Json json = {{"flop_per_s", ceilings.flop}, {"functions_per_s", ceilings.functions}, {"bytes_per_s", ceilings.bytes}};
  if (ceilings.narrowFlop > 0)
    json["bf16_flop_per_s"] = ceilings.narrowFlop;
  return json;
}

constexpr size_t mostLaunches = 5;

static Json toJson(const ProfileSummary &summary) {
  Json rows = Json::array();
  auto steps = static_cast<double>(summary.steps);
  for (size_t i = 0; i < std::min(mostLaunches, summary.launches.size()); ++i) {
    const LaunchTimes &launch = summary.launches[i];
    Json row = {{"seconds", launch.seconds / steps},     {"share", launch.seconds / summary.stepSeconds}, {"launches", static_cast<double>(launch.launches) / steps},
                {"program", launch.program},             {"kernel", launch.kernel},                      {"source", launch.location},
                {"name", launch.name}};
    if (launch.flop > 0)
      row["flop_per_s"] = launch.flop / launch.seconds;
    rows.push_back(std::move(row));
  }
  return rows;
}

static Json toJson(const Measurement &found, const Source &source) {
  Json json = {{"file", source.fileName},
               {"presets", source.options.presets},
               {"overrides", source.options.overrides},
               {"vocabulary", source.options.vocabulary},
               {"batch", found.settings.batch},
               {"context", found.settings.context},
               {"micro_batches", found.settings.microBatches},
               {"threads", found.threads},
               {"timed", found.isTrainOnly ? "loss and gradients" : "step"}};
  json["code"] = found.code;
  json["machine"] = {{"one_thread", toJson(found.one)}, {"all_threads", toJson(found.all)}};
  json["compile"] = {{"cold_s", found.coldSeconds}, {"cached_s", found.cachedSeconds}};
  const Floor &floor = found.floor;
  json["floor"] = {{"seconds", floor.seconds()},
                   {"flop", floor.flop},
                   {"bf16_flop", floor.narrowFlop},
                   {"functions", floor.functions},
                   {"bytes", floor.bytes},
                   {"bound_by_products_s", floor.productSeconds},
                   {"bound_by_functions_s", floor.functionSeconds},
                   {"bound_by_memory_s", floor.memorySeconds}};
  const MemoryPlan &memory = found.memory;
  json["memory"] = {{"parameters", memory.parameters}, {"gradients", memory.gradients},   {"optimizer", memory.optimizer},  {"state", memory.state},
                    {"step_before", memory.snapshot},  {"train_arena", found.trainArena}, {"update_arena", found.updateArena}};
  if (!found.steps.empty())
    json["step"] = {{"median_s", found.median()},
                    {"least_s", *std::min_element(found.steps.begin(), found.steps.end())},
                    {"most_s", *std::max_element(found.steps.begin(), found.steps.end())},
                    {"tokens_per_s", found.tokens() / found.median()},
                    {"share_of_speed_of_light", floor.seconds() / found.median()},
                    {"all_s", found.steps}};
  if (found.launches.steps)
    json["launches"] = toJson(found.launches);
  return json;
}

static void printRow(const std::string &name, const std::string &value, const std::string &note = "") {
  std::cout << std::left << std::setw(22) << name << std::right << std::setw(14) << value << (note.empty() ? "" : "  ") << note << '\n';
}

static std::string seconds(double value) {
  return value < 1e-3 ? fixed(value * 1e6, 1) + " us" : fixed(value * 1e3, value < 0.1 ? 2 : 0) + " ms";
}

static void printCeiling(const char *name, double one, double all, const char *unit) {
  printRow(name, shortNumber(one) + unit, shortNumber(all) + unit + ", " + fixed(all / one, 2) + " times");
}

static void print(const Measurement &found) {
  printRow("this machine", "1 thread", std::to_string(found.threads) + (found.threads == 1 ? " thread" : " threads"));
  printCeiling("  multiply-adds", found.one.flop, found.all.flop, "FLOP/s");
  if (found.all.narrowFlop > 0)
    printCeiling("  of bf16", found.one.narrowFlop, found.all.narrowFlop, "FLOP/s");
  printCeiling("  exponentials", found.one.functions, found.all.functions, "/s");
  printCeiling("  memory, read", found.one.bytes, found.all.bytes, "B/s");
  printRow("compiled", fixed(found.coldSeconds, 2) + " s", "loaded from the cache in " + seconds(found.cachedSeconds));
  if (!found.steps.empty()) {
    auto [least, most] = std::minmax_element(found.steps.begin(), found.steps.end());
    printRow(found.isTrainOnly ? "loss and gradients" : "step", seconds(found.median()),
             seconds(*least) + " to " + seconds(*most) + ", " + std::to_string(found.steps.size()) + " times");
    printRow("", shortNumber(found.tokens() / found.median()), "tokens/s");
  }
  const Floor &floor = found.floor;
  printRow("speed of light", seconds(floor.seconds()), found.steps.empty() ? "" : fixed(100 * floor.seconds() / found.median(), 0) + " % of that speed reached");
  std::string narrow = floor.narrowFlop == 0 ? "" : ", " + shortNumber(floor.narrowFlop) + "FLOP of bf16" + (found.all.narrowFlop > found.all.flop ? "" : " at the rate of f32");
  printRow("  products", seconds(floor.productSeconds), shortNumber(floor.flop) + "FLOP" + narrow);
  printRow("  functions", seconds(floor.functionSeconds), shortNumber(floor.functions) + " of exp, log, tanh, ...");
  printRow("  memory", seconds(floor.memorySeconds), bytes(floor.bytes) + " that must be read or written");
  const MemoryPlan &memory = found.memory;
  auto size = [](int64_t count) { return bytes(static_cast<double>(count)); };
  int64_t held = memory.parameters + memory.gradients + memory.optimizer + memory.state + memory.snapshot;
  printRow("memory of a step", size(held + found.trainArena + found.updateArena));
  printRow("  parameters", size(memory.parameters));
  printRow("  gradients", size(memory.gradients));
  printRow("  optimizer", size(memory.optimizer));
  printRow("  state", size(memory.state), "of the model and its streams");
  printRow("  step before", size(memory.snapshot), "what a failed step is undone from");
  printRow("  activations", size(found.trainArena + found.updateArena), "and temporaries");
  printLaunches(found.launches, found.isTrainOnly ? "step without its update" : "step", mostLaunches, std::cout);
}

//===-- The command ----------------------------------------------------------------------===//

static std::unique_ptr<Session> makeSession(const CompiledModel &model, const po::variables_map &arguments, Measurement &found) {
  SessionOptions options;
  options.seed = static_cast<uint64_t>(*readCount(arguments, "seed"));
  options.threads = readThreads(arguments);
  std::unique_ptr<Session> session;
  require(Session::create(model.executable(), options, session), badInput);
  found.settings = session->getSettings();
  found.threads = ThreadPool(found.settings.threads).threads();
  found.memory = planMemory(model.executable(), found.settings);
  found.trainArena = model.executable().find("train")->temporaryBytes();
  found.updateArena = model.executable().find("update")->temporaryBytes();
  return session;
}

static int run(const po::variables_map &arguments) {
  int64_t steps = *readCount(arguments, "steps"), rounds = *readCount(arguments, "rounds", 1);
  bool once = arguments.count("once");
  Source source = Source::read(arguments);
  readVocabulary(arguments, source);
  Measurement found;
  found.isTrainOnly = arguments.count("no-update");
  std::unique_ptr<CompiledModel> model = once ? source.compile() : compileTwice(source, found);
  std::unique_ptr<Session> session = makeSession(*model, arguments, found);
  Tokens tokens(source.options.vocabulary, static_cast<uint64_t>(*readCount(arguments, "seed")));
  if (once) {
    step(*session, tokens, found);
    return done;
  }
  measureSteps(*session, tokens, rounds, steps, found);
  measureLaunches(*session, tokens, steps, found);
  countFloor(source, found);
  std::string path = arguments.count("json") ? arguments["json"].as<std::string>() : "";
  if (!path.empty())
    writeOutput(path == "-" ? "" : path, toJson(found, source).dump(1) + "\n");
  if (path != "-")
    print(found);
  return done;
}

const Command moe::cli::benchCommand = {
    "bench",
    "time of a step, beside what the machine can do",
    {{"FILE"}},
    "FILE (--vocabulary N | --data DIR) [options]",
    "Compiles the model, times its steps on made-up tokens and says what share of the\n"
    "speed of light they reach: of the least time for the products, functions and\n"
    "memory that the model cannot do without, at rates measured in the same run. What\n"
    "takes longest in a step is listed.\n"
    "docs/benchmarks.md says how it is counted, and how to compare with PyTorch.",
    "moec bench models/smoe-small.moe --vocabulary 20000 --set train.batch=8",
    declare,
    run};
