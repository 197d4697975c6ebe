//===- Source.cpp - Source texts and places in them -----------------------===//
#include "lib/Support/Source.h"

#include <algorithm>

using namespace moe;

SourceFile::SourceFile(std::string name, std::string text)
    : name(std::move(name)), text(std::move(text)) {
  lineStarts.push_back(0);
  for (size_t i = 0; i != this->text.size(); ++i)
    if (this->text[i] == '\n')
      lineStarts.push_back(static_cast<uint32_t>(i + 1));
}

std::string_view SourceFile::getLine(uint32_t line) const {
  if (line == 0 || line > lineStarts.size())
    return {};
  size_t begin = lineStarts[line - 1];
  size_t end = line < lineStarts.size() ? lineStarts[line] - 1 : text.size();
  if (end > begin && text[end - 1] == '\r')
    --end;
  return std::string_view(text).substr(begin, end - begin);
}

SourceLoc SourceFile::getLoc(size_t offset) const {
  offset = std::min(offset, text.size());
  auto next = std::upper_bound(lineStarts.begin(), lineStarts.end(), offset);
  SourceLoc loc;
  loc.offset = static_cast<uint32_t>(offset);
  loc.line = static_cast<uint32_t>(next - lineStarts.begin());
  // Bytes 10xxxxxx continue a code point and are no column of their own.
  for (size_t i = lineStarts[loc.line - 1]; i != offset; ++i)
    loc.column += (static_cast<unsigned char>(text[i]) & 0xC0) != 0x80;
  return loc;
}

std::string_view SourceRange::getText() const {
  if (!file)
    return {};
  return file->getText().substr(begin.offset, end.offset - begin.offset);
}

SourceRange moe::spanning(const SourceRange &first, const SourceRange &last) {
  if (!first.isValid())
    return last;
  if (!last.isValid())
    return first;
  return {first.file, first.begin, last.end};
}

const SourceFile &SourceManager::add(std::string name, std::string text) {
  return files.emplace_back(std::move(name), std::move(text));
}
