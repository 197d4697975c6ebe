//===- SyntaxErrors.cpp - The parser's errors in words --------------------===//
#include "lib/Frontend/Parse/SyntaxErrors.h"

#include "MoeParser.h"

using namespace moe;
using namespace moe::parsing;
using antlr4::Token;
using grammar::MoeParser;

namespace {

bool isEnd(const Token &token) {
  return token.getType() == Token::EOF || token.getType() == MoeParser::NEWLINE;
}

bool isKeyword(const Token &token) {
  return token.getType() >= MoeParser::LAYER &&
         token.getType() <= MoeParser::FALSE;
}

/// The token before `token` that the writer sees as its neighbour: none at the
/// beginning of a statement.
Token *neighbourBefore(antlr4::Parser &parser, const Token &token) {
  size_t index = token.getTokenIndex();
  if (index == 0 || index == INVALID_INDEX)
    return nullptr;
  Token *before = parser.getTokenStream()->get(index - 1);
  bool separates = before->getType() == MoeParser::NEWLINE ||
                   before->getType() == MoeParser::SEMICOLON;
  return separates ? nullptr : before;
}

std::string quoted(const Token &token) {
  std::string text = token.getText();
  constexpr size_t longest = 40;
  if (text.size() > longest) {
    size_t cut = longest;
    while (cut && (static_cast<unsigned char>(text[cut]) & 0xC0) == 0x80)
      --cut;
    text = text.substr(0, cut) + "...";
  }
  return "'" + text + "'";
}

std::string after(const Token *before) {
  return before ? " after " + quoted(*before) : "";
}

/// What could have stood here, in words. Operators are left out: nearly
/// everywhere one more could follow, and nobody wants to hear it.
std::vector<std::string> describe(const antlr4::misc::IntervalSet &expected,
                                  const antlr4::dfa::Vocabulary &vocabulary) {
  auto has = [&](size_t type) {
    return expected.contains(static_cast<size_t>(type));
  };
  std::vector<std::string> words;
  bool anyName = false;
  if (has(MoeParser::LIKE) && has(MoeParser::NUMBER) == false &&
      has(MoeParser::FN) && has(MoeParser::LBRACKET)) {
    words.push_back("a type");
    anyName = true;
  } else if (has(MoeParser::RETURN) && has(MoeParser::RBRACE) &&
             has(MoeParser::NUMBER)) {
    words.push_back("a statement");
    anyName = true;
  } else if (has(MoeParser::NUMBER)) {
    words.push_back("an expression");
    anyName = true;
  } else if (has(MoeParser::LAYER) && has(MoeParser::FN) &&
             !has(MoeParser::NAME)) {
    words.push_back("a definition (layer, expert, router, momentum, optimizer, "
                    "schedule, model or fn), 'train' or 'preset'");
    anyName = true;
  } else if (has(MoeParser::NAME)) {
    words.push_back("a name");
    anyName = true;
  }
  if (anyName) {
    for (size_t closer :
         {MoeParser::RPAREN, MoeParser::RBRACKET, MoeParser::RBRACE})
      if (has(closer))
        words.push_back(vocabulary.getDisplayName(closer));
    return words;
  }
  bool ends = has(MoeParser::NEWLINE) || has(MoeParser::SEMICOLON);
  if (ends)
    words.push_back("a new line or ';'");
  for (size_t type = MoeParser::LPAREN; type <= MoeParser::FALSE; ++type) {
    bool isOperator =
        (type >= MoeParser::PIPE && type <= MoeParser::GE) ||
        type == MoeParser::AND || type == MoeParser::OR ||
        type == MoeParser::DOT || type == MoeParser::QUESTION;
    bool isPostfix = has(MoeParser::STAR) && (type == MoeParser::LPAREN ||
                                              type == MoeParser::LBRACKET);
    bool saidAlready = type == MoeParser::SEMICOLON ||
                       (ends && type == MoeParser::WHERE);
    if (has(type) && !isOperator && !isPostfix && !saidAlready)
      words.push_back(vocabulary.getDisplayName(type));
  }
  return words;
}

std::string join(const std::vector<std::string> &words) {
  std::string text;
  for (size_t i = 0; i != words.size(); ++i) {
    if (i != 0)
      text += i + 1 == words.size() ? " or " : ", ";
    text += words[i];
  }
  return text;
}

/// What people write who come from another language.
std::string suggestFor(const Token *before, const Token &found) {
  size_t previous = before ? before->getType() : 0;
  if (previous == MoeParser::STAR && found.getType() == MoeParser::STAR)
    return "powers are written '^'";
  if (previous == MoeParser::COLON && found.getType() == MoeParser::ASSIGN)
    return "write '='; the type may be left out";
  if (previous == MoeParser::NAME && found.getType() == MoeParser::COLON)
    return "a name gets a value with '='; only parameters and state have types";
  if (previous == MoeParser::NAME && found.getType() == MoeParser::LBRACKET)
    return "a type is written after ':'";
  if (found.getType() == MoeParser::WHERE)
    return "'a where condition else b' chooses element by element";
  bool behindValue = previous == MoeParser::NAME ||
                     previous == MoeParser::NUMBER ||
                     previous == MoeParser::RPAREN ||
                     previous == MoeParser::RBRACKET;
  if (behindValue && found.getType() == MoeParser::ASSIGN)
    return "equality is written '=='";
  return {};
}

} // namespace

