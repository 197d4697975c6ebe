//===- Eval.cpp - moec eval -----------------------------------------------===//
#include "tools/moec/Commands.h"
#include "tools/moec/Console.h"
#include "tools/moec/Interrupt.h"
#include "tools/moec/OpenRun.h"
#include "tools/moec/Profiling.h"

#include <iostream>
#include <nlohmann/json.hpp>
#include <sstream>

using namespace moe;
using namespace moe::cli;

static void declare(po::options_description &options) {
  WordSwap usual;
  options.add_options()("data", po::value<std::string>()->value_name("DIR"), "data folder; without it the one that the run was trained on");
  options.add_options()("split", po::value<std::string>()->default_value("valid")->value_name("NAME"), "train, valid or test");
  options.add_options()("batch", count("ROWS"), "rows that the text is cut to, instead of the training batch");
  options.add_options()("attack", po::value<std::string>()->value_name("NAME"), "word-swap: evaluate the attacked text too");
  options.add_options()("rate", po::value<double>()->value_name("R"),
                        ("share of a line's words, at least one a line; " + fixed(usual.rate, 3) + " when not given").c_str());
  options.add_options()("token", po::value<std::string>()->value_name("WORD"), ("what they become; " + usual.token + " when not given").c_str());
  options.add_options()("seed", count("S"), "which words; 0 when not given");
  options.add_options()("attack-on", po::value<std::string>()->value_name("WHAT"), "inputs+targets, as in the papers, or inputs");
  options.add_options()("stop-words", po::value<std::string>()->value_name("FILE"), "words that stay, instead of English stop words");
  options.add_options()("write-attacked", po::value<std::string>()->value_name("FILE"), "where to write the attacked text");
  declareThreads(options);
  declareProfile(options, "block");
  options.add_options()("json", "one JSON object");
  declareCache(options);
}

//===-- The attack -----------------------------------------------------------------------===//

namespace {
/// What was asked for, and what came of it.
struct Attack {
  WordSwap how;
  bool onTargets = true;
  AttackedText text;
  Evaluation result;

  const char *where() const { return onTargets ? "inputs+targets" : "inputs"; }
};
} // namespace

static std::vector<std::string> splitWords(const std::string &text) {
  std::istringstream stream(text);
  return {std::istream_iterator<std::string>(stream), {}};
}

static std::optional<Attack> readAttack(const po::variables_map &arguments) {
  if (!arguments.count("attack")) {
    for (const char *option : {"rate", "token", "seed", "attack-on", "stop-words", "write-attacked"})
      if (arguments.count(option))
        throw Failure(badUsage, "--" + std::string(option) + " says something about --attack, which is not given");
    return std::nullopt;
  }
  Attack attack;
  if (std::string name = arguments["attack"].as<std::string>(); name != "word-swap")
    throw Failure(badUsage, "unknown attack '" + name + "': there is word-swap");
  if (arguments.count("attack-on")) {
    std::string where = arguments["attack-on"].as<std::string>();
    if (where != "inputs" && where != "inputs+targets")
      throw Failure(badUsage, "--attack-on is inputs or inputs+targets, not '" + where + "'");
    attack.onTargets = where == "inputs+targets";
  }
  if (arguments.count("rate"))
    attack.how.rate = arguments["rate"].as<double>();
  if (!(attack.how.rate > 0 && attack.how.rate <= 1))
    throw Failure(badUsage, "--rate is a share of the words, above 0 and at most 1");
  if (arguments.count("token"))
    attack.how.token = arguments["token"].as<std::string>();
  attack.how.seed = static_cast<uint64_t>(readCount(arguments, "seed").value_or(0));
  if (arguments.count("stop-words"))
    attack.how.kept = splitWords(readFile(arguments["stop-words"].as<std::string>()));
  return attack;
}

static nlohmann::ordered_json toJson(const Attack &attack) {
  nlohmann::ordered_json json = {{"name", "word-swap"},
                                 {"rate", attack.how.rate},
                                 {"token", attack.how.token},
                                 {"seed", attack.how.seed},
                                 {"on", attack.where()},
                                 {"words", attack.text.words},
                                 {"candidates", attack.text.candidates},
                                 {"swapped", attack.text.swapped},
                                 {"realised_rate", attack.text.getRate()}};
  json.update(nlohmann::ordered_json::parse(toJson(attack.result)));
  return json;
}

//===-- What is printed ------------------------------------------------------------------===//

