//===- Causality.cpp - moec analyze --causality ---------------------------===//
#include "tools/moec/Analyze.h"
#include "tools/moec/DataSource.h"
#include "tools/moec/Interrupt.h"

#include <cstdio>
#include <iostream>
#include <nlohmann/json.hpp>

using namespace moe;
using namespace moe::cli;

namespace {
/// A leak with the operation that makes it, where one was found.
struct Finding {
  Leak leak;
  std::optional<LeakSource> source;
};
} // namespace

static std::optional<Finding> explain(const std::optional<Leak> &leak, bool otherRow, const Source &source, uint64_t seed) {
  if (!leak)
    return std::nullopt;
  Diagnostics diagnostics;
  Finding finding{*leak, findLeak(source.fileName, source.text, source.options, otherRow, seed, diagnostics)};
  settle(diagnostics);
  return finding;
}

//===-- JSON -----------------------------------------------------------------------------===//

static nlohmann::ordered_json describe(const std::optional<Finding> &finding) {
  if (!finding)
    return nullptr;
  const Leak &leak = finding->leak;
  nlohmann::ordered_json json = {{"changed", {{"row", leak.changedRow}, {"position", leak.changedPosition}}},
                                 {"moved", {{"row", leak.row}, {"position", leak.position}}},
                                 {"distance", leak.distance}};
  if (finding->source)
    json["first_at"] = {{"operation", finding->source->operation}, {"location", finding->source->location}};
  return json;
}

//===-- Text -----------------------------------------------------------------------------===//

static void print(const Finding &finding) {
  const Leak &leak = finding.leak;
  char distance[32];
  std::snprintf(distance, sizeof distance, "%.2g", leak.distance);
  std::cout << "  changed: the token at position " << leak.changedPosition << " of row " << leak.changedRow << '\n'
            << "  moved:   the output at position " << leak.position << " of row " << leak.row << ", by " << distance
            << " of the outputs'\n           root mean square\n";
  if (finding.source)
    std::cout << "  by:      " << finding.source->operation << " at " << finding.source->location << '\n';
  else
    std::cout << "  by:      no operation on single tokens shows it at random parameters\n";
}

static void print(const CausalityReport &report, const std::optional<Finding> &earlier, const std::optional<Finding> &otherRow) {
  if (earlier)
    std::cout << "not causal: a token moves earlier outputs of its row\n";
  else
    std::cout << "causal: no token moved an earlier output of its row\n";
  if (earlier)
    print(*earlier);
  if (otherRow)
    std::cout << "rows are not independent: a token moves outputs of another batch row\n";
  else
    std::cout << "rows are independent: no token moved an output of another batch row\n";
  if (otherRow)
    print(*otherRow);
  std::cout << "\n" << report.changes << " tokens changed, one at a time, in " << report.rows << " rows of " << report.context
            << " and\nthe block after them; " << report.moved << " of them moved outputs that follow. Fresh parameters, no\ndropout, model state as it starts.\n";
}

int cli::analyzeCausality(const po::variables_map &arguments) {
  Source source = Source::read(arguments);
  if (arguments.count("vocabulary") || arguments.count("data"))
    readVocabulary(arguments, source);
  auto seed = static_cast<uint64_t>(readCount(arguments, "seed").value_or(0));
  Source reduced = source;
  reduced.options = reduceForCausality(source.fileName, source.text, source.options);
  std::unique_ptr<CompiledModel> program = reduced.compile();
  ThreadPool pool(readThreads(arguments).value_or(0));
  CausalityReport report;
  Status status = checkCausality(program->executable(), pool, seed, &catchInterrupts(), report);
  if (interruptCode() != done)
    return interruptCode();
  require(status, failedRun);

  std::optional<Finding> earlier = explain(report.earlier, false, source, seed), otherRow = explain(report.otherRow, true, source, seed);
  if (!arguments.count("json")) {
    print(report, earlier, otherRow);
    return done;
  }
  nlohmann::ordered_json json = {{"causal", !earlier},     {"rows_independent", !otherRow}, {"changes", report.changes}, {"moved_later", report.moved},
                                 {"rows", report.rows},    {"context", report.context},     {"earlier", describe(earlier)},
                                 {"other_row", describe(otherRow)}};
  std::cout << json.dump(1) << '\n';
  return done;
}
