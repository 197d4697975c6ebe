//===- Report.cpp - moec report -------------------------------------------===//
#include "moe/Training/Report.h"
#include "tools/moec/Commands.h"
#include "tools/moec/DataSource.h"
#include "tools/moec/Source.h"

#include <iostream>

using namespace moe;
using namespace moe::cli;

static void declare(po::options_description &options) {
  options.add_options()("out", po::value<std::string>()->default_value("report.html")->value_name("FILE"), "the page");
}

static int run(const po::variables_map &arguments) {
  auto folders = arguments["RUN"].as<std::vector<std::string>>();
  std::vector<RunLog> logs(folders.size());
  for (size_t i = 0; i < folders.size(); ++i)
    require(RunLog::read(folders[i], logs[i]), badInput);
  std::string out = arguments["out"].as<std::string>();
  writeOutput(out, renderReport(logs, shortNames(folders)));
  std::cerr << "report written to " << out << '\n';
  return done;
}

const Command moe::cli::reportCommand = {
    "report",
    "one page of curves, loads and settings of runs",
    {{"RUN", true, true}},
    "RUN... [--out FILE]",
    "Writes one HTML page that needs nothing beside itself: a table of the runs,\n"
    "curves of training, load of the experts, what the probes recorded, and the\n"
    "source with its overrides. A run that is being trained can be looked at too.",
    "moec report runs/a runs/b --out report.html",
    declare,
    run};
