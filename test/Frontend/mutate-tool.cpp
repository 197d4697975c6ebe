//===- mutate-tool.cpp - broken models, for the tests ----------------------===//
//
//   moe-mutate COUNT FILE...    COUNT mutants of the files in turn: checked and elaborated without a crash, refused only with a place
//   moe-mutate -print I FILE... the I-th mutant
//
// A mutant differs in one or two words: most of them still parse, and are wrong in what they mean.
//
//===----------------------------------------------------------------------===//
#include "lib/Frontend/Elaborate/Elaborate.h"
#include "lib/Frontend/Parse.h"

#include "mlir/IR/MLIRContext.h"
#include "llvm/Support/PrettyStackTrace.h"
#include "llvm/Support/Signals.h"

#include <cctype>
#include <chrono>
#include <fstream>
#include <iostream>
#include <random>
#include <sstream>

using namespace moe;

static std::string read(const std::string &path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    std::cerr << "cannot read " << path << '\n';
    std::exit(2);
  }
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

using Words = std::vector<std::string>;

/// Names, numbers, stretches of blanks (comments among them) and single characters.
static Words split(const std::string &text) {
  auto isWord = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; };
  auto isBlank = [](char c) { return c == ' ' || c == '\n'; };
  Words words;
  for (size_t at = 0; at < text.size();) {
    size_t end = at + 1;
    if (text[at] == '#')
      while (end < text.size() && text[end] != '\n')
        ++end;
    else if (isWord(text[at]))
      while (end < text.size() && isWord(text[end]))
        ++end;
    else if (isBlank(text[at]))
      while (end < text.size() && isBlank(text[end]))
        ++end;
    words.push_back(text.substr(at, end - at));
    at = end;
  }
  return words;
}

enum class Class { Blank, Name, Number, Other };

static Class classOf(const std::string &word) {
  if (word[0] == ' ' || word[0] == '\n' || word[0] == '#')
    return Class::Blank;
  if (std::isdigit(static_cast<unsigned char>(word[0])))
    return Class::Number;
  return std::isalpha(static_cast<unsigned char>(word[0])) ? Class::Name : Class::Other;
}

static std::string mutant(size_t index, const std::vector<Words> &files) {
  static const char *const numbers[] = {"0", "1", "2", "3", "7", "1000000007", "0.5", "9007199254740991", "1e400"};
  static const char *const operators[] = {"+", "-", "*", "/", "^", "where x > 0", "else 0", "== 1", "[0]", ".grad", "(x)", "[i]"};
  std::mt19937 random(static_cast<uint32_t>(index));
  auto below = [&](size_t n) { return random() % n; };
  Words words = files[index % files.size()];
  for (size_t changes = 1 + below(2); changes; --changes) {
    size_t at = below(words.size());
    while (classOf(words[at]) == Class::Blank)
      at = (at + 1) % words.size();
    Class kind = classOf(words[at]);
    switch (below(12)) {
    case 0: words[at] = numbers[below(std::size(numbers))]; break;
    case 1: words[at] += std::string(" ") + operators[below(std::size(operators))]; break;
    case 2: words.erase(words.begin() + at); break;
    case 3: words.insert(words.begin() + at, words[below(words.size())]); break;
    default: { // a name or number that stands elsewhere
      while (kind = classOf(words[at]), kind != Class::Name && kind != Class::Number)
        at = (at + 1) % words.size();
      const Words &donor = files[below(files.size())];
      size_t from = below(donor.size());
      while (classOf(donor[from]) != kind)
        from = (from + 1) % donor.size();
      words[at] = donor[from];
      break;
    }
    }
  }
  std::string text;
  for (const std::string &word : words)
    text += word;
  return text;
}

struct Counts {
  size_t accepted = 0, refused = 0, unparsed = 0;
};

/// False when a message has no place or when there is no result and no message.
static bool isFair(const std::string &text, mlir::MLIRContext &context, Counts &counts) {
  SourceManager sources;
  DiagnosticSink sink;
  ParseResult parsed = parse(sources.add("mutant.moe", text), sink);
  mlir::OwningOpRef<mlir::ModuleOp> module;
  bool parses = parsed.file && !sink.hasErrors();
  if (parses)
    module = elaborate(*parsed.file, ElaborateOptions(), context, sink);
  std::ostringstream rendered;
  render(sink, rendered);
  bool accepted = module && !sink.hasErrors();
  ++(accepted ? counts.accepted : parses ? counts.refused : counts.unparsed);
  bool placed = true;
  for (const Diagnostic &d : sink.getDiagnostics())
    placed &= d.range.isValid();
  if (placed && (accepted || sink.hasErrors()))
    return true;
  std::cout << "refused without a place:\n" << rendered.str();
  return false;
}

int main(int argc, char **argv) {
  llvm::sys::PrintStackTraceOnErrorSignal(argv[0]);
  bool prints = argc > 1 && std::string(argv[1]) == "-print";
  if (argc < 3 + prints) {
    std::cerr << "usage: moe-mutate COUNT FILE..., moe-mutate -print I FILE...\n";
    return 2;
  }
  size_t count = std::stoul(argv[1 + prints]);
  std::vector<Words> files;
  for (int i = 2 + prints; i < argc; ++i)
    files.push_back(split(read(argv[i])));
  if (prints) {
    std::cout << mutant(count, files);
    return 0;
  }
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  Counts counts;
  for (size_t i = 0; i < count; ++i) {
    llvm::PrettyStackTraceFormat trace("mutant %zu", i);
    auto begin = std::chrono::steady_clock::now();
    if (!isFair(mutant(i, files), context, counts)) {
      std::cout << "mutant " << i << '\n';
      return 1;
    }
    double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    if (seconds > 10) {
      std::cout << "mutant " << i << " took " << seconds << " seconds\n";
      return 1;
    }
  }
  std::cout << count << " mutants: " << counts.accepted << " accepted, " << counts.refused << " refused, " << counts.unparsed
            << " do not parse\n";
  return 0;
}
