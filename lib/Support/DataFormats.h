//===- DataFormats.h - how `data = ...` may be written ----------*- C++ -*-===//
//
// One table of the data's formats and their arguments. The front end, which has places for carets, and the trainer, which has settings as JSON,
// check against it; neither knows a format by name.
//
//===----------------------------------------------------------------------===//
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace moe {

/// What an argument may be.
struct DataArgument {
  enum class Kind { choice, count, text };
  std::string name;
  Kind kind;
  std::vector<std::string> choices = {}; ///< of a choice
  int64_t least = 0;                ///< of a count
  bool isRequired = false;
};

struct DataFormatSyntax {
  std::string name;
  std::vector<DataArgument> arguments;
};

/// text(...), shards(...)
const std::vector<DataFormatSyntax> &dataFormats();

/// `min_count=3` as it was written.
struct WrittenArgument {
  std::string name; ///< empty: it has none
  std::variant<std::monostate, int64_t, std::string> value; ///< a whole number, a name or a text; else nothing
  std::string spelling; ///< of the value
};

struct DataFormatProblem {
  /// What is wrong: the format's own name, the call as a whole, or the name or value of an argument.
  enum class Where { format, call, name, value } where;
  size_t argument = 0;
  std::string message, suggestion;
};
/// The first thing that is wrong with `format(arguments...)`.
std::optional<DataFormatProblem> checkDataFormat(const std::string &format, const std::vector<WrittenArgument> &arguments);

} // namespace moe
