//===- Command.cpp - command lines ------------------------------------------===//
#include "tools/moec/Command.h"

#include "lib/Support/Names.h"
#include "moe/Threads.h"

#include <algorithm>
#include <iostream>
#include <new>

using namespace moe;
using namespace moe::cli;

static void printHelp(const Command &command, const po::options_description &options) {
  std::cout << "usage: moec " << command.name << ' ' << command.usage << "\n\n"
            << command.description << "\n\n"
            << options << "\nexample:\n  " << command.example << '\n';
}

po::typed_value<int64_t> *moe::cli::count(const char *valueName) { return po::value<int64_t>()->value_name(valueName); }

std::optional<int64_t> moe::cli::readCount(const po::variables_map &arguments, const char *option, int64_t least, int64_t most) {
  if (!arguments.count(option))
    return std::nullopt;
  auto value = arguments[option].as<int64_t>();
  if (value < least)
    throw Failure(badUsage, "--" + std::string(option) + " must be at least " + std::to_string(least) + ", not " + std::to_string(value));
  if (value > most)
    throw Failure(badUsage, "--" + std::string(option) + " must be at most " + std::to_string(most) + ", not " + std::to_string(value));
  return value;
}

void moe::cli::declareThreads(po::options_description &options) {
  options.add_options()("threads", count("N"), "0: as many as the process may use");
}

std::optional<int> moe::cli::readThreads(const po::variables_map &arguments) {
  return readCount(arguments, "threads", 0, mostThreads);
}

std::string moe::cli::didYouMean(const std::string &name, const std::vector<std::string> &known, const std::string &prefix) {
  std::string candidate = nearestName(name, known);
  return candidate.empty() ? "" : " (did you mean '" + prefix + candidate + "'?)";
}

static std::vector<std::string> namesOf(const po::options_description &options) {
  std::vector<std::string> names;
  for (const auto &option : options.options())
    names.push_back(option->long_name());
  return names;
}

static std::string explain(const po::error &error, const po::options_description &options) {
  if (auto *unknown = dynamic_cast<const po::unknown_option *>(&error)) {
    std::string name = unknown->get_option_name(); // with its dashes or without
    return "unknown option '" + (name.front() == '-' ? name : "--" + name) + "'" +
           didYouMean(name.substr(std::min(name.find_first_not_of('-'), name.size())), namesOf(options), "--");
  }
  if (dynamic_cast<const po::too_many_positional_options_error *>(&error))
    return "too many arguments without a name";
  return error.what();
}

static po::variables_map parse(const Command &command, const std::vector<std::string> &arguments, const po::options_description &visible) {
  po::options_description all, hidden;
  po::positional_options_description order;
  for (const Positional &positional : command.positionals) {
    if (positional.repeats)
      hidden.add_options()(positional.name, po::value<std::vector<std::string>>());
    else
      hidden.add_options()(positional.name, po::value<std::string>());
    order.add(positional.name, positional.repeats ? -1 : 1);
  }
  all.add(visible).add(hidden);
  po::variables_map values;
  // No abbreviations: what a script says today must not change its meaning when an option is added.
  auto style = po::command_line_style::default_style & ~po::command_line_style::allow_guessing;
  po::store(po::command_line_parser(arguments).options(all).positional(order).style(style).run(), values);
  if (values.count("help"))
    return values;
  po::notify(values);
  for (const Positional &positional : command.positionals)
    if (positional.required && !values.count(positional.name))
      throw Failure(badUsage, std::string(positional.name) + " is missing");
  return values;
}

int moe::cli::runCommand(const Command &command, const std::vector<std::string> &arguments) {
  po::options_description options("options", 80, 40);
  command.declare(options);
  options.add_options()("help,h", "this text");
  try {
    po::variables_map values = parse(command, arguments, options);
    if (values.count("help")) {
      printHelp(command, options);
      return done;
    }
    return command.run(values);
  } catch (const po::error &error) {
    std::cerr << "moec " << command.name << ": " << explain(error, options) << "; see moec " << command.name << " --help\n";
    return badUsage;
  } catch (const Failure &failure) {
    if (failure.code == badUsage)
      std::cerr << "moec " << command.name << ": " << failure.what() << "; see moec " << command.name << " --help\n";
    else if (*failure.what())
      std::cerr << "error: " << failure.what() << '\n';
    return failure.code;
  } catch (const std::bad_alloc &) {
    std::cerr << "error: out of memory\n";
    return failedRun;
  }
}
