//===- Parse.cpp - From text to tree --------------------------------------===//
#include "lib/Frontend/Parse.h"

#include "lib/Frontend/Parse/Layout.h"
#include "lib/Frontend/Parse/SyntaxErrors.h"
#include "lib/Frontend/Parse/TreeBuilder.h"

#include "MoeLexer.h"

#include <optional>

using namespace moe;
using namespace moe::parsing;
using grammar::MoeLexer;
using grammar::MoeParser;

namespace {

constexpr size_t maxFileSize = 1 << 20;

/// The parser's rules recurse where no bracket bounds them: `x => x => ...`,
/// `else if`, `- - -`. This many of them within one another is no program.
constexpr size_t maxRuleDepth = 1500;

/// Not a std::exception, so that ANTLR's recovery does not catch it.
struct TooDeep {};

class DepthGuard : public antlr4::tree::ParseTreeListener {
public:
  void enterEveryRule(antlr4::ParserRuleContext *) override {
    if (++depth > maxRuleDepth)
      throw TooDeep();
  }
  void exitEveryRule(antlr4::ParserRuleContext *) override { --depth; }
  void visitTerminal(antlr4::tree::TerminalNode *) override {}
  void visitErrorNode(antlr4::tree::ErrorNode *) override {}

private:
  size_t depth = 0;
};

/// Hands the laid out tokens to ANTLR's stream.
class LaidOutTokens : public antlr4::TokenSource {
public:
  LaidOutTokens(TokenList tokens, MoeLexer &lexer)
      : tokens(std::move(tokens)), lexer(lexer) {}

  std::unique_ptr<antlr4::Token> nextToken() override {
    if (next != tokens.size())
      return std::move(tokens[next++]);
    antlr4::CharStream *input = lexer.getInputStream();
    return std::make_unique<antlr4::CommonToken>(
        std::pair<antlr4::TokenSource *, antlr4::CharStream *>(this, input),
        antlr4::Token::EOF, antlr4::Token::DEFAULT_CHANNEL, input->size(),
        input->size());
  }
  size_t getLine() const override { return lexer.getLine(); }
  size_t getCharPositionInLine() override {
    return lexer.getCharPositionInLine();
  }
  antlr4::CharStream *getInputStream() override {
    return lexer.getInputStream();
  }
  std::string getSourceName() override { return lexer.getSourceName(); }
  antlr4::TokenFactory<antlr4::CommonToken> *getTokenFactory() override {
    return lexer.getTokenFactory();
  }

private:
  TokenList tokens;
  MoeLexer &lexer;
  size_t next = 0;
};

/// The offset of the first byte that is not UTF-8.
std::optional<size_t> findBadUtf8(std::string_view text) {
  auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  for (size_t i = 0; i != text.size();) {
    unsigned char first = byte(i);
    size_t length = first < 0x80             ? 1
                    : (first & 0xE0) == 0xC0 ? 2
                    : (first & 0xF0) == 0xE0 ? 3
                    : (first & 0xF8) == 0xF0 ? 4
                                             : 0;
    if (length == 0 || i + length > text.size())
      return i;
    uint32_t point = length == 1 ? first : first & (0x7F >> length);
    for (size_t k = 1; k != length; ++k) {
      if ((byte(i + k) & 0xC0) != 0x80)
        return i;
      point = point << 6 | (byte(i + k) & 0x3F);
    }
    constexpr uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    bool isSurrogate = point >= 0xD800 && point <= 0xDFFF;
    if (point < smallest[length] || point > 0x10FFFF || isSurrogate)
      return i;
    i += length;
  }
  return std::nullopt;
}

/// Whether the text can be given to the lexer at all.
bool checkText(const SourceFile &source, DiagnosticSink &sink) {
  std::string_view text = source.getText();
  if (text.size() > maxFileSize) {
    SourceLoc begin;
    sink.error({&source, begin, begin}, "this file is larger than 1 MiB");
    return false;
  }
  if (std::optional<size_t> bad = findBadUtf8(text)) {
    SourceLoc at = source.getLoc(*bad);
    sink.error({&source, at, at}, "this file is not UTF-8 text");
    return false;
  }
  return true;
}

/// Runs lexer, layout and parser, then `use(parser, places)` while they live.
template <typename Use>
void withParser(const SourceFile &source, DiagnosticSink &sink, Use use) {
  if (!checkText(source, sink))
    return;
  Places places(source);
  // ANTLR drops a byte order mark, and its positions with it: hide it as a
  // space.
  std::string text(source.getText());
  constexpr std::string_view mark = "\xEF\xBB\xBF";
  if (text.compare(0, mark.size(), mark) == 0)
    text.replace(0, mark.size(), " ");
  antlr4::ANTLRInputStream input(text);
  MoeLexer lexer(&input);
  lexer.removeErrorListeners();
  Layout layout = layOut(lexer.getAllTokens(), places, sink);
  if (layout.tooDeep)
    return;

  LaidOutTokens tokens(std::move(layout.tokens), lexer);
  antlr4::CommonTokenStream stream(&tokens);
  MoeParser parser(&stream);
  DepthGuard guard;
  parser.removeErrorListeners();
  parser.addParseListener(&guard);
  parser.setErrorHandler(std::make_shared<SyntaxErrors>(layout, places, sink));
  try {
    use(parser, places);
  } catch (const TooDeep &) {
    sink.error(places.of(*parser.getCurrentToken()),
               "this nests too deeply to be understood");
  }
}

} // namespace

ParseResult moe::parse(const SourceFile &source, DiagnosticSink &sink) {
  ParseResult result;
  withParser(source, sink, [&](MoeParser &parser, const Places &places) {
    std::vector<MoeParser::ItemContext *> items;
    antlr4::TokenStream &tokens = *parser.getTokenStream();
    while (tokens.LA(1) != antlr4::Token::EOF)
      if (size_t type = tokens.LA(1);
          type == MoeParser::NEWLINE || type == MoeParser::SEMICOLON)
        tokens.consume();
      else
        items.push_back(parser.item());
    result.file = TreeBuilder(places, sink).file(items);
  });
  return result;
}

ast::ExprPtr moe::parseExpression(const SourceFile &source,
                                  DiagnosticSink &sink) {
  ast::ExprPtr result;
  withParser(source, sink, [&](MoeParser &parser, const Places &places) {
    if (auto *lone = parser.lone(); !lone->exception)
      result = TreeBuilder(places, sink).expr(lone->expression());
  });
  return result;
}
