//===- Reduce.h - sizes at which a check takes seconds ----------*- C++ -*-===//
#pragma once

#include "moe/Compiler.h"

#include <initializer_list>
#include <utility>

namespace moe {

/// Sets each path to its value unless the user's overrides set it, or the file has that value already.
CompileOptions reduce(const std::string &fileName, const std::string &source, CompileOptions options,
                      std::initializer_list<std::pair<const char *, int64_t>> sizes);

} // namespace moe
