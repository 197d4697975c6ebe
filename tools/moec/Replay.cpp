//===- Replay.cpp - moec replay -------------------------------------------===//
#include "tools/moec/Commands.h"
#include "tools/moec/Console.h"
#include "tools/moec/Interrupt.h"
#include "tools/moec/OpenRun.h"
#include "tools/moec/ProgressLine.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <iostream>
#include <limits>
#include <nlohmann/json.hpp>

using namespace moe;
using namespace moe::cli;

static void declare(po::options_description &options) {
  options.add_options()("step", count("N"), "the step to run again; without it the one after the newest checkpoint, which a run that failed has written");
  options.add_options()("f64", "ask the float64 reference evaluator too; it is slow, for small models");
  options.add_options()("data", po::value<std::string>()->value_name("DIR"), "where the run's text is now");
  declareThreads(options);
  declareCache(options);
  options.add_options()("json", "one JSON object");
}

//===-- float64 ------------------------------------------------------------------------===//

/// Scalar operations that the reference evaluator does in a second, as measured (docs/results.md), and the most that are begun.
static constexpr double referenceRate = 1.5e8, mostOperations = 3600 * referenceRate;

static std::vector<double> toDoubles(const GivenBuffer &given) {
  std::vector<double> values(static_cast<size_t>(given.binding.elements()));
  for (size_t i = 0; i < values.size(); ++i) {
    const std::byte *at = given.bytes.data() + i * static_cast<size_t>(byteWidth(given.binding.type));
    if (given.binding.type == DType::f32) {
      float value;
      std::memcpy(&value, at, sizeof value);
      values[i] = value;
    } else if (given.binding.type == DType::i32) {
      int32_t value;
      std::memcpy(&value, at, sizeof value);
      values[i] = value;
    } else {
      values[i] = *at != std::byte(0);
    }
  }
  return values;
}

static ReferenceAnswer askReference(const Source &source, const StepDiagnosis &diagnosis) {
  const NonFiniteOrigin &origin = *diagnosis.origin;
  ReferenceQuestion question;
  question.program = origin.program;
  question.name = origin.op;
  question.location = origin.location;
  question.op = origin.number;
  question.index = origin.index;
  for (const GivenBuffer &given : diagnosis.given)
    question.buffers.push_back({given.binding.kind, given.binding.name, toDoubles(given)});
  question.begin = [](double operations) {
    std::string size = shortNumber(operations) + " operations on the float64 reference evaluator, about " + duration(operations / referenceRate);
    if (operations > mostOperations) {
      std::cerr << "warning: " << size << ": too many; repeat the run with a smaller model or batch\n";
      return false;
    }
    if (operations > 2 * referenceRate)
      std::cerr << size << std::endl;
    return true;
  };
  Diagnostics diagnostics;
  std::optional<ReferenceAnswer> answer = moe::askReference(source.fileName, source.text, source.options, question, diagnostics);
  settle(diagnostics);
  return *answer;
}

//===-- Text ---------------------------------------------------------------------------===//

static std::string number(double value) {
  if (std::isnan(value))
    return "nan";
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", value);
  return text;
}

static std::string brackets(const std::vector<int64_t> &numbers) {
  std::string text = "[";
  for (size_t i = 0; i < numbers.size(); ++i)
    text += (i ? ", " : "") + std::to_string(numbers[i]);
  return text + "]";
}

static std::string describe(const ValueSummary &values) {
  std::string text = brackets(values.shape) + "  ";
  text += values.hasFinite() ? number(values.minimum) + " to " + number(values.maximum) : "nothing finite";
  std::string of = " of " + withCommas(values.elements);
  if (values.infinities)
    text += ", " + withCommas(values.infinities) + of + " infinite";
  if (values.nans)
    text += ", " + withCommas(values.nans) + of + " nan";
  return text;
}

/// "exp", "div, for the gradient of sqrt"
static std::string describeOp(const std::string &op) {
  size_t open = op.find(" (");
  if (open == std::string::npos)
    return op.empty() ? "this" : op;
  return op.substr(0, open) + ", for the " + op.substr(open + 2, op.size() - open - 3) + ",";
}

static std::string summarize(const NonFiniteOrigin &origin) {
  using Kind = NonFiniteOrigin::Kind;
  std::string what = describeOp(origin.op) + " gives " + number(origin.value);
  if (origin.kind == Kind::fromFinite)
    what += " from finite values";
  else if (origin.kind == Kind::nanFromInfinity)
    what += " from an infinity that the program itself says";
  else
    what += ", as the program says";
  return origin.reached.empty() ? what + "; nothing before it is not finite" : what + "; it reaches " + origin.reached;
}

