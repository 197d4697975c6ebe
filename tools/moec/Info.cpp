//===- Info.cpp - moec info -----------------------------------------------===//
#include "tools/moec/Commands.h"
#include "tools/moec/Console.h"
#include "tools/moec/DataSource.h"

#include <algorithm>
#include <iomanip>
#include <iostream>
#include <nlohmann/json.hpp>
#include <sstream>

using namespace moe;
using namespace moe::cli;

static void declare(po::options_description &options) {
  declareOverrides(options);
  declareVocabulary(options);
  options.add_options()("parameters", "list every parameter instead of groups");
  options.add_options()("json", "one JSON object");
}

static nlohmann::ordered_json toJson(const ModelInfo &info, int64_t vocabulary) {
  nlohmann::ordered_json json = {{"parameters", info.totalParameters},
                                 {"vocabulary", vocabulary},
                                 {"forward_flop_per_token", info.forwardFlopPerToken},
                                 {"train_flop_per_token", info.trainFlopPerToken},
                                 {"bytes",
                                  {{"parameters", info.parameterBytes},
                                   {"optimizer", info.optimizerBytes},
                                   {"gradients", info.gradientBytes},
                                   {"state", info.stateBytes},
                                   {"step_before", info.snapshotBytes},
                                   {"arena", info.arenaBytes},
                                   {"other_arenas", info.otherArenaBytes},
                                   {"training", info.trainingBytes}}}};
  for (const ModelInfo::LiveTensors &tensors : info.alive)
    json["alive_at_peak"].push_back({{"file", tensors.file}, {"line", tensors.line}, {"count", tensors.count}, {"bytes", tensors.bytes}});
  for (const ModelInfo::Parameter &parameter : info.parameters)
    json["tensors"].push_back({{"name", parameter.name}, {"shape", parameter.shape}, {"frozen", parameter.isFrozen}});
  json["settings"] = nlohmann::ordered_json::parse(info.settings);
  return json;
}

constexpr size_t columns = 80;

static void printRow(const std::string &name, const std::string &value, const std::string &note = "") {
  std::cout << std::left << std::setw(26) << name << std::right << std::setw(14) << value << (note.empty() ? "" : "  ") << note << '\n';
}

/// The definition that owns a parameter, the same for every round of a `repeat`: layers.3.moe.router.s.w -> layers.*.moe.router.s
static std::string groupOf(const std::string &name) {
  std::istringstream parts(name);
  std::vector<std::string> components;
  for (std::string part; std::getline(parts, part, '.');)
    components.push_back(part.find_first_not_of("0123456789") == std::string::npos ? "*" : part);
  if (components.size() > 1)
    components.pop_back(); // the tensor's own name
  std::string group;
  for (const std::string &part : components)
    group += (group.empty() ? "" : ".") + part;
  return group;
}

static void printGroups(const ModelInfo &info) {
  std::vector<std::pair<std::string, int64_t>> groups; // in the order of the first parameter; a frozen part is a group of its own
  for (const ModelInfo::Parameter &parameter : info.parameters) {
    std::string name = groupOf(parameter.name) + (parameter.isFrozen ? " (frozen)" : "");
    auto group = std::find_if(groups.begin(), groups.end(), [&](const auto &each) { return each.first == name; });
    if (group == groups.end())
      group = groups.insert(groups.end(), {name, 0});
    group->second += parameter.elements;
  }
  for (const auto &[name, elements] : groups)
    printRow("", withCommas(elements), name);
}

static void printParameters(const ModelInfo &info) {
  for (const ModelInfo::Parameter &parameter : info.parameters) {
    std::string shape;
    for (int64_t extent : parameter.shape)
      shape += (shape.empty() ? "" : " x ") + withCommas(extent);
    printRow("", withCommas(parameter.elements), parameter.name + " [" + shape + "]" + (parameter.isFrozen ? " (frozen)" : ""));
  }
}

