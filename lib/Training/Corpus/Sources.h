//===- Sources.h - where the articles of a corpus come from -----*- C++ -*-===//
#pragma once

#include "lib/Training/Corpus/Article.h"
#include "moe/Runtime.h"

#include <filesystem>

namespace moe {

/// Texts of Debian packages, and how they are read once the packages are unpacked below a folder.
struct CorpusSource {
  std::string name;
  std::string description;           ///< one line
  std::vector<std::string> packages;
  double megabytes;                  ///< of the packages, about
  Status (*read)(const std::filesystem::path &root, std::vector<Article> &articles);
};
const std::vector<CorpusSource> &corpusSources();

// How each kind is stored.

/// Every *.html of a folder, in the order of the names. Headings up to level 2 begin articles.
Status readHtmlFolder(const std::filesystem::path &folder, std::vector<Article> &articles);
/// A SWORD commentary (zCom4: blocks of one chapter each, packed with zlib): `base`.czs has offset, packed and unpacked size of each block in `base`.czz.
Status readSwordCommentary(const std::filesystem::path &base, std::vector<Article> &articles);
/// Novels as R keeps them: a file of vectors of lines, each novel one vector. Chapters are articles.
Status readNovels(const std::filesystem::path &rdb, std::vector<Article> &articles);
/// What `bible -f` prints: `Ge1:1 In the beginning`, a verse a line. Chapters are articles.
std::vector<Article> readVerses(std::string_view text);

} // namespace moe
