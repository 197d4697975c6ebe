//===- Source.h - Source texts and places in them ---------------*- C++ -*-===//
#ifndef MOE_SUPPORT_SOURCE_H
#define MOE_SUPPORT_SOURCE_H

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace moe {

/// A place in a text. Lines and columns count from 1; a column is a Unicode
/// code point, a tab counting as one.
struct SourceLoc {
  uint32_t offset = 0; ///< in bytes
  uint32_t line = 1;
  uint32_t column = 1;
};

/// One text with its name. It never moves once a SourceManager holds it, so
/// that ranges and nodes may point at it.
class SourceFile {
public:
  SourceFile(std::string name, std::string text);

  std::string_view getName() const { return name; }
  std::string_view getText() const { return text; }

  /// The text of a line (counted from 1) without its line end.
  std::string_view getLine(uint32_t line) const;

  /// The place of a byte; an offset past the end gives the end.
  SourceLoc getLoc(size_t offset) const;

private:
  std::string name, text;
  std::vector<uint32_t> lineStarts;
};

/// A half-open stretch of one file. Without a file it is unknown (a value that
/// came from the command line, say).
struct SourceRange {
  const SourceFile *file = nullptr;
  SourceLoc begin, end;

  bool isValid() const { return file != nullptr; }
  std::string_view getText() const;
};

/// From the beginning of `first` to the end of `last`.
SourceRange spanning(const SourceRange &first, const SourceRange &last);

/// Owns the texts of one compilation; it must outlive the trees and the
/// diagnostics that point into them.
class SourceManager {
public:
  const SourceFile &add(std::string name, std::string text);

private:
  std::deque<SourceFile> files;
};

} // namespace moe

#endif // MOE_SUPPORT_SOURCE_H
