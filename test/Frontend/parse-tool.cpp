//===- parse-tool.cpp - The parser alone, for the tests -------------------===//
//
//   moe-parse print FILE          the tree as text; checks that the text gives
//                                 the same text again
//   moe-parse check FILE          the diagnostics
//   moe-parse mutate N FILE...    N mutations of each file: parsed without a
//                                 crash, and refused only with a place
//
//===----------------------------------------------------------------------===//
#include "lib/Frontend/Parse.h"

#include <fstream>
#include <iostream>
#include <random>
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

/// One change of the kinds that break parsers: a byte, a stretch lost, moved or
/// doubled, a stretch of another file, a token of the language out of place.
static std::string mutate(std::string text, const std::string &other,
                          std::mt19937 &random) {
  static const char *const tokens[] = {
      "(",  ")",     "[",      "]",    "{",    "}",      "=>",   "|>",
      "<-", "->",    "where",  "each", "if",   "else",   "then", "repeat",
      "in", "state", "return", "\n",   ";",    "\"",     "~",    "9e999",
      ":",  ",",     "sum(c)", "^",    "\xff", "\u03bc", "..",   "-"};
  auto below = [&](size_t n) { return n == 0 ? 0 : random() % n; };
  size_t at = below(text.size()), length = below(std::min<size_t>(60, text.size() - at));
  switch (random() % 6) {
  case 0:
    if (at < text.size())
      text[at] = static_cast<char>(random());
    break;
  case 1:
    text.erase(at, length);
    break;
  case 2:
    text.insert(below(text.size()), text.substr(at, length));
    break;
  case 3: {
    size_t from = below(other.size());
    text.replace(at, length, other.substr(from, below(60)));
    break;
  }
  case 4:
    text.resize(at);
    break;
  default:
    text.insert(at, tokens[below(std::size(tokens))]);
  }
  return text;
}

static int mutateAll(size_t count, const std::vector<std::string> &texts) {
  std::mt19937 random(1);
  size_t accepted = 0, refused = 0;
  for (const std::string &text : texts)
    for (size_t i = 0; i != count; ++i) {
      std::string mutant = text;
      for (size_t changes = 1 + random() % 3; changes != 0; --changes)
        mutant = mutate(std::move(mutant), texts[random() % texts.size()], random);
      SourceManager sources;
      DiagnosticSink sink;
      ParseResult result = parse(sources.add("mutant.moe", mutant), sink);
      std::ostringstream rendered;
      render(sink, rendered);
      bool placed = true;
      for (const Diagnostic &d : sink.getDiagnostics())
        placed &= d.range.isValid();
      if (!placed || (!result.file && !sink.hasErrors())) {
        std::cout << "refused without a place:\n" << mutant;
        return 1;
      }
      if (result.file) {
        std::ostringstream printed;
        ast::print(*result.file, printed);
      }
      ++(sink.hasErrors() ? refused : accepted);
    }
  std::cout << accepted + refused << " mutants: " << accepted << " accepted, "
            << refused << " refused\n";
  return 0;
}

int main(int argc, char **argv) {
  std::string mode = argc > 1 ? argv[1] : "";
  if (mode == "print" && argc == 3)
    return print(argv[2]);
  if (mode == "check" && argc == 3)
    return check(argv[2]);
  if (mode == "mutate" && argc > 3) {
    std::vector<std::string> texts;
    for (int i = 3; i != argc; ++i)
      texts.push_back(read(argv[i]));
    return mutateAll(std::stoul(argv[2]), texts);
  }
  std::cerr << "usage: moe-parse print|check FILE, moe-parse mutate N FILE...\n";
  return 2;
}
