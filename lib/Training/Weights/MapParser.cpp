//===- MapParser.cpp - the text of a weight map -----------------*- C++ -*-===//
//
//   layers.{i}.moe.expert.linear.w <- encoder.layers.{i}.experts.{e}.fc1.weight  transpose stack(e)
//   layers.{i}.attention.k.w       <- encoder.layers.{i}.qkv.weight[1/3]         transpose
//   skip  *.rotary.inv_freq
//   fresh layers.*.router.*
//
//===----------------------------------------------------------------------===//
#include "lib/Support/Names.h"
#include "lib/Training/Guard.h"
#include "lib/Training/Weights/MapRules.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <sstream>

using namespace moe;

static constexpr int64_t mostStars = 3;      // each multiplies the time of a match by the length of the name
static constexpr int64_t largestNumber = 1'000'000;

namespace {

class MapParser {
public:
  MapParser(const SourceFile &source, DiagnosticSink &sink) : source(source), sink(sink) {}

  std::vector<MapRule> parse() {
    std::string_view text = source.getText();
    for (size_t begin = 0; begin < text.size();) {
      size_t end = std::min(text.find('\n', begin), text.size());
      parseLine(begin, end);
      begin = end + 1;
    }
    return std::move(rules);
  }

private:
  using Token = SourceRange;

  SourceRange range(size_t begin, size_t end) const { return {&source, source.getLoc(begin), source.getLoc(end)}; }

  /// Words between blanks, up to a comment.
  std::vector<Token> split(size_t begin, size_t end) const {
    std::vector<Token> tokens;
    std::string_view text = source.getText();
    constexpr std::string_view blanks = " \t\r";
    while (true) {
      begin = text.find_first_not_of(blanks, begin);
      if (begin >= end || text[begin] == '#')
        return tokens;
      size_t stop = std::min(text.find_first_of(" \t\r\n", begin), end);
      tokens.push_back(range(begin, stop));
      begin = stop;
    }
  }

  void parseLine(size_t begin, size_t end) {
    std::vector<Token> tokens = split(begin, end);
    if (tokens.empty())
      return;
    std::string_view first = tokens[0].getText();
    bool isArrow = tokens.size() > 1 && tokens[1].getText() == "<-";
    if (isArrow)
      return parseTake(tokens);
    if (first == "skip" || first == "fresh")
      return parseNames(tokens, first == "skip" ? MapRule::Kind::skip : MapRule::Kind::fresh);
    Diagnostic &d = tokens.size() > 1 ? sink.error(tokens[1], "expected `<-`") : sink.error(tokens[0], "expected a rule");
    d.suggest("a line is `MODEL <- FILE`, `skip FILE` or `fresh MODEL`");
  }

  void parseNames(const std::vector<Token> &tokens, MapRule::Kind kind) {
    if (tokens.size() == 1)
      sink.error(tokens[0], kind == MapRule::Kind::skip ? "expected the names of tensors of the file after `skip`"
                                                        : "expected the names of parameters of the model after `fresh`");
    for (size_t i = 1; i < tokens.size(); ++i) {
      MapRule rule;
      rule.kind = kind;
      rule.range = rule.modelRange = rule.fileRange = tokens[i];
      Part none;
      if (parsePlace(tokens[i], kind == MapRule::Kind::skip ? rule.file : rule.model, none)) {
        if (!none.isWhole())
          sink.error(tokens[i], "expected a whole tensor, not a part of one");
        rules.push_back(std::move(rule));
      }
    }
  }

