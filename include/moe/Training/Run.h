//===- Run.h - run folders --------------------------------------*- C++ -*-===//
//
// What training leaves on disk, and how it is opened again.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "moe/Training/Evaluation.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace moe {

/// What run.json holds: all that is needed to compile the same program again.
struct RunDescription {
  std::string fileName, source;
  std::vector<std::string> overrides, presets;
  std::string target = "cpu";
  std::string data; ///< the data folder, as it was given
  std::map<std::string, std::string> text; ///< hash of the ids of each split; empty in runs of older versions
  std::map<std::string, std::string> versions; ///< of moec and of what it was built with
  uint64_t seed = 0;
  int threads = 0;
  int64_t steps = 0;
  int64_t vocabulary = 0;
  int64_t parameters = 0; ///< numbers that are trained; 0 in runs of older versions
  std::string settings; ///< Executable::settings
  std::string code;     ///< Executable::code, where the run was begun; empty in runs of older versions
  std::map<std::string, std::string> start; ///< what the run was begun from instead of initial values: `weights`, `map`, `only`
};

/// A run folder: run.json, vocabulary.txt, metrics.jsonl, checkpoints/.
struct Run {
  std::string folder;
  RunDescription description;
  Vocabulary vocabulary;
  std::vector<std::string> checkpoints; ///< numbered ones, newest first

  static Status open(const std::string &folder, Run &run);
};

/// Loads the newest checkpoint that is whole. `skipped` gets the reasons why newer ones were refused.
Status loadNewest(const Executable &executable, const Run &run, Model &model, std::string &checkpoint,
                  std::vector<std::string> &skipped);

} // namespace moe
