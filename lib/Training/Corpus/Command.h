//===- Command.h - running a program ----------------------------*- C++ -*-===//
#pragma once

#include "moe/Runtime.h"

#include <string>
#include <vector>

namespace moe {

/// Runs a program found on the PATH in `folder`, without a shell, and waits for it. Fails with the last line it wrote when it cannot be
/// started or does not end with 0. `output` gets all it wrote.
Status runCommand(const std::vector<std::string> &words, const std::string &folder, std::string &output);

} // namespace moe
