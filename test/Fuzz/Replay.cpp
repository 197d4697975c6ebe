//===- Replay.cpp - moe-fuzz: the targets on known inputs ------------------===//
//
//   moe-fuzz run TARGET COUNT [FILE...]    the target's seeds, the files, and COUNT mutants of them, always the same ones
//   moe-fuzz print TARGET I [FILE...]      the I-th mutant
//   moe-fuzz seeds TARGET FOLDER           writes the seeds as files
//   moe-fuzz list                          the targets
//
//===----------------------------------------------------------------------===//
#include "test/Fuzz/Mutate.h"
#include "test/Fuzz/Target.h"

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/PrettyStackTrace.h"
#include "llvm/Support/Signals.h"

#include <ctime>
#include <fstream>
#include <iostream>
#include <random>
#include <sstream>

using namespace moe::fuzz;

static std::string read(const std::string &path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    std::cerr << "cannot read " << path << '\n';
    std::exit(2);
  }
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

static std::string makeMutant(const Target &target, const std::vector<std::string> &inputs, uint32_t number) {
  const std::string &input = inputs[number % inputs.size()], &other = inputs[std::mt19937(~number)() % inputs.size()];
  return target.isMoe ? mutateWords(input, other, number) : mutateBytes(input, other, number);
}

namespace {
struct Counts {
  size_t accepted = 0, refused = 0;
};
} // namespace

/// False after a complaint, which is printed.
static bool runOne(const Target &target, const std::string &input, const std::string &name, Counts &counts) {
  llvm::PrettyStackTraceFormat trace("%s of %s", name.c_str(), target.name);
  constexpr double mostSeconds = 10;
  std::clock_t begin = std::clock(); // of the processor: a machine that is busy with other things is no finding
  Outcome outcome = target.run(input);
  double seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
  ++(outcome.accepted ? counts.accepted : counts.refused);
  if (seconds > mostSeconds)
    outcome.complaint = "took " + std::to_string(seconds) + " seconds";
  if (!outcome.complaint.empty())
    std::cout << name << ": " << outcome.complaint << '\n';
  return outcome.complaint.empty();
}

static int runAll(const Target &target, const std::vector<std::string> &inputs, size_t count) {
  Counts known, mutants;
  for (size_t i = 0; i < inputs.size(); ++i)
    if (!runOne(target, inputs[i], "input " + std::to_string(i), known))
      return 1;
  for (size_t i = 0; i < count; ++i)
    if (auto number = static_cast<uint32_t>(i); !runOne(target, makeMutant(target, inputs, number), "mutant " + std::to_string(i), mutants))
      return 1;
  std::cout << target.name << ": " << inputs.size() << " inputs, " << known.accepted << " accepted; " << count << " mutants, " << mutants.accepted
            << " accepted, " << mutants.refused << " refused\n";
  return 0;
}

static int writeSeeds(const Target &target, const std::string &folder) {
  std::vector<std::string> seeds = target.seeds();
  for (size_t i = 0; i < seeds.size(); ++i)
    if (!(std::ofstream(folder + "/seed-" + std::to_string(i), std::ios::binary) << seeds[i])) {
      std::cerr << "cannot write to " << folder << '\n';
      return 2;
    }
  return 0;
}

static int usage() {
  std::cerr << "usage: moe-fuzz run TARGET COUNT [FILE...], print TARGET I [FILE...], seeds TARGET FOLDER, list\n";
  return 2;
}

int main(int argc, char **argv) {
  llvm::sys::PrintStackTraceOnErrorSignal(argv[0]);
  std::string mode = argc > 1 ? argv[1] : "";
  if (mode == "list") {
    for (const Target &target : targets())
      std::cout << target.name << '\n';
    return 0;
  }
  const Target *target = argc > 3 ? findTarget(argv[2]) : nullptr;
  if (!target)
    return usage();
  if (mode == "seeds")
    return writeSeeds(*target, argv[3]);
  if (mode != "run" && mode != "print")
    return usage();
  std::vector<std::string> inputs = target->seeds();
  for (int i = 4; i < argc; ++i)
    inputs.push_back(read(argv[i]));
  if (inputs.empty())
    return usage();
  size_t count = std::stoul(argv[3]);
  if (mode == "run")
    return runAll(*target, inputs, count);
  std::cout << makeMutant(*target, inputs, static_cast<uint32_t>(count));
  return 0;
}
