//===- Settings.h - the train block -----------------------------*- C++ -*-===//
//
// How the `train` block of a file reads: the data's format, sizes, schedule of validations and checkpoints.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "moe/Training/TokenIds.h"

#include <cstdint>
#include <string>

namespace moe {

/// How text becomes numbers, `data = text(tokens=words, min_count=5)`, or that the data is numbers already, `data = shards(vocabulary=50257)`.
struct DataFormat {
  enum class Tokens { words, bytes, ids, bpe } tokens = Tokens::words;
  int64_t minCount = 1;   ///< words: those seen less often in the training text become <unk>
  int64_t vocabulary = 0; ///< ids: they are below it
  IdType idType = IdType::u16; ///< ids: of .bin files without a header
  std::string tokenizer = "tokenizer.json"; ///< bpe: the file, below the data folder
};

/// The `train` block. A number that is 0 means "not": no validation while training, no checkpoint before the end, no early stop.
struct TrainSettings {
  DataFormat data;
  int64_t batch = 1, context = 1, microBatches = 1, steps = 1;
  int64_t vocabulary = 0; ///< what the executable was compiled for
  uint64_t seed = 0;
  int threads = 0;         ///< 0: as many as the process may use
  int64_t evalEvery = 0;   ///< steps
  int64_t evalBlocks = 0;  ///< of a validation while training, at most a pass; 0: a tenth of evalEvery
  int64_t logEvery = 1;    ///< steps from one line of metrics.jsonl to the next
  int64_t checkpointEvery = 0;
  int64_t keep = 2;        ///< how many of the numbered checkpoints stay
  int64_t patience = 0;    ///< validations without a better loss before training stops
};

/// Reads `Executable::settings`, or what `readSettings` gave.
Status parseSettings(const std::string &json, TrainSettings &settings);

} // namespace moe
