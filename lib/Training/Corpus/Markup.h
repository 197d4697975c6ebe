//===- Markup.h - paragraphs of HTML and OSIS -------------------*- C++ -*-===//
#pragma once

#include "lib/Training/Corpus/Article.h"

#include <string_view>

namespace moe {

/// A heading or a paragraph.
struct MarkupBlock {
  int level = 0; ///< of a heading, from 1; 0: a paragraph
  std::string text; ///< one line, single blanks
};

/// Takes tags out of valid UTF-8. Block elements end a paragraph, inline ones leave no trace; scripts, styles, listings (pre) and navigation
/// (class docnav or toc) are left out. <title> is a heading of `titleLevel`. Characters that are not seen (soft hyphens, joiners, byte-order
/// marks, control characters) are dropped.
std::vector<MarkupBlock> readMarkup(std::string_view text, int titleLevel);

/// Headings up to `level` begin an article; deeper ones are headings of its sections. Articles without a paragraph are left out.
std::vector<Article> makeArticles(const std::vector<MarkupBlock> &blocks, int level);

} // namespace moe
