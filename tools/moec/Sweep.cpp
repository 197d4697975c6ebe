//===- Sweep.cpp - moec sweep ---------------------------------------------===//
#include "moe/Training/Sweep.h"
#include "moe/Training/MetricsFollower.h"
#include "tools/moec/Child.h"
#include "tools/moec/Commands.h"
#include "tools/moec/Console.h"
#include "tools/moec/DataSource.h"
#include "tools/moec/Interrupt.h"
#include "tools/moec/ProgressLine.h"
#include "tools/moec/Source.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <map>
#include <thread>

using namespace moe;
using namespace moe::cli;

static void declare(po::options_description &options) {
  options.add_options()("data", po::value<std::string>()->value_name("DIR"), "data folder");
  options.add_options()("out", po::value<std::string>()->value_name("DIR"), "folder of the sweep; one that is there goes on");
  options.add_options()("set", po::value<std::vector<std::string>>()->value_name("PATH=A,B,..."),
                        "the values of a setting, each with all of the other settings; a comma in brackets, in quotes or after \\ is part of a value");
  options.add_options()("preset", po::value<std::vector<std::string>>()->value_name("NAME"), "for all points; may be given several times");
  options.add_options()("seeds", count("N")->default_value(1), "train each point with the seeds 0 to N-1");
  options.add_options()("steps", count("TOTAL"), "instead of the file's");
  options.add_options()("budget", po::value<std::string>()->value_name("TIME"), "begin no run that would end later than this from now: 45s, 90m, 1h30m, 2d");
  options.add_options()("dry-run", "list the points and what they would take; nothing is written");
  declareThreads(options);
  declareCache(options);
  options.add_options()("tensorboard", "as of moec train");
  options.add_options()("quiet", "no progress");
}

//===-- The command line ----------------------------------------------------------------===//

static std::string needed(const po::variables_map &arguments, const std::string &option) {
  if (!arguments.count(option))
    throw Failure(badUsage, "the option '--" + option + "' is required but missing");
  return arguments[option].as<std::string>();
}

/// Seconds; throws Failure.
static double parseBudget(const std::string &text) {
  static const std::map<char, double> units = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}};
  double seconds = 0;
  for (size_t at = 0; at < text.size();) {
    size_t end = text.find_first_not_of("0123456789.", at);
    auto unit = end == std::string::npos ? units.end() : units.find(text[end]);
    std::string digits = text.substr(at, end - at);
    if (unit == units.end() || digits.empty() || digits == "." || std::count(digits.begin(), digits.end(), '.') > 1)
      throw Failure(badUsage, "--budget is a time such as 45s, 90m, 1h30m or 2d, not '" + text + "'");
    seconds += std::strtod(digits.c_str(), nullptr) * unit->second;
    at = end + 1;
  }
  if (!(seconds > 0))
    throw Failure(badUsage, "--budget must be more than nothing");
  return seconds;
}

static SweepDescription describe(const po::variables_map &arguments) {
  SweepDescription sweep;
  sweep.fileName = arguments["FILE"].as<std::string>();
  sweep.data = needed(arguments, "data");
  sweep.source = readFile(sweep.fileName);
  if (arguments.count("preset"))
    sweep.presets = arguments["preset"].as<std::vector<std::string>>();
  if (arguments.count("set"))
    for (const std::string &text : arguments["set"].as<std::vector<std::string>>())
      require(parseSweepAxis(text, sweep.axes.emplace_back()), badUsage);
  constexpr int64_t mostSeeds = 10'000;
  for (int64_t seed = 0; seed < *readCount(arguments, "seeds", 1, mostSeeds); ++seed)
    sweep.seeds.push_back(static_cast<uint64_t>(seed));
  sweep.steps = readCount(arguments, "steps", 1);
  if (std::error_code error; !std::filesystem::is_directory(sweep.data, error))
    throw Failure(badInput, sweep.data + ": there is no such data folder");
  return sweep;
}

/// Whether the compiler refuses an override because the file says the same: a value of a grid may well be the file's own.
static bool isSoAlready(const Source &source) {
  Diagnostics diagnostics;
  moe::check(source.fileName, source.text, source.options, diagnostics);
  return std::any_of(diagnostics.messages.begin(), diagnostics.messages.end(),
                     [](const Message &message) { return message.text.ends_with("this --set changes nothing"); });
}

