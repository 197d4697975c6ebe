//===- DataLayout.h - the files of a data folder ----------------*- C++ -*-===//
#pragma once

#include "moe/Training/Text.h"

#include <array>
#include <string>
#include <vector>

namespace moe {

/// The files of each split, in the order in which they are read.
struct DataLayout {
  std::array<std::vector<std::string>, 3> files; ///< by Split
  std::string found;                             ///< in a few words, for the user

  const std::vector<std::string> &operator[](Split split) const { return files[static_cast<size_t>(split)]; }
  /// For messages: the file of a split, or the folder and how many they are.
  std::string nameOf(const std::string &folder, Split split) const;
};

/// Finds text: three files named for the splits, folders named for them with *.txt below, or *.txt files that are shared out by their content.
/// With `only`, that split is enough.
Status findText(const std::string &folder, std::optional<Split> only, DataLayout &layout);
/// Finds *.bin and *.npy files, whose names (or whose folders') hold train, val or valid, and test. There may be none for the test. With `only`, that
/// split is enough.
Status findShards(const std::string &folder, std::optional<Split> only, DataLayout &layout);

} // namespace moe
