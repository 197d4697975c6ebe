//===- Scratch.h - inputs as files -----------------------------*- C++ -*-===//
#pragma once

#include <string>
#include <string_view>

namespace moe::fuzz {

/// A folder of this process, in memory where the system has such a place; removed at exit.
const std::string &scratchFolder();
/// Writes a file of it and gives its path. Ends the process when that fails: the target would test nothing.
std::string writeScratch(const std::string &name, std::string_view content);
std::string readScratch(const std::string &name);

} // namespace moe::fuzz
