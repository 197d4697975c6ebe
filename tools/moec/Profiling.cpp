//===- Profiling.cpp - --profile --------------------------------------------===//
#include "tools/moec/Profiling.h"

#include "tools/moec/Console.h"
#include "tools/moec/DataSource.h"

#include <charconv>
#include <iomanip>
#include <iostream>
#include <sstream>

using namespace moe;
using namespace moe::cli;

void moe::cli::declareProfile(po::options_description &options, const std::string &unit) {
  options.add_options()("profile", po::value<std::string>()->value_name("FILE"), "write a trace for Perfetto or Chrome, and print what takes longest");
  std::string what = "the " + unit + "s in it; without it the first ten of this command";
  options.add_options()(("profile-" + unit + "s").c_str(), po::value<std::string>()->value_name("A-B"), what.c_str());
}

/// `5-8` or `5`.
static Profile::Steps readSteps(const std::string &text, const std::string &unit) {
  auto fail = [&] { return Failure(badUsage, "--profile-" + unit + "s is a " + unit + " or two, such as 5-8, not '" + text + "'"); };
  const char *at = text.data(), *end = at + text.size();
  Profile::Steps steps;
  auto read = [&](int64_t &number) {
    auto [stop, error] = std::from_chars(at, end, number);
    if (error != std::errc() || number < 1)
      throw fail();
    at = stop;
  };
  read(steps.first);
  steps.last = steps.first;
  if (at != end && *at++ == '-')
    read(steps.last);
  if (at != end || steps.last < steps.first)
    throw fail();
  return steps;
}

std::unique_ptr<Profile> moe::cli::openProfile(const po::variables_map &arguments, const std::string &unit) {
  std::string option = "profile-" + unit + "s";
  bool hasSteps = arguments.count(option);
  if (!arguments.count("profile")) {
    if (hasSteps)
      throw Failure(badUsage, "--" + option + " says something about --profile, which is not given");
    return nullptr;
  }
  std::optional<Profile::Steps> steps;
  if (hasSteps)
    steps = readSteps(arguments[option].as<std::string>(), unit);
  std::unique_ptr<Profile> profile;
  require(Profile::open(arguments["profile"].as<std::string>(), steps, unit, profile), badInput);
  return profile;
}

//===-- The table ----------------------------------------------------------------------===//

constexpr size_t columns = 80;

/// The file and line of a place, without the column and without folders.
static std::string shortPlace(const std::string &location) {
  std::string place = location.substr(0, location.rfind(':'));
  return place.substr(place.rfind('/') + 1);
}

static void printRow(const LaunchTimes &row, const ProfileSummary &summary, std::ostream &os) {
  auto steps = static_cast<double>(summary.steps);
  std::ostringstream line;
  line << std::setw(5) << fixed(100 * row.seconds / summary.stepSeconds, 1) << " %" << std::setw(10) << fixed(1000 * row.seconds / steps, 3)
       << std::setw(9) << (row.flop > 0 ? fixed(row.flop / row.seconds * 1e-9, 1) : "") << std::setw(9)
       << fixed(static_cast<double>(row.launches) / steps, 0) << "  ";
  std::string what = (row.name.empty() ? row.kernel : row.name) + (row.program == "train" ? "" : " @" + row.program);
  line << shortPlace(row.location) << "  ";
  size_t room = columns - std::min(columns, line.str().size());
  os << fit(line.str() + fit(what, room), columns) << '\n';
}

void moe::cli::printLaunches(const ProfileSummary &summary, const std::string &unit, size_t most, std::ostream &os) {
  if (summary.steps == 0)
    return;
  os << "a " << unit << " takes " << fixed(1000 * summary.stepSeconds / static_cast<double>(summary.steps), 1) << " ms, the mean of "
            << withCommas(summary.steps) << "; what takes longest in it:\n"
            << "  share        ms  GFLOP/s launches  line and what it computes\n";
  double rest = summary.stepSeconds;
  for (size_t i = 0; i < summary.launches.size(); ++i) {
    if (i < most)
      printRow(summary.launches[i], summary, os);
    rest -= summary.launches[i].seconds;
  }
  os << std::setw(5) << fixed(100 * rest / summary.stepSeconds, 1) << " %" << std::setw(10)
            << fixed(1000 * rest / static_cast<double>(summary.steps), 3) << "                    beside launches\n";
}

void moe::cli::finishProfile(Profile *profile, const po::variables_map &arguments, const std::string &unit) {
  if (!profile)
    return;
  require(profile->close(), failedRun);
  constexpr size_t mostRows = 10;
  printLaunches(profile->getSummary(), unit, mostRows, arguments.count("json") ? std::cerr : std::cout);
  if (!arguments.count("quiet"))
    std::cerr << "profile written to " << arguments["profile"].as<std::string>() << '\n';
}
