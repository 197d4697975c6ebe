//===- Target.h - readers of what may be anything --------------*- C++ -*-===//
//
// A target takes bytes to the code that reads them. Whatever the bytes are, that code must come back, quickly, with what it read or a reason.
// Two programs run the same targets: moe-fuzz (Replay.cpp), for the tests, and moe-fuzzer (LibFuzzer.cpp), which looks for new paths.
//
//===----------------------------------------------------------------------===//
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace moe::fuzz {

struct Outcome {
  bool accepted = false;
  std::string complaint; ///< what was promised and did not hold; empty: nothing
};

struct Target {
  const char *name;
  Outcome (*run)(std::string_view input);
  std::vector<std::string> (*seeds)(); ///< valid inputs; for .moe text, models/ has them
  bool isMoe = false;                  ///< mutants may be made by exchanging words
};

const std::vector<Target> &targets();
const Target *findTarget(std::string_view name);

} // namespace moe::fuzz