static std::string describePlace(const ObservedLaunch &launch, int64_t microBatches) {
  std::string text = "@" + launch.program;
  if (launch.program == "train" && microBatches > 1)
    text += ", micro-batch " + std::to_string(launch.microBatch + 1) + " of " + std::to_string(microBatches);
  return text;
}

static void row(const std::string &name, const std::string &value) {
  std::cout << "  " << name << std::string(12 - std::min<size_t>(name.size(), 11), ' ') << value << '\n';
}

static void printReference(const ReferenceAnswer &answer) {
  constexpr double most = std::numeric_limits<float>::max();
  if (!answer.isEvaluated)
    return;
  if (!answer.isFound || !answer.value) {
    row("float64", answer.isFound ? "finite values up to " + number(answer.largest) : "the op is not in the float64 program");
  } else if (!std::isfinite(*answer.value)) {
    row("float64", number(*answer.value) + " there, too: it is not the range of float32");
  } else if (std::abs(*answer.value) > most) {
    row("float64", number(*answer.value) + " there: the range of float32 (" + number(most) + ") is exceeded");
  } else {
    row("float64", number(*answer.value) + " there: float32 loses it to range or rounding on the way");
  }
  std::string others = answer.nonFinite.empty() ? "every result is finite" : std::to_string(answer.nonFinite.size()) + (answer.nonFinite.size() == 1 ? " result is not finite: " : " results are not finite: ");
  for (size_t i = 0; i < std::min<size_t>(answer.nonFinite.size(), 3); ++i)
    others += (i ? ", " : "") + answer.nonFinite[i];
  row("", others + (answer.nonFinite.size() > 3 ? ", ..." : ""));
}

static void print(const NonFiniteOrigin &origin, int64_t microBatches, const Source &source) {
  std::cout << renderError(source.fileName, source.text, origin.location, summarize(origin), source.options.color);
  row("in", describePlace(origin, microBatches));
  for (size_t i = 0; i < origin.operands.size(); ++i)
    row(origin.operands.size() == 1 ? "operand" : "operand " + std::to_string(i + 1), describe(origin.operands[i]));
  row("result", describe(origin.result));
  std::string first = number(origin.value) + " at " + brackets(origin.index);
  if (origin.expert >= 0)
    first += ", a row of expert " + std::to_string(origin.expert);
  row("first", first);
}

static void printLargest(const StepDiagnosis &diagnosis, int64_t microBatches) {
  std::cout << "largest values\n";
  for (const LargestValue &value : diagnosis.largest)
    row(number(value.magnitude), (value.op.empty() ? "" : value.op + "  ") + value.location + "  " + describePlace(value, microBatches));
}

static void print(const StepDiagnosis &diagnosis, int64_t microBatches, const Source &source, const std::optional<ReferenceAnswer> &answer) {
  std::cout << (diagnosis.failure.empty() ? "step " + std::to_string(diagnosis.step) + " succeeds: loss " + number(diagnosis.metrics.loss)
                                          : diagnosis.failure)
            << '\n';
  if (!diagnosis.checkMessage.empty())
    std::cout << renderError(source.fileName, source.text, diagnosis.checkLocation, diagnosis.checkMessage, source.options.color);
  if (diagnosis.origin)
    print(*diagnosis.origin, microBatches, source);
  if (answer)
    printReference(*answer);
  bool isExplained = diagnosis.origin || !diagnosis.checkMessage.empty();
  if (!diagnosis.failure.empty() && !isExplained)
    std::cout << "with a launch for each op, whose sums are rounded in another order, the step succeeds: loss " << number(diagnosis.metrics.loss) << '\n';
  if (diagnosis.failure.empty() && isExplained)
    std::cout << "only with a launch for each op: as training runs it, the step succeeds\n";
  if (!isExplained)
    printLargest(diagnosis, microBatches);
}

//===-- JSON ---------------------------------------------------------------------------===//

using json = nlohmann::ordered_json;

/// JSON has no infinities and no nan: as text.
static json toJson(double value) { return std::isfinite(value) ? json(value) : json(number(value)); }

static json toJson(const ValueSummary &values) {
  json object = {{"shape", values.shape}, {"elements", values.elements}, {"infinities", values.infinities}, {"nans", values.nans}};
  if (values.hasFinite()) {
    object["minimum"] = values.minimum;
    object["maximum"] = values.maximum;
  }
  return object;
}

static json toJson(const ObservedLaunch &launch) {
  return {{"program", launch.program}, {"micro_batch", launch.microBatch + 1}, {"op", launch.op}, {"location", launch.location}};
}

