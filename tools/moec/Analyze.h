//===- Analyze.h - the kinds of moec analyze -------------------*- C++ -*-===//
#pragma once

#include "tools/moec/Command.h"

namespace moe::cli {

/// moec analyze --causality; gives the exit code.
int analyzeCausality(const po::variables_map &arguments);

} // namespace moe::cli
