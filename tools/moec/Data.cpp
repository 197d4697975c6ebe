//===- Data.cpp - moec data -----------------------------------------------===//
#include "tools/moec/Commands.h"
#include "tools/moec/Console.h"
#include "tools/moec/DataSource.h"

#include <iomanip>
#include <iostream>

using namespace moe;
using namespace moe::cli;

static void declare(po::options_description &options) {
  options.add_options()("tokens", po::value<std::string>()->default_value("words")->value_name("KIND"), "stats: words or bytes");
  options.add_options()("min-count", count("N")->default_value(1), "stats: words seen less often are <unk>");
}

static int build(const std::string &name, const std::string &folder) {
  CorpusResult result;
  require(buildCorpus(name, folder, [](const std::string &stage) { std::cerr << stage << '\n'; }, result), badInput);
  if (result.alreadyThere) {
    std::cout << folder << " holds " << name << " already\n";
    return done;
  }
  for (Split split : splits)
    std::cout << std::left << std::setw(6) << toString(split) << std::right << std::setw(9)
              << withCommas(result.articles[static_cast<size_t>(split)]) << " articles" << std::setw(12)
              << withCommas(result.tokens[static_cast<size_t>(split)]) << " tokens\n";
  for (const auto &[package, version] : result.packages)
    std::cout << package << ' ' << version << '\n';
  return done;
}

static int printStats(const std::string &folder, const po::variables_map &arguments) {
  DataFormat format;
  std::string kind = arguments["tokens"].as<std::string>();
  if (kind != "words" && kind != "bytes")
    throw Failure(badUsage, "--tokens is words or bytes, not '" + kind + "'");
  format.tokens = kind == "words" ? DataFormat::Tokens::words : DataFormat::Tokens::bytes;
  format.minCount = *readCount(arguments, "min-count");
  DataStats stats;
  require(computeStats(folder, format, stats), badInput);
  std::cout << "split        lines      tokens    distinct   not in train      <unk>\n";
  for (Split split : splits) {
    const SplitStats &s = stats.splits[static_cast<size_t>(split)];
    auto share = [&](int64_t part) { return fixed(s.tokens ? 100.0 * static_cast<double>(part) / static_cast<double>(s.tokens) : 0, 2) + " %"; };
    std::cout << std::left << std::setw(6) << toString(split) << std::right << std::setw(12) << withCommas(s.lines) << std::setw(12)
              << withCommas(s.tokens) << std::setw(12) << withCommas(s.distinct) << std::setw(15) << share(s.unseen) << std::setw(11)
              << share(s.unknownTokens) << '\n';
  }
  std::cout << "vocabulary of " << withCommas(stats.vocabulary) << '\n';
  return done;
}

static int run(const po::variables_map &arguments) {
  std::string what = arguments["WHAT"].as<std::string>(), folder = arguments["DIR"].as<std::string>();
  return what == "stats" ? printStats(folder, arguments) : build(what, folder);
}

const Command moe::cli::dataCommand = {
    "data",
    "fetch a corpus, or describe a data folder",
    {{"WHAT"}, {"DIR"}},
    "foldoc+jargon DIR | stats DIR [--tokens KIND] [--min-count N]",
    "foldoc+jargon fetches two public Debian packages (3 MB: an encyclopaedia of\n"
    "computing and the Jargon File) and writes train.txt, valid.txt and test.txt.\n"
    "stats counts what a data folder holds.",
    "moec data foldoc+jargon data/small",
    declare,
    run};
