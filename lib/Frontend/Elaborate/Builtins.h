//===- Builtins.h - functions that map onto dialect ops --------*- C++ -*-===//
//
// What cannot be written in .moe. Everything else of the standard library is in lib/Std/*.moe.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "lib/Frontend/Elaborate/Value.h"

namespace moe::frontend {

class Elaborator;
struct BuiltinCall;

struct BuiltinParameter {
  std::string name;
  bool optional = false; ///< `where?`
  bool isAxis = false;   ///< `axis: axis`
  bool variadic = false; ///< `*xs`
};

struct Builtin {
  std::string name;
  std::vector<BuiltinParameter> parameters; ///< the first of two lists
  std::vector<BuiltinParameter> inputs;
  Value (*emit)(Elaborator &, BuiltinCall &);
};

/// Names that every file knows without defining them: builtins, reductions, `training`, ...
void appendBuiltinNames(std::vector<std::string> &names);

} // namespace moe::frontend