/// A line of the source without its indentation and comment.
static std::string lineOf(const Source &source, unsigned number) {
  std::istringstream text(source.text);
  std::string line;
  for (unsigned i = 0; i < number && std::getline(text, line); ++i)
    ;
  size_t begin = line.find_first_not_of(" \t"), end = line.find('#');
  line.resize(std::min(end, line.size()));
  return begin < line.size() ? line.substr(begin, line.find_last_not_of(" \t") + 1 - begin) : "";
}

static void printAlive(const ModelInfo &info, const Source &source) {
  constexpr size_t most = 8, placeColumns = 28;
  std::cout << "where activations are most: memory, tensors, the line that makes them\n";
  for (size_t i = 0; i < std::min(most, info.alive.size()); ++i) {
    const ModelInfo::LiveTensors &tensors = info.alive[i];
    std::string place = "elsewhere";
    if (tensors.file == source.fileName)
      place = "line " + std::to_string(tensors.line) + "  " + lineOf(source, tensors.line);
    else if (!tensors.file.empty())
      place = tensors.file + ":" + std::to_string(tensors.line);
    if (place.size() > columns - placeColumns)
      place = place.substr(0, columns - placeColumns - 3) + "...";
    std::cout << std::right << std::setw(16) << bytes(static_cast<double>(tensors.bytes)) << std::setw(10) << withCommas(tensors.count) << "  "
              << place << '\n';
  }
}

static void print(const ModelInfo &info, const Source &source, bool listParameters) {
  printRow("parameters", withCommas(info.totalParameters), shortNumber(static_cast<double>(info.totalParameters)));
  if (listParameters)
    printParameters(info);
  else
    printGroups(info);
  int64_t frozen = 0;
  for (const ModelInfo::Parameter &parameter : info.parameters)
    frozen += parameter.isFrozen ? parameter.elements : 0;
  if (frozen)
    printRow("  of them frozen", withCommas(frozen), "no gradient, no optimiser state");
  printRow("FLOP per token, forward", shortNumber(info.forwardFlopPerToken));
  printRow("FLOP per token, training", shortNumber(info.trainFlopPerToken));
  auto limit = nlohmann::json::parse(info.settings).value("memory", int64_t(0));
  printRow("memory of training", bytes(static_cast<double>(info.trainingBytes)),
           limit ? "train.memory allows " + bytes(static_cast<double>(limit)) : "beside the text and the process");
  printRow("  parameters", bytes(static_cast<double>(info.parameterBytes)));
  printRow("  optimiser state", bytes(static_cast<double>(info.optimizerBytes)));
  printRow("  gradients", bytes(static_cast<double>(info.gradientBytes)));
  printRow("  model and stream state", bytes(static_cast<double>(info.stateBytes)));
  printRow("  step before", bytes(static_cast<double>(info.snapshotBytes)), "what a failed step is undone from");
  printRow("  activations", bytes(static_cast<double>(info.arenaBytes)), "and temporaries, of one micro-batch");
  printRow("  validation, update", bytes(static_cast<double>(info.otherArenaBytes)), "their temporaries");
  AvailableMemory available = availableMemory();
  printRow("available", bytes(static_cast<double>(available.bytes)), available.limit);
  printAlive(info, source);
}

static int run(const po::variables_map &arguments) {
  Source source = Source::read(arguments);
  readVocabulary(arguments, source);
  Diagnostics diagnostics;
  std::optional<ModelInfo> info = inspect(source.fileName, source.text, source.options, diagnostics);
  settle(diagnostics);
  if (arguments.count("json"))
    std::cout << toJson(*info, source.options.vocabulary).dump(1) << '\n';
  else
    print(*info, source, arguments.count("parameters"));
  return done;
}

const Command moe::cli::infoCommand = {
    "info",
    "parameters, FLOP per token, memory plan",
    {{"FILE"}},
    "FILE (--data DIR | --vocabulary N) [options]",
    "What a model costs, from its plan: nothing is compiled to machine code. FLOP are\nthose of products; activations are the arena of one micro-batch.",
    "moec info models/smoe-medium.moe --vocabulary 267735",
    declare,
    run};
