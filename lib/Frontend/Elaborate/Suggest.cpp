//===- Suggest.cpp - the nearest known name -------------------------------===//
#include "lib/Frontend/Elaborate/Suggest.h"

#include "lib/Support/Names.h"

std::string moe::frontend::nearest(const std::string &name, const std::vector<std::string> &candidates) { return nearestName(name, candidates); }
