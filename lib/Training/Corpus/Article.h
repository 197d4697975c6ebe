//===- Article.h - what a corpus is made of ---------------------*- C++ -*-===//
#pragma once

#include <string>
#include <vector>

namespace moe {

struct Article {
  std::string head;                    ///< of a dictionary, the first of its headwords
  std::vector<std::string> paragraphs; ///< each on one line, blanks as in the source
};

/// The heading of a section within an article, as WikiText has it.
inline std::string sectionHeading(const std::string &text) { return "= = " + text + " = ="; }

} // namespace moe
