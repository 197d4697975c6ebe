//===- Binding.cpp - names of the kinds of buffers --------------*- C++ -*-===//
#include "moe/Executable.h"

#include <array>

namespace moe {

/// In the order of the enum.
static constexpr std::array<const char *, 16> kindNames = {
    "param", "state", "stream",    "tally", "opt", "grad",  "input",  "key",
    "step",  "objective", "loss", "aux",   "probe", "logits", "metric", "check"};
static_assert(kindNames.size() == static_cast<size_t>(BindingKind::check) + 1);

const char *toString(BindingKind kind) { return kindNames[static_cast<size_t>(kind)]; }

bool fromString(const std::string &text, BindingKind &kind) {
  for (size_t i = 0; i < kindNames.size(); ++i)
    if (text == kindNames[i]) {
      kind = static_cast<BindingKind>(i);
      return true;
    }
  return false;
}

} // namespace moe
