//===- Suggest.cpp - the nearest known name -------------------------------===//
#include "lib/Frontend/Elaborate/Suggest.h"

#include "llvm/ADT/StringRef.h"

std::string moe::frontend::nearest(const std::string &name, const std::vector<std::string> &candidates) {
  unsigned limit = name.size() <= 2 ? 1 : static_cast<unsigned>(name.size() + 2) / 3;
  std::string best;
  for (const std::string &candidate : candidates) {
    if (candidate == name || (candidate.size() == 1 && name.size() == 1))
      continue;
    unsigned distance = llvm::StringRef(name).equals_insensitive(candidate)
                            ? 0
                            : llvm::StringRef(name).edit_distance(candidate, /*AllowReplacements=*/true, limit);
    if (distance < limit || (distance == limit && best.empty())) {
      best = candidate;
      limit = distance;
    }
  }
  return best;
}
