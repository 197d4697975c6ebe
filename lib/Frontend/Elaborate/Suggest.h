//===- Suggest.h - the nearest known name ----------------------*- C++ -*-===//
#pragma once

#include <string>
#include <vector>

namespace moe::frontend {

/// The candidate closest to a misspelt name, or nothing when none is close enough to be meant.
std::string nearest(const std::string &name, const std::vector<std::string> &candidates);

/// Names that every file knows without defining them: builtins, reductions, `training`, ...
void appendBuiltinNames(std::vector<std::string> &names);

} // namespace moe::frontend
