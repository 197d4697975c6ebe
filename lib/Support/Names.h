//===- Names.h - patterns of names, and the name that was meant -*- C++ -*-===//
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace moe {

/// Whether the name matches one of the patterns `*.bias|*norm*`, in which `*` stands for any text, also none.
bool matchesPatterns(std::string_view name, std::string_view patterns);

/// The candidate closest to a misspelt name, or nothing when none is close enough to be meant. What differs in case alone is closest.
std::string nearestName(std::string_view name, const std::vector<std::string> &candidates);

} // namespace moe