void SyntaxErrors::report(SourceRange range, std::string message,
                          std::string suggestion) {
  if (!layout.isRepaired(range.begin.offset))
    sink.error(range, std::move(message)).suggest(std::move(suggestion));
}

void SyntaxErrors::reportExpected(antlr4::Parser *parser, Token *found) {
  Token *before = neighbourBefore(*parser, *found);
  auto expected = describe(getExpectedTokens(parser), parser->getVocabulary());
  if (expected.empty() || expected.size() > 5)
    return reportUnexpected(parser, found);

  bool wantsName = expected.front() == "a name";
  if (wantsName && isKeyword(*found))
    return report(places.of(*found),
                  quoted(*found) + " is a word of the language and cannot be a "
                                   "name",
                  {});
  std::string message = "expected " + join(expected) + after(before);
  if (isEnd(*found)) {
    // The place is where the writer stopped, not the line below.
    SourceRange range = before ? places.behind(*before) : places.of(*found);
    return report(range, std::move(message), {});
  }
  report(places.of(*found), message + ", found " + quoted(*found),
         wantsName ? "" : suggestFor(before, *found));
}

void SyntaxErrors::reportUnexpected(antlr4::Parser *parser, Token *found) {
  Token *before = neighbourBefore(*parser, *found);
  if (!isEnd(*found))
    return report(places.of(*found), "unexpected " + quoted(*found) + after(before),
                  suggestFor(before, *found));
  SourceRange range = before ? places.behind(*before) : places.of(*found);
  const char *what = found->getType() == Token::EOF ? "the file" : "the line";
  report(range, std::string("something is missing") + after(before) +
                    ", at the end of " + what,
         {});
}

void SyntaxErrors::reportNoViableAlternative(
    antlr4::Parser *parser, const antlr4::NoViableAltException &e) {
  // Known is what may stand where the decision began, not where it failed.
  if (e.getStartToken() == e.getOffendingToken())
    reportExpected(parser, e.getOffendingToken());
  else
    reportUnexpected(parser, e.getOffendingToken());
}

void SyntaxErrors::reportInputMismatch(
    antlr4::Parser *parser, const antlr4::InputMismatchException &e) {
  reportExpected(parser, e.getOffendingToken());
}

namespace {

/// To the end of the line that begins at token `from`, past its end tokens.
void skipLine(antlr4::Parser &parser, size_t from) {
  antlr4::TokenStream &tokens = *parser.getTokenStream();
  int depth = 0;
  auto enter = [&](size_t type) {
    depth += type == MoeParser::LPAREN || type == MoeParser::LBRACKET ||
             type == MoeParser::LBRACE;
    depth -= type == MoeParser::RPAREN || type == MoeParser::RBRACKET ||
             type == MoeParser::RBRACE;
  };
  auto atEnd = [&] {
    return tokens.LA(1) == MoeParser::NEWLINE ||
           tokens.LA(1) == MoeParser::SEMICOLON;
  };
  for (size_t i = from; i != tokens.index(); ++i)
    enter(tokens.get(i)->getType());
  while (tokens.LA(1) != Token::EOF) {
    if (depth <= 0 && (atEnd() || tokens.LA(1) == MoeParser::RBRACE))
      break;
    enter(tokens.LA(1));
    parser.consume();
  }
  while (atEnd())
    parser.consume();
}

/// To the next item, past at least one token.
void skipItem(antlr4::Parser &parser, size_t from) {
  antlr4::TokenStream &tokens = *parser.getTokenStream();
  auto atItem = [&] {
    return tokens.index() != from && startsItem(*tokens.LT(1), tokens.LA(2));
  };
  while (tokens.LA(1) != Token::EOF && !atItem())
    parser.consume();
}

} // namespace

void SyntaxErrors::recover(antlr4::Parser *parser, std::exception_ptr e) {
  antlr4::ParserRuleContext *rule = parser->getRuleContext();
  size_t from = rule->start->getTokenIndex();
  switch (rule->getRuleIndex()) {
  case MoeParser::RuleLine:
  case MoeParser::RuleSetting:
    skipLine(*parser, from);
    break;
  case MoeParser::RuleItem:
  case MoeParser::RuleLone:
    skipItem(*parser, from);
    break;
  default:
    std::rethrow_exception(e);
  }
  // ANTLR would keep silent until a token is matched, but what follows is new.
  endErrorCondition(parser);
}

Token *SyntaxErrors::recoverInline(antlr4::Parser *parser) {
  throw antlr4::InputMismatchException(parser);
}
