//===- parse-tool.cpp - The parser alone, for the tests -------------------===//
//
//   moe-parse print FILE          the tree as text; checks that the text gives
//                                 the same text again
//   moe-parse check FILE          the diagnostics
//
//===----------------------------------------------------------------------===//
#include "lib/Frontend/Parse.h"

#include <fstream>
#include <iostream>
#include <sstream>

using namespace moe;

static std::string read(const char *path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    std::cerr << "cannot read " << path << '\n';
    std::exit(2);
  }
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

/// The file's name without its folder, so that expected output has no path.
static std::string nameOf(const std::string &path) {
  size_t slash = path.rfind('/');
  return slash == std::string::npos ? path : path.substr(slash + 1);
}

static int check(const char *path) {
  SourceManager sources;
  DiagnosticSink sink;
  parse(sources.add(nameOf(path), read(path)), sink);
  render(sink, std::cout);
  return sink.hasErrors();
}

static int print(const char *path) {
  SourceManager sources;
  DiagnosticSink sink;
  std::string text = read(path), printed[2];
  for (std::string &out : printed) {
    ParseResult result = parse(sources.add(nameOf(path), text), sink);
    if (sink.hasErrors()) {
      render(sink, std::cout);
      return 1;
    }
    std::ostringstream os;
    ast::print(*result.file, os);
    text = out = os.str();
  }
  std::cout << printed[0];
  if (printed[0] == printed[1])
    return 0;
  std::cout << "printing is not idempotent:\n" << printed[1];
  return 1;
}

int main(int argc, char **argv) {
  std::string mode = argc > 1 ? argv[1] : "";
  if (mode == "print" && argc == 3)
    return print(argv[2]);
  if (mode == "check" && argc == 3)
    return check(argv[2]);
  std::cerr << "usage: moe-parse print|check FILE\n";
  return 2;
}