static void printScores(const Evaluation &result, const std::string &name) {
  auto row = [](const std::string &label, const std::string &value) {
    std::cout << label << std::string(label.size() < 22 ? 22 - label.size() : 1, ' ') << value << '\n';
  };
  row(name + " perplexity", fixed(result.perplexity, 2));
  row("  unigram model", fixed(result.unigramPerplexity, 2));
  row("  loss", fixed(result.loss, 4) + " nats");
  if (result.bitsPerByte)
    row("  bits per byte", fixed(*result.bitsPerByte, 4));
}

static void print(const Evaluation &result, const std::optional<Attack> &attack) {
  printScores(result, result.split);
  std::cout << "  tokens              " << withCommas(result.tokens) << " in " << result.blocks << " blocks of " << result.rows << " x "
            << result.context << ", " << fixed(100 * result.unknownShare, 1) << " % <unk>\n";
  if (!attack)
    return;
  printScores(attack->result, "attacked");
  std::cout << "  words swapped       " << withCommas(attack->text.swapped) << " of " << withCommas(attack->text.words) << ", "
            << fixed(100 * attack->text.getRate(), 2) << " % (" << fixed(100 * attack->how.rate, 2) << " % of a line, at least one),\n"
            << "                      by " << attack->how.token << " in " << (attack->onTargets ? "inputs and targets" : "the inputs alone")
            << ", seed " << attack->how.seed << '\n';
}

/// A text that is too short for the rows, or for the blocks of the profile, is a mistake in what was asked for, and is said before anything runs.
static void requireBlocks(const OpenRun &opened, const TokenStream &text, Profile *profile) {
  TrainSettings settings;
  require(parseSettings(opened.program->executable().settings, settings), badInput);
  BlockStream blocks;
  Status status = BlockStream::create(text, settings.batch, settings.context, 0, blocks);
  if (!status && settings.batch > 1 && text.ids.size() > settings.context)
    status.error += "; --batch " + std::to_string(text.ids.size() / (settings.context + 1)) + " would do";
  require(status, badInput);
  if (profile)
    require(profile->requireSteps(text.path, 0, blocks.getBlocks()), badInput);
}

static int run(const po::variables_map &arguments) {
  std::string name = arguments["split"].as<std::string>();
  std::optional<Split> split = splitFromName(name);
  if (!split)
    throw Failure(badUsage, "unknown split '" + name + "': it is train, valid or test");
  std::optional<Attack> attack = readAttack(arguments);
  OpenOptions how;
  how.batch = readCount(arguments, "batch", 1);
  std::unique_ptr<Profile> profile = openProfile(arguments, "block");
  OpenRun opened(arguments, how);
  std::string folder = arguments.count("data") ? arguments["data"].as<std::string>() : opened.run.description.data;
  TokenStream text;
  require(loadSplit(folder, *split, opened.run.vocabulary, text), badInput);
  requireBlocks(opened, text, profile.get());
  std::string attackedFile = arguments.count("write-attacked") ? arguments["write-attacked"].as<std::string>() : "";
  if (attack)
    require(swapWords(text, opened.run.vocabulary, attack->how, attackedFile, attack->text), badInput);

  EvaluateOptions options;
  options.stop = &catchInterrupts();
  options.profile = profile.get();
  const Vocabulary &vocabulary = opened.run.vocabulary;
  auto evaluateText = [&](const TokenStream &targets, Evaluation &result) {
    Status status = evaluate(opened.program->executable(), opened.model.getStore(), *opened.pool, vocabulary, targets, *split, options, result);
    if (interruptCode() == done)
      require(status, failedRun);
    return interruptCode() == done;
  };
  Evaluation result;
  if (!evaluateText(text, result))
    return interruptCode();
  if (attack) {
    options.profile = nullptr; // the trace is of the text as it is
    options.inputs = attack->onTargets ? nullptr : &attack->text.stream;
    if (!evaluateText(attack->onTargets ? attack->text.stream : text, attack->result))
      return interruptCode();
  }
  if (!arguments.count("json")) {
    print(result, attack);
    finishProfile(profile.get(), arguments, "block");
    return done;
  }
  auto json = nlohmann::ordered_json::parse(toJson(result));
  if (attack)
    json["attack"] = toJson(*attack);
  std::cout << json.dump() << '\n';
  finishProfile(profile.get(), arguments, "block");
  return done;
}

const Command moe::cli::evalCommand = {
    "eval",
    "perplexity of a trained model",
    {{"RUN"}},
    "RUN [--data DIR] [--split NAME] [--attack word-swap] [--json]",
    "Perplexity over the full blocks of a split, with the model state frozen; beside\n"
    "it that of a unigram model (training counts plus one). With an attack, the same\n"
    "for a text in which some words of each line were swapped.",
    "moec eval runs/a --data data/small --split test --attack word-swap --json",
    declare,
    run};
