//===- Generate.cpp - moec generate ---------------------------------------===//
#include "tools/moec/Commands.h"
#include "tools/moec/Interrupt.h"
#include "tools/moec/OpenRun.h"

#include <cctype>
#include <iostream>

using namespace moe;
using namespace moe::cli;

static void declare(po::options_description &options) {
  options.add_options()("prompt", po::value<std::string>()->default_value("")->value_name("TEXT"), "what the text begins with");
  options.add_options()("tokens", count("N")->default_value(100), "how many to add");
  options.add_options()("temperature", po::value<double>()->default_value(1)->value_name("T"), "0: always the likeliest token");
  options.add_options()("seed", count("S")->default_value(0), "of the choice");
  declareThreads(options);
  declareCache(options);
}

static int run(const po::variables_map &arguments) {
  GenerateOptions options;
  options.prompt = arguments["prompt"].as<std::string>();
  options.tokens = *readCount(arguments, "tokens");
  options.temperature = arguments["temperature"].as<double>();
  options.seed = static_cast<uint64_t>(*readCount(arguments, "seed"));
  if (!(options.temperature >= 0))
    throw Failure(badUsage, "--temperature must be 0 or more");
  OpenRun opened(arguments);
  std::cout << options.prompt << std::flush;
  DataFormat::Tokens tokens = opened.run.vocabulary.getFormat().tokens;
  bool areApart = tokens == DataFormat::Tokens::words || tokens == DataFormat::Tokens::ids;
  bool needsBlank = areApart && !options.prompt.empty() && !std::isspace(static_cast<unsigned char>(options.prompt.back()));
  options.onText = [&](std::string_view piece) {
    if (needsBlank && piece.front() != '\n')
      std::cout << ' ';
    needsBlank = false;
    std::cout << piece << std::flush;
  };
  options.stop = &catchInterrupts();
  Generated result;
  Status status = generate(opened.program->executable(), opened.model.getStore(), *opened.pool, opened.run.vocabulary, options, result);
  std::cout << std::endl;
  require(status, failedRun);
  if (!result.unknownWords.empty()) {
    std::cerr << "note: not in the vocabulary, taken as <unk>:";
    for (const std::string &word : result.unknownWords)
      std::cerr << ' ' << word;
    std::cerr << '\n';
  }
  return interruptCode();
}

const Command moe::cli::generateCommand = {
    "generate",
    "text from a trained model",
    {{"RUN"}},
    "RUN [--prompt TEXT] [--tokens N] [options]",
    "Continues the prompt, token by token. The same seed gives the same text.",
    "moec generate runs/a --prompt \"A computer is\" --tokens 50 --temperature 0.8",
    declare,
    run};
