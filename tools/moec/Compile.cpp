//===- Compile.cpp - moec compile -----------------------------------------===//
#include "tools/moec/Commands.h"
#include "tools/moec/DataSource.h"
#include "tools/moec/Source.h"

#include <cstdio>
#include <unistd.h>

using namespace moe;
using namespace moe::cli;

static void declare(po::options_description &options) {
  declareOverrides(options);
  declareVocabulary(options);
  options.add_options()("emit", po::value<std::string>()->default_value("kernels")->value_name("PHASE"),
                        "what to write: ast, moe, grad, fused, kernels, planned, llvm, asm, obj, binary");
  options.add_options()("target", po::value<std::string>()->default_value("cpu")->value_name("TARGET"), "what to compile for: cpu");
  options.add_options()("output,o", po::value<std::string>()->value_name("OUT"), "a file instead of standard output");
  options.add_options()("verify-each", "verify the program after every pass");
  options.add_options()("timing", "say how long each phase took");
}

static Phase readPhase(const std::string &name) {
  if (auto phase = phaseFromName(name))
    return *phase;
  std::vector<std::string> known;
  for (const PhaseInfo &info : phases)
    known.emplace_back(info.name);
  throw Failure(badUsage, "unknown phase '" + name + "'" + didYouMean(name, known));
}

static int run(const po::variables_map &arguments) {
  Phase phase = readPhase(arguments["emit"].as<std::string>());
  std::string output = arguments.count("output") ? arguments["output"].as<std::string>() : "";
  if (phase >= Phase::object && output.empty() && isatty(STDOUT_FILENO))
    throw Failure(badUsage, "--emit=" + std::string(info(phase).name) + " is no text for a terminal: give -o OUT");
  Source source = Source::read(arguments);
  source.options.target = arguments["target"].as<std::string>();
  source.options.verifyEach = arguments.count("verify-each");
  if (arguments.count("timing"))
    source.options.onPhase = [](Phase ended, double seconds) {
      std::fprintf(stderr, "%-8s %8.3f s\n", std::string(info(ended).name).c_str(), seconds);
    };
  if (phase != Phase::ast)
    readVocabulary(arguments, source);
  Diagnostics diagnostics;
  auto text = moe::emit(source.fileName, source.text, source.options, phase, diagnostics);
  settle(diagnostics);
  writeOutput(output, *text);
  return done;
}

const Command moe::cli::compileCommand = {
    "compile",
    "look at any phase of compilation",
    {{"FILE"}},
    "FILE [--data DIR | --vocabulary N] [--emit PHASE] [-o OUT]",
    "Writes the program as it is after a phase: the parsed file (ast), the moe\n"
    "dialect (moe), with gradients (grad), simplified (fused), kernel ops (kernels),\n"
    "the launch schedule (planned), LLVM IR (llvm), assembly (asm), an object file\n"
    "(obj) or the whole executable (binary).",
    "moec compile models/quickstart.moe --vocabulary 10000 --emit=kernels",
    declare,
    run};
