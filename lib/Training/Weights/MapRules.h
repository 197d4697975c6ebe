//===- MapRules.h - the rules of a weight map -------------------*- C++ -*-===//
#pragma once

#include "lib/Support/Diagnostics.h"
#include "moe/Training/Weights.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace moe {

using Shape = std::vector<int64_t>;

/// What the holes of a pattern stand for: a number by its name, texts in order under "*0", "*1", ...
using Captures = std::map<std::string, std::string>;

/// A name with holes: `{i}` is a number, `*` any text.
class NamePattern {
public:
  struct Piece {
    enum class Kind { text, number, any } kind;
    std::string text; ///< literally, or the name of the hole
  };

  void add(Piece piece) { pieces.push_back(std::move(piece)); }
  const std::vector<Piece> &getPieces() const { return pieces; }
  bool hasHole(std::string_view name) const;
  std::optional<Captures> match(std::string_view name) const;
  /// Every hole must have a value.
  std::string fill(const Captures &captures) const;

private:
  bool matchFrom(size_t piece, std::string_view rest, Captures &captures) const;
  std::vector<Piece> pieces;
};

/// One of `count` equal parts of an axis; `count` 0: the whole tensor.
struct Part {
  int64_t axis = 0, index = 0, count = 0;
  bool isWhole() const { return count == 0; }
};

/// What is done with a tensor of the file, in order.
struct Step {
  enum class Kind { transpose, squeeze } kind;
  int64_t axis = 0; ///< of `squeeze`
};

struct MapRule {
  enum class Kind {
    take, ///< model <- file
    skip, ///< of the file: not wanted
    fresh ///< of the model: not in the file
  } kind = Kind::take;
  NamePattern model, file;
  Part modelPart, filePart;
  std::vector<Step> steps;
  std::string stack; ///< the hole of `file` that numbers the slices of the model's first axis; empty: none
  SourceRange range, modelRange, fileRange;
};

struct WeightMap::Rules {
  SourceManager sources; ///< what the ranges point into
  std::vector<MapRule> all;
};

} // namespace moe
