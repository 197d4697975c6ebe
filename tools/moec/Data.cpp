//===- Data.cpp - moec data -----------------------------------------------===//
#include "tools/moec/Commands.h"
#include "tools/moec/Console.h"
#include "tools/moec/DataSource.h"

#include <filesystem>
#include <iomanip>
#include <iostream>
#include <map>

using namespace moe;
using namespace moe::cli;

static void declare(po::options_description &options) {
  options.add_options()("list", "the corpora that can be fetched");
  options.add_options()("tokens", po::value<std::string>()->default_value("words")->value_name("KIND"), "stats: words, bytes, bpe, or ids of shards");
  options.add_options()("min-count", count("N")->default_value(1), "stats of words: those seen less often are <unk>");
  options.add_options()("tokenizer", po::value<std::string>()->value_name("FILE"), "stats of bpe: instead of the folder's tokenizer.json");
  options.add_options()("vocabulary", count("N"), "stats of ids: how many there are");
  options.add_options()("dtype", po::value<std::string>()->default_value("u16")->value_name("TYPE"), "stats of ids: u16 or u32, in files without a header");
}

//===-- Corpora ------------------------------------------------------------------------===//

static int printList() {
  for (const CorpusName &each : corpusNames())
    std::cout << std::left << std::setw(11) << each.name << (each.sources.empty() ? each.description : "= " + each.sources) << '\n';
  return done;
}

static void printCounts(const std::string &name, const std::array<int64_t, 3> &articles, const std::array<int64_t, 3> &tokens) {
  std::cout << std::left << std::setw(10) << name << std::right;
  for (size_t i = 0; i < articles.size(); ++i)
    std::cout << std::setw(9) << withCommas(articles[i]) << std::setw(12) << withCommas(tokens[i]);
  std::cout << '\n';
}

static int build(const std::string &name, const std::string &folder) {
  CorpusResult result;
  require(buildCorpus(name, folder, [](const std::string &stage) { std::cerr << stage << std::endl; }, result), badInput);
  if (result.alreadyThere)
    std::cout << folder << " holds " << name << " already\n";
  std::cout << std::left << std::setw(10) << "articles" << std::right;
  for (Split split : splits)
    std::cout << std::setw(9) << toString(split) << std::setw(12) << "tokens";
  std::cout << '\n';
  for (const CorpusCounts &counts : result.sources)
    printCounts(counts.name, counts.articles, counts.tokens);
  printCounts("all", result.articles, result.tokens);
  for (const auto &[package, version] : result.packages)
    std::cout << package << ' ' << version << '\n';
  return done;
}

//===-- Data folders -------------------------------------------------------------------===//

static DataFormat readFormat(const po::variables_map &arguments) {
  using Tokens = DataFormat::Tokens;
  DataFormat format;
  std::string kind = arguments["tokens"].as<std::string>(), type = arguments["dtype"].as<std::string>();
  static const std::map<std::string, Tokens> kinds = {{"words", Tokens::words}, {"bytes", Tokens::bytes}, {"bpe", Tokens::bpe}, {"ids", Tokens::ids}};
  auto known = kinds.find(kind);
  if (known == kinds.end())
    throw Failure(badUsage, "--tokens is words, bytes, bpe or ids, not '" + kind + "'");
  if (type != "u16" && type != "u32")
    throw Failure(badUsage, "--dtype is u16 or u32, not '" + type + "'");
  format.tokens = known->second;
  format.minCount = *readCount(arguments, "min-count");
  format.vocabulary = readCount(arguments, "vocabulary", 1, 1 << 28).value_or(0);
  format.idType = type == "u32" ? IdType::u32 : IdType::u16;
  if (format.tokens == Tokens::ids && !format.vocabulary)
    throw Failure(badUsage, "--tokens ids needs --vocabulary N");
  if (arguments.count("tokenizer")) {
    if (format.tokens != Tokens::bpe)
      throw Failure(badUsage, "--tokenizer is for --tokens bpe");
    format.tokenizer = std::filesystem::absolute(arguments["tokenizer"].as<std::string>()).string(); // the library looks below the data folder
  }
  return format;
}

static int printStats(const std::string &folder, const DataFormat &format) {
  DataStats stats;
  require(computeStats(folder, format, stats), badInput);
  std::cout << stats.found << '\n';
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
  if (arguments.count("list"))
    return printList();
  for (const char *positional : {"WHAT", "DIR"})
    if (!arguments.count(positional))
      throw Failure(badUsage, std::string(positional) + " is missing");
  std::string what = arguments["WHAT"].as<std::string>(), folder = arguments["DIR"].as<std::string>();
  return what == "stats" ? printStats(folder, readFormat(arguments)) : build(what, folder);
}

const Command moe::cli::dataCommand = {
    "data",
    "fetch a corpus, or describe a data folder",
    {{"WHAT", false}, {"DIR", false}},
    "CORPUS DIR\n"
    "       moec data --list\n"
    "       moec data stats DIR [--tokens KIND] [--min-count N] [--tokenizer FILE]\n"
    "                       [--vocabulary N]",
    "Fetches public Debian packages (nothing is installed) and writes train.txt,\n"
    "valid.txt, test.txt and a manifest of versions and hashes. CORPUS is small\n"
    "(3 MB), large (50 MB), largest, or sources such as foldoc+jargon; --list names\n"
    "them. stats counts what a data folder holds.",
    "moec data small data/small",
    declare,
    run};
