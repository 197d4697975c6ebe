//===- moec.cpp - the command line of moec ----------------------------------===//
#include "tools/moec/Commands.h"
#include "tools/moec/Console.h"
#include "tools/moec/Crash.h"

#include "moe/Compiler.h"

#include <iomanip>
#include <iostream>

using namespace moe::cli;

const std::vector<Command> &moe::cli::commands() {
  static const std::vector<Command> all = {checkCommand,    compileCommand, infoCommand,      trainCommand, evalCommand,
                                           generateCommand, analyzeCommand, gradcheckCommand, dataCommand, exportCommand, compareCommand,
                                           replayCommand,   reportCommand,  diffCommand,      sweepCommand, scoreCommand,   benchCommand};
  return all;
}

static void printUsage(std::ostream &os) {
  os << "moec compiles and trains mixture-of-experts models written in .moe files.\n\n"
        "usage: moec COMMAND ...\n\n";
  for (const Command &command : commands())
    os << "  " << std::left << std::setw(10) << command.name << ' ' << command.summary << '\n';
  os << "\nmoec COMMAND --help says more, with an example.\n\n"
        "example:\n  moec train models/quickstart.moe --data data/small --out runs/a\n\n"
        "exit codes: 0 done, 1 wrong or missing input, 2 wrong usage, 3 failed run,\n"
        "70 a bug of moec, 129, 130 and 143 after SIGHUP, SIGINT and SIGTERM\n";
}

static int printVersion() {
  for (const auto &[name, version] : moe::getVersions())
    std::cout << std::left << std::setw(9) << name << ' ' << version << '\n';
  return done;
}

static int run(const std::vector<std::string> &arguments) {
  if (arguments.empty() || arguments.front().empty()) {
    printUsage(std::cerr);
    return badUsage;
  }
  std::string name = arguments.front();
  if (name == "-h" || name == "--help" || name == "help") {
    printUsage(std::cout);
    return done;
  }
  if (name == "--version")
    return printVersion();
  for (const Command &command : commands())
    if (name == command.name)
      return runCommand(command, {arguments.begin() + 1, arguments.end()});
  std::vector<std::string> names;
  for (const Command &command : commands())
    names.push_back(command.name);
  std::cerr << "moec: unknown " << (name.front() == '-' ? "option" : "command") << " '" << name << "'" << didYouMean(name, names)
            << "; see moec --help\n";
  return badUsage;
}

int main(int argc, char **argv) {
  keepStandardStreams();
  catchCrashes();
  return flushOutput(run({argv + 1, argv + argc}));
}
