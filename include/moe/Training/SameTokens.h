//===- SameTokens.h - whether runs read the same text -----------*- C++ -*-===//
#pragma once

#include "moe/Training/Run.h"

#include <optional>
#include <string>
#include <vector>

namespace moe {

/// The splits whose token ids are not the same in both runs, by the hashes in run.json. Nothing where a run is of a version that had none.
std::optional<std::vector<std::string>> findOtherSplits(const RunDescription &first, const RunDescription &second);

} // namespace moe
