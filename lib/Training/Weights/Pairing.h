//===- Pairing.h - which tensor of the file goes where ----------*- C++ -*-===//
#pragma once

#include "lib/Training/Weights/MapRules.h"

namespace moe {

/// What one rule does to one parameter or state: `piece`, a part of it, is made of one tensor of the file, or of one for each slice of its
/// first axis.
struct Pair {
  const Buffer *buffer = nullptr;
  const MapRule *rule = nullptr;
  std::vector<std::string> files;
  Shape piece;     ///< of the model's part
  Shape slice;     ///< of what one tensor of the file gives: the piece, or with `stack` one of its slices
  Shape filePart;  ///< before the steps
  Shape fileWhole; ///< of the file's tensor
};

/// Parameters, then model state.
std::vector<const Buffer *> findWeights(const BufferStore &store);

/// Applies the rules to each of the weights that `only` wants (empty: all). Reports weights that no rule gives or several do, rules that give nothing,
/// and shapes that a rule does not fit. `fresh` gets the names that the map leaves as they are.
std::vector<Pair> pairWeights(const WeightMap::Rules &rules, const std::vector<const Buffer *> &weights, const std::string &only, DiagnosticSink &sink,
                              std::vector<std::string> &fresh);

/// Reports tensors of the file of which the pairs use some parts and not others.
void requireWholeFiles(const std::vector<Pair> &pairs, DiagnosticSink &sink);

/// Renders what was reported.
Status refuseMap(const DiagnosticSink &sink, const std::string &file, std::string &messages);

/// "'a', 'b', 'c' and 9 more"
std::string listNames(const std::vector<std::string> &names);

} // namespace moe
