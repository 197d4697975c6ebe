//===- Mutate.h - inputs that are nearly right -----------------*- C++ -*-===//
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace moe::fuzz {

/// One to three changes of the kinds that break readers: a byte, a number at its limit, a stretch lost, moved or doubled, a stretch of another
/// input, the end cut off.
std::string mutateBytes(const std::string &text, const std::string &other, uint32_t number);

/// One or two words of a .moe text exchanged for others of their class: most mutants still parse, and are wrong in what they mean.
std::string mutateWords(const std::string &text, const std::string &other, uint32_t number);

} // namespace moe::fuzz
