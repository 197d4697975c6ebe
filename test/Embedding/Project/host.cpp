// host MODEL.moe DATA STEPS SEED... trains inside a program in C++: the model is compiled once, and every seed has a thread and a session of its own.
// Prints "SEED STEP LOSS" for every step.
#include "moe/Compiler.h"
#include "moe/Training.h"

#include <fstream>
#include <iostream>
#include <iterator>
#include <thread>

using namespace moe;

static void require(const Status &status) {
  if (!status)
    std::cerr << "error: " << status.error << '\n', std::exit(1);
}

static void train(const Executable &program, const TextData &text, uint64_t seed, std::vector<double> &losses) {
  std::unique_ptr<Session> session;
  require(Session::create(program, {.seed = seed, .threads = 1}, session));
  const TrainSettings &settings = session->getSettings();
  auto *tokens = session->find("train", BindingKind::input, "tokens")->as<int32_t>();
  auto *targets = session->find("train", BindingKind::input, "targets")->as<int32_t>();
  BlockStream blocks;
  require(BlockStream::create(text[Split::train], settings.batch, settings.context, seed, blocks));
  for (double &loss : losses) {
    bool startsAnew = blocks.next(tokens, targets); // written to where the program reads
    require(session->step(loss));
    if (startsAnew)
      require(session->resetStreams("train"));
  }
}

int main(int argc, char **argv) {
  std::ifstream file(argv[1]);
  std::string source(std::istreambuf_iterator<char>(file), {});
  CompileOptions options;
  options.presets = {"heavy_ball"};
  Diagnostics diagnostics;
  TrainSettings settings;
  TextData text;
  require(parseSettings(readSettings(argv[1], source, options, diagnostics).value_or(""), settings));
  require(loadText(argv[2], settings.data, text));
  options.vocabulary = text.vocabulary.size();
  std::unique_ptr<CompiledModel> model = compile(argv[1], source, options, diagnostics);
  std::cerr << diagnostics.text;
  if (!model)
    return 1;

  std::vector<std::vector<double>> losses(argc - 4, std::vector<double>(std::stol(argv[3])));
  std::vector<std::thread> threads;
  for (size_t i = 0; i < losses.size(); ++i)
    threads.emplace_back([&, i] { train(model->executable(), text, std::stoull(argv[4 + i]), losses[i]); });
  for (std::thread &thread : threads)
    thread.join();
  std::cout.precision(17);
  for (size_t i = 0; i < losses.size(); ++i)
    for (size_t step = 0; step < losses[i].size(); ++step)
      std::cout << argv[4 + i] << ' ' << step + 1 << ' ' << losses[i][step] << '\n';
}
