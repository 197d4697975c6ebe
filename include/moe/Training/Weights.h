//===- Weights.h - weights from and to other programs -----------*- C++ -*-===//
//
// Parameters and model state by the names of this program and by those of another, with a map between the two that is read in both
// directions. docs/weights.md describes the map.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "moe/Training/Tensors.h"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace moe {

/// Weights that somebody wrote: one safetensors file, the shards that a `model.safetensors.index.json` lists, a folder with either, or the
/// newest checkpoint of a run folder. Of a checkpoint of moec these are its parameters and model state, under their plain names.
class WeightFiles {
public:
  static Status open(const std::string &path, WeightFiles &weights);

  struct Tensor {
    const TensorFile *file = nullptr;
    const TensorEntry *entry = nullptr;
  };
  const std::string &getPath() const { return path; } ///< what was opened: of a folder the file in it
  const std::map<std::string, Tensor> &getTensors() const { return tensors; }

private:
  Status addFile(const std::string &path);
  Status addIndex(const std::string &path);
  Status addTensor(const TensorFile &file, const TensorEntry &entry);

  std::string path;
  std::vector<std::unique_ptr<TensorFile>> files;
  std::map<std::string, Tensor> tensors;
};

/// Rules that say under which name and in which form a parameter stands in a foreign file.
class WeightMap {
public:
  /// Equal names and forms.
  WeightMap();
  /// `file` is what messages call the text. After a failure `messages` has what is wrong, with places, for people.
  static Status parse(const std::string &file, const std::string &text, WeightMap &map, std::string &messages);

  struct Rules;
  const Rules &getRules() const { return *rules; }

private:
  std::shared_ptr<const Rules> rules;
};

struct ImportOptions {
  std::string only; ///< patterns of the parameters to take, the others stay as they are; empty: all of them
};
struct ImportReport {
  int64_t taken = 0, kept = 0; ///< tensors of the model
};

/// Gives the parameters and model state in `store` their values from `weights`. Each must be given by exactly one rule, or be `fresh` in the
/// map, or not be wanted; and each tensor of the file must be used or skipped, unless `only` wants a part. All of this is known to be so before the
/// first tensor is read. Where map, file and model do not agree `messages` says more than the status, with places.
Status importWeights(const WeightFiles &weights, const WeightMap &map, BufferStore &store, const ImportOptions &options, ImportReport &report,
                     std::string &messages);

/// Writes parameters and model state as F32 under the names and in the forms of the map.
Status exportWeights(const BufferStore &store, const WeightMap &map, const std::string &path, std::string &messages);

} // namespace moe