/// The source as one configuration sees it, without what it says already of the settings with several values.
static Source sourceOf(const SweepDescription &sweep, const SweepPoint &point, const po::variables_map &arguments) {
  Source source;
  source.fileName = sweep.fileName;
  source.text = sweep.source;
  source.options.presets = sweep.presets;
  source.options.cacheDir = cacheFolder(arguments);
  source.options.color = useColor();
  for (size_t i = 0; i < sweep.axes.size(); ++i) {
    source.options.overrides.push_back(point.overrides[i]);
    if (sweep.axes[i].values.size() > 1 && isSoAlready(source))
      source.options.overrides.pop_back();
  }
  return source;
}

/// A value that the file does not take is said before anything is trained.
static void checkAll(const SweepDescription &sweep, const std::vector<SweepPoint> &points, const po::variables_map &arguments) {
  std::string last;
  for (const SweepPoint &point : points)
    if (&point == &points.front() || point.configuration != last) {
      last = point.configuration;
      sourceOf(sweep, point, arguments).check();
    }
}

//===-- How long a run takes -------------------------------------------------------------===//

namespace {
/// Seconds of a whole run of a configuration: as another seed took, else from a few measured steps.
class Estimator {
public:
  Estimator(const SweepDescription &sweep, const po::variables_map &arguments) : sweep(sweep), arguments(arguments) {}
  double estimate(const SweepPoint &point);
  void learn(const SweepPoint &point, double seconds) { known[point.configuration] = seconds; }

private:
  double measure(const SweepPoint &point) const;

  const SweepDescription &sweep;
  const po::variables_map &arguments;
  std::map<std::string, double> known;
};
} // namespace

double Estimator::measure(const SweepPoint &point) const {
  auto begin = std::chrono::steady_clock::now();
  Source source = sourceOf(sweep, point, arguments);
  TextData data = loadData(sweep.data, source.readSettings(), cacheFolder(arguments));
  source.options.vocabulary = data.vocabulary.size();
  std::unique_ptr<CompiledModel> model = source.compile();
  std::chrono::duration<double> preparing = std::chrono::steady_clock::now() - begin;
  TrainOptions options;
  options.steps = sweep.steps;
  options.seed = point.seed;
  options.threads = readThreads(arguments);
  std::unique_ptr<Trainer> trainer;
  require(Trainer::create(model->executable(), std::move(data), std::move(options), trainer), badInput);
  RunEstimate estimate;
  require(trainer->estimate(estimate), failedRun);
  return preparing.count() + estimate.stepSeconds + estimate.validationSeconds;
}

double Estimator::estimate(const SweepPoint &point) {
  auto found = known.find(point.configuration);
  if (found == known.end())
    found = known.emplace(point.configuration, measure(point)).first;
  double left = point.steps > 0 ? 1 - static_cast<double>(point.step) / static_cast<double>(point.steps) : 1;
  return found->second * left;
}

//===-- One run ----------------------------------------------------------------------===//

/// `moec train` for a point, from the start or from where it was stopped.
static std::vector<std::string> commandOf(const Sweep &sweep, const SweepDescription &description, const SweepPoint &point,
                                          const po::variables_map &arguments) {
  std::vector<std::string> command = {"train"};
  auto add = [&](std::initializer_list<std::string> more) { command.insert(command.end(), more); };
  if (point.state == SweepPoint::State::stopped) {
    add({"--resume", sweep.getRunFolder(point)});
  } else {
    add({sweep.getSourceFile(), "--out", sweep.getRunFolder(point), "--seed", std::to_string(point.seed)});
    for (const std::string &preset : description.presets)
      add({"--preset", preset});
    for (const std::string &override : sourceOf(description, point, arguments).options.overrides)
      add({"--set", override});
    if (description.steps)
      add({"--steps", std::to_string(*description.steps)});
  }
  add({"--data", description.data, "--quiet"});
  if (std::optional<int> threads = readThreads(arguments))
    add({"--threads", std::to_string(*threads)});
  for (const char *flag : {"no-cache", "tensorboard"})
    if (arguments.count(flag))
      add({"--" + std::string(flag)});
  return command;
}

