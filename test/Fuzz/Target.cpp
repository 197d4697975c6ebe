//===- Target.cpp - the table of targets ------------------------------------===//
#include "test/Fuzz/Targets.h"

using namespace moe;
using namespace moe::fuzz;

static Seeds noSeeds() { return {}; }

const std::vector<Target> &fuzz::targets() {
  static const std::vector<Target> all = {
      {"parse", runParse, noSeeds},
      {"check", runCheck, noSeeds, /*isMoe=*/true},
      {"tensors", runTensors, seedTensors},
      {"manifest", runManifest, seedManifest},
      {"run", runDescription, seedDescription},
      {"metrics", runMetrics, seedMetrics},
      {"vocabulary", runVocabulary, seedVocabulary},
      {"settings", runSettings, seedSettings},
      {"text", runText, seedText},
      {"tokenizer", runTokenizer, seedTokenizer},
      {"shard", runShard, seedShard},
      {"map", runMap, seedMap},
      {"index", runIndex, seedIndex},
      {"executable", runExecutable, seedExecutable},
      {"capi", runCalls, seedCalls},
  };
  return all;
}

std::string fuzz::deepJson() {
  constexpr size_t depth = 200'000;
  return R"({"version":)" + std::string(depth, '[') + std::string(depth, ']') + "}";
}

const Target *fuzz::findTarget(std::string_view name) {
  for (const Target &target : targets())
    if (name == target.name)
      return &target;
  return nullptr;
}
