//===- StandardLibrary.h - the .moe files that every file sees -*- C++ -*-===//
#pragma once

#include <vector>

namespace moe {

struct StandardSource {
  const char *name;
  const char *text;
};

/// The files of this folder, embedded at build time.
const std::vector<StandardSource> &standardLibrary();

} // namespace moe