/// What the run said last of what went wrong.
static std::string lastError(const std::string &logFile, int exitCode) {
  std::ifstream in(logFile);
  std::string found;
  for (std::string line; std::getline(in, line);)
    if (line.find("error: ") != std::string::npos)
      found = line.substr(line.find("error: ") + std::strlen("error: "));
  return found.empty() ? "ended with exit code " + std::to_string(exitCode) : found;
}

static bool wasInterrupted(int exitCode) { return exitCode == interrupted || exitCode == terminated || exitCode == hungUp; }

/// Runs a point to its end or to an interrupt. What went wrong, or nothing.
static std::string train(const Sweep &sweep, const SweepPoint &point, const std::vector<std::string> &command, ProgressLine *line) {
  constexpr std::chrono::milliseconds pause(50);
  Child child(command, sweep.getLogFile(point));
  std::optional<MetricsFollower> follower;
  bool isTold = false;
  while (child.isRunning()) {
    if (interruptCode() != done && !isTold) {
      isTold = true;
      child.signal(SIGTERM);
    }
    if (RunLog log; line && !follower && RunLog::read(sweep.getRunFolder(point), log).ok())
      follower.emplace(sweep.getRunFolder(point), log.description.steps);
    if (Progress progress; follower && follower->read(progress))
      line->show(progress);
    std::this_thread::sleep_for(pause);
  }
  if (line)
    line->finish();
  int code = child.getExitCode();
  return code == done || wasInterrupted(code) ? "" : lastError(sweep.getLogFile(point), code);
}

//===-- What came out ----------------------------------------------------------------===//

static void printResults(const Sweep &sweep) {
  std::vector<SweepResult> results = sweep.getResults();
  size_t width = std::strlen("settings");
  constexpr size_t widest = 44;
  for (const SweepResult &result : results)
    width = std::max(width, std::min(widest, result.configuration.size()));
  std::cout << "  " << std::left << std::setw(static_cast<int>(width)) << "settings" << std::right << std::setw(8) << "runs" << std::setw(24)
            << "valid perplexity" << '\n';
  for (const SweepResult &result : results) {
    bool isBest = &result == &results.front() && result.finished && results.size() > 1;
    std::cout << (isBest ? "* " : "  ") << std::left << std::setw(static_cast<int>(width))
              << fit(result.configuration.empty() ? "as fixed" : result.configuration, widest) << std::right << std::setw(8)
              << std::to_string(result.finished) + "/" + std::to_string(result.runs);
    if (result.finished)
      std::cout << std::setw(12) << fixed(result.mean, 2) << (result.finished > 1 ? " ± " + fixed(result.deviation, 2) : "");
    std::cout << '\n';
  }
  for (const SweepPoint &point : sweep.getPoints())
    if (point.state == SweepPoint::State::failed)
      std::cout << "failed: " << point.name << ": " << point.problem << '\n';
}

static void printEnd(const SweepPoint &point, double seconds) {
  if (point.state == SweepPoint::State::finished)
    std::cerr << point.name << ": valid perplexity " << fixed(*point.perplexity, 2) << " in " << duration(seconds) << '\n';
  else if (point.state == SweepPoint::State::failed)
    std::cerr << point.name << ": failed: " << point.problem << '\n';
  else
    std::cerr << point.name << ": stopped after step " << withCommas(point.step) << '\n';
}

//===-- All of them ----------------------------------------------------------------------===//

static int dryRun(const SweepDescription &description, const std::vector<SweepPoint> &points, const po::variables_map &arguments) {
  Estimator estimator(description, arguments);
  double total = 0;
  for (const SweepPoint &point : points) {
    double seconds = estimator.estimate(point);
    total += seconds;
    std::cout << std::left << std::setw(60) << fit(point.name, 58) << std::right << std::setw(12) << duration(seconds) << std::endl;
  }
  std::cout << points.size() << (points.size() == 1 ? " run, " : " runs, ") << duration(total) << '\n';
  return done;
}

namespace {
/// The runs of a sweep, one after the other.
class Campaign {
public:
  Campaign(Sweep &sweep, const SweepDescription &description, const po::variables_map &arguments)
      : sweep(sweep), description(description), arguments(arguments), estimator(description, arguments), isQuiet(arguments.count("quiet")) {
    if (arguments.count("budget"))
      budget = parseBudget(arguments["budget"].as<std::string>());
  }
  int run();

private:
  bool fits(const SweepPoint &point);
  void runPoint(size_t index);
  int conclude() const;
  double elapsed() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count(); }