static json toJson(const NonFiniteOrigin &origin) {
  static const char *const kinds[] = {"from_finite", "nan_from_infinity", "declared_infinity"};
  json object = toJson(static_cast<const ObservedLaunch &>(origin));
  object["kind"] = kinds[static_cast<int>(origin.kind)];
  object["reached"] = origin.reached;
  object["operands"] = json::array();
  for (const ValueSummary &operand : origin.operands)
    object["operands"].push_back(toJson(operand));
  object["result"] = toJson(origin.result);
  object["index"] = origin.index;
  object["value"] = toJson(static_cast<double>(origin.value));
  object["expert"] = origin.expert < 0 ? json() : json(origin.expert);
  return object;
}

static json toJson(const ReferenceAnswer &answer) {
  json object = {{"evaluated", answer.isEvaluated}, {"found", answer.isFound}};
  object["value"] = answer.value ? toJson(*answer.value) : json();
  object["non_finite_results"] = answer.nonFinite;
  return object;
}

static json toJson(const StepDiagnosis &diagnosis, const std::optional<ReferenceAnswer> &answer) {
  json object = {{"step", diagnosis.step}, {"failure", diagnosis.failure}, {"unfused_failure", diagnosis.unfusedFailure}};
  if (!diagnosis.checkMessage.empty())
    object["check"] = {{"location", diagnosis.checkLocation}, {"message", diagnosis.checkMessage}};
  if (diagnosis.origin)
    object["origin"] = toJson(*diagnosis.origin);
  if (answer)
    object["float64"] = toJson(*answer);
  if (diagnosis.unfusedFailure.empty())
    object["loss"] = diagnosis.metrics.loss;
  object["largest"] = json::array();
  for (const LargestValue &value : diagnosis.largest) {
    json entry = toJson(static_cast<const ObservedLaunch &>(value));
    entry["magnitude"] = value.magnitude;
    object["largest"].push_back(std::move(entry));
  }
  return object;
}

//===-- The command --------------------------------------------------------------------===//

static int run(const po::variables_map &arguments) {
  Run run;
  require(Run::open(arguments["RUN"].as<std::string>(), run), badInput);
  TrainSettings settings;
  require(parseSettings(run.description.settings, settings), badInput);
  std::optional<int64_t> step = readCount(arguments, "step", 1, run.description.steps);
  TrainOptions options;
  options.threads = readThreads(arguments);
  if (arguments.count("data"))
    options.description.data = arguments["data"].as<std::string>();
  options.stop = &catchInterrupts();
  ProgressLine progress;
  options.hooks.onStep = [&](const StepMetrics &, const Progress &now) { progress.show(now); };

  const std::string &folder = options.description.data.empty() ? run.description.data : options.description.data;
  TextData data = loadData(folder, run.description.settings, cacheFolder(arguments));
  Source source = sourceOf(run, arguments), unfused = source;
  unfused.options.fuse = false;
  std::unique_ptr<CompiledModel> program = source.compile(), slow = unfused.compile();
  std::unique_ptr<Trainer> trainer;
  std::vector<std::string> skipped;
  bool hasFailed = false;
  Status status = Trainer::openBefore(program->executable(), std::move(data), run, step, std::move(options), trainer, skipped, hasFailed);
  progress.finish();
  for (const std::string &reason : skipped)
    std::cerr << "warning: " << reason << '\n';
  if (!status && interruptCode() != done)
    return interruptCode();
  require(status, hasFailed ? failedRun : badInput);

  StepDiagnosis diagnosis;
  require(trainer->diagnose(slow->executable(), arguments.count("f64"), diagnosis), failedRun);
  std::optional<ReferenceAnswer> answer;
  if (arguments.count("f64") && diagnosis.origin)
    answer = askReference(source, diagnosis);
  if (arguments.count("json"))
    std::cout << toJson(diagnosis, answer).dump(1) << '\n';
  else
    print(diagnosis, settings.microBatches, source, answer);
  return done;
}

const Command moe::cli::replayCommand = {
    "replay",
    "run a step again and say where a nan or infinity began",
    {{"RUN"}},
    "RUN [--step N] [--f64] [options]",
    "Goes from the newest checkpoint before step N to that step as training did, and\n"
    "runs it with a launch for each op, looking at every value: of what is not\n"
    "finite, it names the first op that made it from finite values, with its line.\n"
    "--f64 tells an overflow of float32 from what has no value. The run is not\n"
    "changed.",
    "moec replay runs/a --step 120 --f64",
    declare,
    run};
