//===- ReadPreTokenizer.cpp - how a file takes text apart -------*- C++ -*-===//
#include "lib/Training/Tokenizer/Readers.h"

#include <array>

using namespace moe;
using namespace moe::bpe;

static constexpr size_t maxSteps = 32;
static constexpr int maxDepth = 8;

static Pattern compile(const JsonPlace &where, std::string_view text, Status (*how)(std::string_view, Pattern &)) {
  Pattern pattern;
  if (Status status = how(text, pattern); !status)
    where.complain(status.error);
  return pattern;
}

namespace {
class PreTokenizerReader {
public:
  explicit PreTokenizerReader(PreTokenizer &steps) : steps(steps) {}

  void read(const JsonPlace &place) {
    if (!place.isNull())
      readStep(place, 0);
    if (!hasByteLevel)
      place.refuse("ByteLevel, or a Sequence that ends with it");
  }

private:
  void readStep(const JsonPlace &place, int depth) {
    std::string type = place.type();
    if (type == "Sequence")
      return readSequence(place, depth);
    if (hasByteLevel)
      place.complain("nothing may follow ByteLevel");
    if (steps.splits.size() == maxSteps)
      place.complain("more than " + std::to_string(maxSteps) + " steps");
    if (type == "ByteLevel")
      return readByteLevel(place);
    if (type == "Split")
      return readSplit(place);
    if (type == "Digits")
      return readDigits(place);
    place.member("type").refuse("ByteLevel, Split, Digits or Sequence");
  }

  void readSequence(const JsonPlace &place, int depth) {
    if (depth == maxDepth)
      place.complain("sequences within sequences, deeper than " + std::to_string(maxDepth));
    JsonPlace list = place.member("pretokenizers");
    for (size_t i = 0; i < list.size(); ++i)
      readStep(list[i], depth + 1);
  }

  /// trim_offsets is about places in the text, not about ids.
  void readByteLevel(const JsonPlace &place) {
    hasByteLevel = true;
    steps.addPrefixSpace = place.flag("add_prefix_space", true);
    steps.prefixBefore = steps.splits.size();
    place.flag("trim_offsets", true);
    if (place.flag("use_regex", true))
      steps.splits.push_back({compile(place, byteLevelPattern, Pattern::compile), Behavior::isolated, false});
  }

  void readSplit(const JsonPlace &place) {
    static constexpr std::array<const char *, 5> names = {"Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous"};
    JsonPlace pattern = place.member("pattern"), behavior = place.member("behavior");
    JsonPlace regex = pattern.member("Regex"), literal = pattern.member("String");
    if (regex.isNull() == literal.isNull())
      pattern.refuse("{\"Regex\": ...} or {\"String\": ...}");
    SplitStep step;
    step.pattern = regex.isNull() ? compile(literal, literal.string(), Pattern::compileLiteral) : compile(regex, regex.string(), Pattern::compile);
    size_t kind = 0;
    while (kind < names.size() && behavior.string() != names[kind])
      ++kind;
    if (kind == names.size())
      behavior.refuse("Removed, Isolated, MergedWithPrevious, MergedWithNext or Contiguous");
    step.behavior = static_cast<Behavior>(kind);
    step.invert = place.flag("invert", false);
    steps.splits.push_back(std::move(step));
  }

  void readDigits(const JsonPlace &place) {
    bool isEach = place.flag("individual_digits", false);
    steps.splits.push_back({compile(place, R"(\p{N})", Pattern::compile), isEach ? Behavior::isolated : Behavior::contiguous, false});
  }

  PreTokenizer &steps;
  bool hasByteLevel = false;
};
} // namespace

void bpe::readPreTokenizer(const JsonPlace &place, PreTokenizer &steps) { PreTokenizerReader(steps).read(place); }