  Sweep &sweep;
  const SweepDescription &description;
  const po::variables_map &arguments;
  Estimator estimator;
  ProgressLine line;
  bool isQuiet;
  std::optional<double> budget;
  std::chrono::steady_clock::time_point begin = std::chrono::steady_clock::now();
};
} // namespace

bool Campaign::fits(const SweepPoint &point) {
  if (!budget)
    return true;
  if (elapsed() >= *budget)
    return false;
  double needed = estimator.estimate(point);
  if (elapsed() + needed <= *budget)
    return true;
  if (!isQuiet)
    std::cerr << point.name << ": would take " << duration(needed) << ", there are " << duration(std::max(0.0, *budget - elapsed())) << " left\n";
  return false;
}

void Campaign::runPoint(size_t index) {
  const SweepPoint &point = sweep.getPoints()[index];
  line.setTitle("[" + std::to_string(index + 1) + "/" + std::to_string(sweep.getPoints().size()) + "] " + point.name);
  double started = elapsed();
  bool isWhole = point.state == SweepPoint::State::waiting;
  std::string problem = ::train(sweep, point, commandOf(sweep, description, point, arguments), isQuiet ? nullptr : &line);
  require(sweep.settle(index, problem), failedRun);
  double seconds = elapsed() - started;
  if (isWhole && point.state == SweepPoint::State::finished)
    estimator.learn(point, seconds);
  if (!isQuiet)
    printEnd(point, seconds);
}

int Campaign::run() {
  const std::vector<SweepPoint> &points = sweep.getPoints();
  auto count = [&](SweepPoint::State state) { return std::count_if(points.begin(), points.end(), [&](const SweepPoint &p) { return p.state == state; }); };
  if (!isQuiet)
    std::cerr << points.size() << (points.size() == 1 ? " run" : " runs") << ", " << count(SweepPoint::State::finished) << " finished, "
              << count(SweepPoint::State::stopped) << " stopped, " << count(SweepPoint::State::failed) << " failed" << std::endl;
  for (size_t i = 0; i < points.size() && interruptCode() == done; ++i)
    if ((points[i].state == SweepPoint::State::waiting || points[i].state == SweepPoint::State::stopped) && fits(points[i]))
      runPoint(i);
  return conclude();
}

int Campaign::conclude() const {
  const std::vector<SweepPoint> &points = sweep.getPoints();
  printResults(sweep);
  auto left = std::count_if(points.begin(), points.end(), [](const SweepPoint &point) {
    return point.state == SweepPoint::State::waiting || point.state == SweepPoint::State::stopped;
  });
  if (left)
    std::cout << left << (left == 1 ? " run is" : " runs are") << " left; the same command goes on\n";
  if (interruptCode() != done)
    return interruptCode();
  bool hasFailed = std::any_of(points.begin(), points.end(), [](const SweepPoint &point) { return point.state == SweepPoint::State::failed; });
  return hasFailed ? failedRun : done;
}

static int run(const po::variables_map &arguments) {
  SweepDescription description = describe(arguments);
  if (arguments.count("budget"))
    parseBudget(arguments["budget"].as<std::string>());
  std::vector<SweepPoint> points;
  require(Sweep::enumerate(description, points), badUsage);
  checkAll(description, points, arguments);
  if (arguments.count("dry-run"))
    return dryRun(description, points, arguments);
  std::string out = needed(arguments, "out");
  catchInterrupts();
  Sweep sweep;
  require(Sweep::open(out, description, sweep), badInput);
  return Campaign(sweep, description, arguments).run();
}

const Command moe::cli::sweepCommand = {
    "sweep",
    "train a model at the points of a grid",
    {{"FILE"}},
    "FILE --data DIR --out DIR --set PATH=A,B,... [options]",
    "Trains FILE with every combination of the values and every seed, one run after\n"
    "the other, each in a process and a folder of its own. The same command goes on\n"
    "where a sweep was stopped: what is finished stays, what was interrupted is taken\n"
    "up bit for bit, what has failed is not tried again.",
    "moec sweep my.moe --data data/small --out sweeps/d --set d=64,128 --seeds 3",
    declare,
    run};
