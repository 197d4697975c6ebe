//===- Diagnostics.cpp - Collected, sorted, rendered messages -------------===//
#include "lib/Support/Diagnostics.h"

#include <algorithm>
#include <ostream>
#include <tuple>

using namespace moe;

Diagnostic &Diagnostic::note(SourceRange at, std::string text) {
  notes.push_back({at, std::move(text)});
  return *this;
}

Diagnostic &Diagnostic::suggest(std::string text) {
  suggestion = std::move(text);
  return *this;
}

Diagnostic &DiagnosticSink::error(SourceRange range, std::string message) {
  ++errorCount;
  return diagnostics.emplace_back(
      Diagnostic{Severity::Error, range, std::move(message), {}, {}});
}

Diagnostic &DiagnosticSink::warning(SourceRange range, std::string message) {
  return diagnostics.emplace_back(
      Diagnostic{Severity::Warning, range, std::move(message), {}, {}});
}

std::vector<Diagnostic> DiagnosticSink::getSorted() const {
  auto place = [](const Diagnostic &d) {
    std::string_view file = d.range.file ? d.range.file->getName() : "";
    return std::make_tuple(!d.range.isValid(), file, d.range.begin.offset);
  };
  std::vector<Diagnostic> sorted = diagnostics;
  std::stable_sort(sorted.begin(), sorted.end(),
                   [&](const Diagnostic &a, const Diagnostic &b) {
                     return place(a) < place(b);
                   });
  auto same = [&](const Diagnostic &a, const Diagnostic &b) {
    return place(a) == place(b) && a.message == b.message;
  };
  sorted.erase(std::unique(sorted.begin(), sorted.end(), same), sorted.end());
  return sorted;
}

namespace {

constexpr size_t maxShownLine = 160;
constexpr size_t tabWidth = 4;

bool startsCodePoint(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
}

/// A source line made fit for a terminal, and where the marked bytes of it
/// fall, in cells.
struct ShownLine {
  std::string text;
  size_t markBegin = 0, markEnd = 0;
};

/// Expands tabs, hides control characters, and cuts a line that is very long
/// around the mark. `begin` and `end` are byte positions in the line.
ShownLine showLine(std::string_view line, size_t begin, size_t end) {
  ShownLine shown;
  size_t from = 0, to = line.size();
  if (line.size() > maxShownLine) {
    from = begin > maxShownLine / 2 ? begin - maxShownLine / 2 : 0;
    to = std::min(line.size(), from + maxShownLine);
    while (from < to && !startsCodePoint(line[from]))
      ++from;
    while (to < line.size() && !startsCodePoint(line[to]))
      ++to;
  }
  size_t cells = 0;
  auto put = [&](std::string_view piece, size_t width) {
    shown.text += piece;
    cells += width;
  };
  if (from != 0)
    put("...", 3);
  for (size_t i = from; i != to; ++i) {
    if (i == begin)
      shown.markBegin = cells;
    if (i == end)
      shown.markEnd = cells;
    if (line[i] == '\t')
      put(std::string(tabWidth, ' '), tabWidth);
    else if (static_cast<unsigned char>(line[i]) < 0x20 || line[i] == 0x7F)
      put("?", 1);
    else
      put(line.substr(i, 1), startsCodePoint(line[i]));
  }
  if (begin >= to)
    shown.markBegin = cells;
  if (end >= to)
    shown.markEnd = cells;
  if (to != line.size())
    shown.text += "...";
  return shown;
}

class Renderer {
public:
  Renderer(std::ostream &os, bool color) : os(os), color(color) {}

  void message(std::string_view word, const char *wordColor,
               const SourceRange &range, std::string_view text) {
    if (range.isValid()) {
      paint(bold);
      os << range.file->getName() << ':' << range.begin.line << ':'
         << range.begin.column << ": ";
      paint(plain);
    }
    paint(wordColor);
    os << word << ": ";
    paint(plain);
    paint(bold);
    os << text;
    paint(plain);
    os << '\n';
    if (range.isValid())
      excerpt(range);
  }

  static constexpr const char *bold = "\033[1m", *red = "\033[1;31m",
                              *magenta = "\033[1;35m", *cyan = "\033[1;36m",
                              *green = "\033[1;32m", *plain = "\033[0m";

private:
  void paint(const char *code) {
    if (color)
      os << code;
  }

  void excerpt(const SourceRange &range) {
    std::string_view line = range.file->getLine(range.begin.line);
    size_t lineStart = line.data() - range.file->getText().data();
    if (line.data() == nullptr)
      lineStart = range.begin.offset;
    size_t begin = std::min<size_t>(range.begin.offset - lineStart, line.size());
    size_t end = range.end.line == range.begin.line
                     ? std::min<size_t>(range.end.offset - lineStart, line.size())
                     : line.size();
    ShownLine shown = showLine(line, begin, std::max(begin, end));
    size_t width = shown.markEnd > shown.markBegin
                       ? shown.markEnd - shown.markBegin
                       : 1;
    os << shown.text << '\n' << std::string(shown.markBegin, ' ');
    paint(green);
    os << '^' << std::string(width - 1, '~');
    paint(plain);
    os << '\n';
  }

  std::ostream &os;
  bool color;
};

} // namespace

void moe::render(const DiagnosticSink &sink, std::ostream &os,
                 const RenderOptions &options) {
  Renderer out(os, options.color);
  size_t errors = 0, hidden = 0;
  for (const Diagnostic &d : sink.getSorted()) {
    bool isError = d.severity == Severity::Error;
    if (isError && options.maxErrors && ++errors > options.maxErrors) {
      ++hidden;
      continue;
    }
    if (isError)
      out.message("error", Renderer::red, d.range, d.message);
    else
      out.message(d.severity == Severity::Warning ? "warning" : "note",
                  Renderer::magenta, d.range, d.message);
    for (const Diagnostic::Note &note : d.notes)
      out.message("note", Renderer::cyan, note.range, note.message);
    if (!d.suggestion.empty())
      out.message("help", Renderer::cyan, {}, d.suggestion);
  }
  if (hidden)
    os << hidden << (hidden == 1 ? " more error\n" : " more errors\n");
}
