//===- Command.cpp - command lines ------------------------------------------===//
#include "tools/moec/Command.h"

#include "tools/moec/Console.h"

#include <iostream>

using namespace moe::cli;

static void printHelp(const Command &command, const po::options_description &options) {
  std::cout << "usage: moec " << command.name << ' ' << command.usage << "\n\n"
            << command.description << "\n\n"
            << options << "\nexample:\n  " << command.example << '\n';
}

/// Boost names an option as it was written, with its dashes or without.
static std::string dashed(const std::string &name) { return name.rfind("--", 0) == 0 ? name : "--" + name; }

static std::string explain(const po::error &error) {
  if (auto *unknown = dynamic_cast<const po::unknown_option *>(&error))
    return "unknown option '" + dashed(unknown->get_option_name()) + "'";
  if (auto *ambiguous = dynamic_cast<const po::ambiguous_option *>(&error)) {
    std::string text = "'" + dashed(ambiguous->get_option_name()) + "' may be";
    for (const std::string &name : ambiguous->alternatives())
      text += " " + dashed(name);
    return text;
  }
  if (auto *wrong = dynamic_cast<const po::validation_error *>(&error))
    return "the value of '" + dashed(wrong->get_option_name()) + "' cannot be read: " + error.what();
  return error.what();
}

static po::variables_map parse(const Command &command, const std::vector<std::string> &arguments, const po::options_description &visible) {
  po::options_description all, hidden;
  po::positional_options_description order;
  for (const Positional &positional : command.positionals) {
    hidden.add_options()(positional.name, po::value<std::string>());
    order.add(positional.name, 1);
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
    std::cerr << "moec " << command.name << ": " << explain(error) << "; see moec " << command.name << " --help\n";
    return badUsage;
  } catch (const Failure &failure) {
    if (failure.code == badUsage)
      std::cerr << "moec " << command.name << ": " << failure.what() << "; see moec " << command.name << " --help\n";
    else if (*failure.what())
      std::cerr << "error: " << failure.what() << '\n';
    return failure.code;
  }
}
