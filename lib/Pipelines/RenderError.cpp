//===- RenderError.cpp - an error at a place that is known as text ----------===//
#include "lib/Pipelines/DiagnosticBridge.h"
#include "lib/Std/StandardLibrary.h"
#include "moe/Compiler.h"

#include "llvm/ADT/StringRef.h"

#include <sstream>

using namespace moe;

/// The text that a place in `name` means: the user's, or one of the standard library's.
static std::optional<std::string> findSource(llvm::StringRef name, const std::string &fileName, const std::string &source) {
  if (name == fileName)
    return source;
  for (const StandardSource &library : standardLibrary())
    if (name == "std/" + std::string(library.name))
      return std::string(library.text);
  return std::nullopt;
}

std::string moe::renderError(const std::string &fileName, const std::string &source, const std::string &location, const std::string &message,
                             bool color) {
  auto [front, columnText] = llvm::StringRef(location).rsplit(':');
  auto [name, lineText] = front.rsplit(':');
  unsigned line = 0, column = 0;
  std::optional<std::string> text = findSource(name, fileName, source);
  SourceManager sources;
  DiagnosticSink sink;
  if (text && !lineText.getAsInteger(10, line) && !columnText.getAsInteger(10, column))
    sink.error(getRange(line, column, sources.add(name.str(), *text)), message);
  else
    sink.error({}, (location.empty() ? "" : location + ": ") + message);
  std::ostringstream os;
  RenderOptions options;
  options.color = color;
  render(sink, os, options);
  return os.str();
}
