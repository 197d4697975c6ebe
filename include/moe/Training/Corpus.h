//===- Corpus.h - data folders from packages --------------------*- C++ -*-===//
//
// Builds data folders from the text of Debian packages.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "moe/Training/Text.h"

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace moe {

struct CorpusResult {
  bool alreadyThere = false;
  std::string folder;
  std::array<int64_t, 3> articles{}, tokens{}; ///< by Split
  std::map<std::string, std::string> packages; ///< name and version
};

/// Builds a data folder from Debian packages: `foldoc+jargon`. A folder that holds the same corpus already is left as it is. `onStage` hears
/// what is being done.
Status buildCorpus(const std::string &name, const std::string &folder, const std::function<void(const std::string &)> &onStage,
                   CorpusResult &result);
/// The names that `buildCorpus` knows.
std::vector<std::string> corpusNames();

} // namespace moe
