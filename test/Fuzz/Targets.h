//===- Targets.h - the functions behind the table --------------*- C++ -*-===//
#pragma once

#include "test/Fuzz/Target.h"

namespace moe::fuzz {

using Seeds = std::vector<std::string>;

/// JSON that nests so deeply that a function which follows it would use up the stack.
std::string deepJson();

// MoeText.cpp
Outcome runParse(std::string_view input);
Outcome runCheck(std::string_view input);

// TensorFiles.cpp
Outcome runTensors(std::string_view input);
Seeds seedTensors();
Outcome runManifest(std::string_view input);
Seeds seedManifest();

// RunFiles.cpp
Outcome runDescription(std::string_view input);
Seeds seedDescription();
Outcome runMetrics(std::string_view input);
Seeds seedMetrics();
Outcome runVocabulary(std::string_view input);
Seeds seedVocabulary();
Outcome runSettings(std::string_view input);
Seeds seedSettings();
Outcome runText(std::string_view input);
Seeds seedText();

// Tokens.cpp
Outcome runTokenizer(std::string_view input);
Seeds seedTokenizer();
Outcome runShard(std::string_view input);
Seeds seedShard();

// WeightMaps.cpp
Outcome runMap(std::string_view input);
Seeds seedMap();
Outcome runIndex(std::string_view input);
Seeds seedIndex();

// CInterface.cpp
Outcome runCalls(std::string_view input);
Seeds seedCalls();

// ExecutableBytes.cpp
Outcome runExecutable(std::string_view input);
Seeds seedExecutable();

} // namespace moe::fuzz