  void parseTake(const std::vector<Token> &tokens) {
    MapRule rule;
    if (tokens.size() < 3) {
      sink.error(tokens[1], "expected the name of a tensor of the file after `<-`");
      return;
    }
    rule.range = spanning(tokens.front(), tokens.back());
    rule.modelRange = tokens[0];
    rule.fileRange = tokens[2];
    bool good = parsePlace(tokens[0], rule.model, rule.modelPart);
    good &= parsePlace(tokens[2], rule.file, rule.filePart);
    for (size_t i = 3; i < tokens.size(); ++i) {
      if (!rule.stack.empty()) {
        sink.error(tokens[i], "`stack` is the last thing that is done");
        return;
      }
      good &= parseStep(tokens[i], rule);
    }
    if (good && checkHoles(rule))
      rules.push_back(std::move(rule));
  }

  //===-- Names --------------------------------------------------------------===//

  /// A name with holes, and behind it perhaps a part.
  bool parsePlace(const Token &token, NamePattern &pattern, Part &part) {
    std::string_view text = token.getText();
    size_t bracket = text.find('[');
    if (bracket != std::string_view::npos && !parsePart(token, bracket, part))
      return false;
    text = text.substr(0, bracket);
    int64_t stars = 0;
    for (size_t at = 0; at < text.size();) {
      size_t end = std::min(text.find_first_of("*{", at), text.size());
      if (end > at)
        pattern.add({NamePattern::Piece::Kind::text, std::string(text.substr(at, end - at))});
      if (end == text.size())
        return requireName(token, text);
      if (text[end] == '*') {
        pattern.add({NamePattern::Piece::Kind::any, "*" + std::to_string(stars++)});
        at = end + 1;
      } else {
        size_t close = text.find('}', end);
        std::string name(text.substr(end + 1, close == std::string_view::npos ? close : close - end - 1));
        if (close == std::string_view::npos || !isIdentifier(name))
          return fail(token, end, close, "expected a number's name in braces, such as {i}");
        pattern.add({NamePattern::Piece::Kind::number, name});
        at = close + 1;
      }
      if (stars > mostStars)
        return fail(token, end, end, "a name may have at most " + std::to_string(mostStars) + " stars");
    }
    return requireName(token, text);
  }

  bool requireName(const Token &token, std::string_view text) { return !text.empty() || fail(token, 0, 0, "expected a name"); }

  static bool isIdentifier(const std::string &name) {
    auto isLetter = [](unsigned char c) { return std::isalnum(c) || c == '_'; };
    return !name.empty() && !std::isdigit(static_cast<unsigned char>(name[0])) && std::all_of(name.begin(), name.end(), isLetter);
  }

  /// `[1/3]`, `[:,1/3]`: the second third along the first or the second axis.
  bool parsePart(const Token &token, size_t bracket, Part &part) {
    std::string_view text = token.getText().substr(bracket);
    std::string_view inner = text.substr(1);
    while (inner.starts_with(":,")) {
      inner.remove_prefix(2);
      ++part.axis;
    }
    size_t slash = inner.find('/');
    bool good = slash != std::string_view::npos && inner.ends_with("]") && readNumber(inner.substr(0, slash), part.index) &&
                readNumber(inner.substr(slash + 1, inner.size() - slash - 2), part.count);
    if (!good)
      return fail(token, bracket, token.getText().size(), "expected a part such as [0/3], the first third, or [:,0/3], that of the second axis");
    if (part.index >= part.count)
      return fail(token, bracket, token.getText().size(), "of " + std::to_string(part.count) + " parts the last is number " +
                                                              std::to_string(part.count - 1) + ": parts are counted from 0");
    return true;
  }

  static bool readNumber(std::string_view text, int64_t &number) {
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size() && !text.empty() && number >= 0 && number <= largestNumber;
  }

  //===-- Steps --------------------------------------------------------------===//

