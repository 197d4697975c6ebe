//===- Command.h - one command of moec -------------------------*- C++ -*-===//
#pragma once

#include <boost/program_options.hpp>

#include <cstdint>
#include <limits>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace moe::cli {

namespace po = boost::program_options;

/// What moec ends with.
enum ExitCode : int { done = 0, badInput = 1, badUsage = 2, failedRun = 3, bug = 70, hungUp = 129, interrupted = 130, terminated = 143 };

/// Ends a command with one message.
struct Failure : std::runtime_error {
  Failure(ExitCode code, const std::string &message) : std::runtime_error(message), code(code) {}
  ExitCode code;
};

struct Positional {
  const char *name; ///< as in the usage line, `FILE`
  bool required = true;
  bool repeats = false; ///< takes all that follow, as a vector of texts
};

/// What `moec NAME --help` says and how the command is run.
struct Command {
  const char *name;
  const char *summary; ///< one line
  std::vector<Positional> positionals;
  const char *usage;       ///< what follows `moec NAME`
  const char *description; ///< a paragraph, lines of at most 80 columns
  const char *example;     ///< a whole command line
  void (*declare)(po::options_description &options);
  int (*run)(const po::variables_map &arguments);
};

const std::vector<Command> &commands();

/// The whole number given for an option, or nothing when it was not given. Throws Failure when it is outside [least, most].
std::optional<int64_t> readCount(const po::variables_map &arguments, const char *option, int64_t least = 0,
                                 int64_t most = std::numeric_limits<int64_t>::max());
/// --threads and its value.
void declareThreads(po::options_description &options);
std::optional<int> readThreads(const po::variables_map &arguments);

/// An option whose value readCount reads.
po::typed_value<int64_t> *count(const char *valueName);

/// " (did you mean 'known'?)" when one of the known names is close, else nothing.
std::string didYouMean(const std::string &name, const std::vector<std::string> &known, const std::string &prefix = "");

/// Parses the command line after the command's name and runs it; prints help. Gives the exit code.
int runCommand(const Command &command, const std::vector<std::string> &arguments);

} // namespace moe::cli
