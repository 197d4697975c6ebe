//===- Dictionary.h - articles of a dictd dictionary ------------*- C++ -*-===//
#pragma once

#include "lib/Training/Corpus/Article.h"
#include "moe/Runtime.h"

#include <string_view>

namespace moe {

/// Reads NAME.dict.dz (gzip) and NAME.index: lines `head TAB offset TAB length` with numbers in the digits A-Za-z0-9+/. Articles come in the
/// order of the text; several heads of one article give one. What the index says about the dictionary itself (00-database*) is left
/// out.
Status readDictionary(const std::string &dictionary, const std::string &index, std::vector<Article> &articles);

/// An article starts with its headwords, not indented, separated by %%%; paragraphs are separated by empty lines.
Article parseArticle(std::string_view text);

} // namespace moe