  bool parseStep(const Token &token, MapRule &rule) {
    std::string_view text = token.getText();
    std::string name(text.substr(0, text.find('(')));
    std::string_view argument = text.substr(std::min(name.size() + 1, text.size()));
    bool hasArgument = text.size() > name.size() + 1 && text.ends_with(")");
    if (hasArgument)
      argument.remove_suffix(1);
    if (text == "transpose") {
      rule.steps.push_back({Step::Kind::transpose});
      return true;
    }
    if (name == "squeeze") {
      Step step{Step::Kind::squeeze};
      if (!hasArgument || !readNumber(argument, step.axis))
        return fail(token, 0, text.size(), "expected the number of an axis of extent 1, such as squeeze(0)");
      rule.steps.push_back(step);
      return true;
    }
    if (name == "stack") {
      rule.stack = argument;
      return (hasArgument && isIdentifier(rule.stack)) || fail(token, 0, text.size(), "expected the name of a number, such as stack(e)");
    }
    Diagnostic &d = sink.error(token, "unknown step '" + name + "': there are transpose, squeeze(AXIS) and stack(NUMBER)");
    if (std::string near = nearestName(name, {"transpose", "squeeze", "stack"}); !near.empty())
      d.suggest("did you mean '" + near + "'?");
    return false;
  }

  //===-- Holes ----------------------------------------------------------------===//

  /// From the model's name that of the file follows.
  bool checkHoles(const MapRule &rule) {
    for (const NamePattern::Piece &hole : rule.file.getPieces()) {
      if (hole.kind == NamePattern::Piece::Kind::text || rule.model.hasHole(hole.text))
        continue;
      if (hole.kind == NamePattern::Piece::Kind::any)
        return fail(rule.fileRange, 0, rule.fileRange.getText().size(), "there are more stars here than in the model's name");
      if (hole.text != rule.stack) {
        sink.error(rule.fileRange, "nothing says what {" + hole.text + "} is")
            .suggest("put it into the model's name too, or `stack(" + hole.text + ")` for one tensor a slice of the model's first axis");
        return false;
      }
    }
    for (const NamePattern::Piece &hole : rule.model.getPieces())
      if (hole.kind != NamePattern::Piece::Kind::text && !rule.file.hasHole(hole.text)) {
        bool isStar = hole.kind == NamePattern::Piece::Kind::any;
        sink.error(rule.modelRange, isStar ? "there are more stars here than in the name of the file's tensor"
                                           : "{" + hole.text + "} is not in the name of the file's tensor: two parameters would be given by one tensor");
        return false;
      }
    if (!rule.stack.empty() && (rule.model.hasHole(rule.stack) || !rule.file.hasHole(rule.stack))) {
      sink.error(rule.range, "`stack(" + rule.stack + ")` wants {" + rule.stack + "} in the name of the file's tensor and not in the model's");
      return false;
    }
    return true;
  }

  bool fail(const Token &token, size_t begin, size_t end, const std::string &message) {
    size_t at = token.begin.offset, last = at + std::min(end, token.getText().size());
    sink.error(range(at + begin, std::max(last, at + begin)), message);
    return false;
  }

  const SourceFile &source;
  DiagnosticSink &sink;
  std::vector<MapRule> rules;
};

} // namespace

static std::shared_ptr<WeightMap::Rules> parseRules(const std::string &file, const std::string &text, DiagnosticSink &sink) {
  auto rules = std::make_shared<WeightMap::Rules>();
  rules->all = MapParser(rules->sources.add(file, text), sink).parse();
  return rules;
}

WeightMap::WeightMap() {
  DiagnosticSink sink;
  std::shared_ptr<Rules> plain = parseRules("", "* <- *", sink);
  for (MapRule &rule : plain->all)
    rule.range = rule.modelRange = rule.fileRange = {}; // nobody wrote it
  rules = std::move(plain);
}

Status WeightMap::parse(const std::string &file, const std::string &text, WeightMap &map, std::string &messages) {
  return guarded("a weight map", [&] {
    DiagnosticSink sink;
    std::shared_ptr<const Rules> rules = parseRules(file, text, sink);
    if (sink.hasErrors()) {
      std::ostringstream os;
      render(sink, os);
      messages = os.str();
      return Status::failure(file + ": this is not a weight map");
    }
    map.rules = std::move(rules);
    return Status::success();
  });
}
