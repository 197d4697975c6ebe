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

/// By Split.
struct CorpusCounts {
  std::string name; ///< of a source
  std::array<int64_t, 3> articles{}, tokens{};
};

struct CorpusResult {
  bool alreadyThere = false;
  std::string folder;
  std::array<int64_t, 3> articles{}, tokens{}; ///< by Split
  std::vector<CorpusCounts> sources;           ///< empty for a folder of an earlier version
  std::map<std::string, std::string> packages; ///< name and version
};

/// Builds a data folder from Debian packages: a name of `corpusNames`, or several sources, `foldoc+jargon`. Each source is split for itself. A
/// folder that holds the same corpus already is left as it is. `onStage` hears what is being done.
Status buildCorpus(const std::string &name, const std::string &folder, const std::function<void(const std::string &)> &onStage,
                   CorpusResult &result);

/// What `buildCorpus` knows: short names for several sources, then the sources.
struct CorpusName {
  std::string name;
  std::string sources;     ///< of a short name
  std::string description; ///< of a source
};
const std::vector<CorpusName> &corpusNames();

} // namespace moe
