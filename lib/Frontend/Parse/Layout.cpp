//===- Layout.cpp - What happens between lexer and parser -----------------===//
#include "lib/Frontend/Parse/Layout.h"

#include "MoeParser.h"

#include <bitset>

using namespace moe;
using namespace moe::parsing;
using antlr4::Token;
using grammar::MoeParser;

namespace {

using TokenSet = std::bitset<MoeParser::REDUCER + 1>;

TokenSet setOf(std::initializer_list<size_t> types) {
  TokenSet set;
  for (size_t type : types)
    set.set(type);
  return set;
}

const TokenSet &infix() {
  static const TokenSet set = setOf(
      {MoeParser::PIPE, MoeParser::PLUS, MoeParser::MINUS, MoeParser::STAR,
       MoeParser::SLASH, MoeParser::CARET, MoeParser::AMPERSAND, MoeParser::BAR,
       MoeParser::EQ, MoeParser::NE, MoeParser::LT, MoeParser::LE, MoeParser::GT,
       MoeParser::GE, MoeParser::AND, MoeParser::OR, MoeParser::WHERE,
       MoeParser::THEN, MoeParser::ELSE, MoeParser::ARROW, MoeParser::FAT_ARROW,
       MoeParser::ASSIGN, MoeParser::ADD_ASSIGN, MoeParser::UPDATE,
       MoeParser::COMMA, MoeParser::DOT, MoeParser::TILDE});
  return set;
}

/// The statement goes on after a line that ends in one of these. Not after what
/// gives a value: `y =` at the end of a line is an error better told there.
const TokenSet &wantsMore() {
  static const TokenSet set =
      (infix() | setOf({MoeParser::NOT, MoeParser::IN, MoeParser::QUIET,
                        MoeParser::COLON, MoeParser::LIKE})) &
      ~setOf({MoeParser::ASSIGN, MoeParser::ADD_ASSIGN, MoeParser::UPDATE});
  return set;
}

/// A line that begins with one of these continues nothing.
const TokenSet &startsAfresh() {
  static const TokenSet set =
      setOf({MoeParser::RETURN, MoeParser::PARAM, MoeParser::STATE,
             MoeParser::STREAM, MoeParser::TALLY, MoeParser::CARRY,
             MoeParser::AUX, MoeParser::PROBE, MoeParser::ASSERT, MoeParser::REPEAT,
             MoeParser::AFTER, MoeParser::RBRACE});
  return set;
}

/// What can begin an operand, but for `(`, `[`, `{` and `-`, which continue a
/// call.
const TokenSet &startsOperand() {
  static const TokenSet set =
      setOf({MoeParser::NAME, MoeParser::NUMBER, MoeParser::TRUE,
             MoeParser::FALSE, MoeParser::QUIET, MoeParser::LAYER,
             MoeParser::EXPERT, MoeParser::ROUTER, MoeParser::MOMENTUM,
             MoeParser::MODEL, MoeParser::SCHEDULE, MoeParser::OPTIMIZER,
             MoeParser::STEP, MoeParser::TRAIN, MoeParser::PRESET});
  return set;
}

const TokenSet &beginsItem() {
  static const TokenSet set =
      setOf({MoeParser::LAYER, MoeParser::EXPERT, MoeParser::ROUTER,
             MoeParser::MOMENTUM, MoeParser::OPTIMIZER, MoeParser::SCHEDULE,
             MoeParser::MODEL, MoeParser::FN, MoeParser::TRAIN,
             MoeParser::PRESET});
  return set;
}

size_t closerOf(size_t opener) {
  switch (opener) {
  case MoeParser::LPAREN:
    return MoeParser::RPAREN;
  case MoeParser::LBRACKET:
    return MoeParser::RBRACKET;
  case MoeParser::LBRACE:
    return MoeParser::RBRACE;
  default:
    return 0;
  }
}

bool isCloser(size_t type) {
  return type == MoeParser::RPAREN || type == MoeParser::RBRACKET ||
         type == MoeParser::RBRACE;
}

const char *spell(size_t bracket) {
  switch (bracket) {
  case MoeParser::LPAREN:
    return "'('";
  case MoeParser::RPAREN:
    return "')'";
  case MoeParser::LBRACKET:
    return "'['";
  case MoeParser::RBRACKET:
    return "']'";
  case MoeParser::LBRACE:
    return "'{'";
  default:
    return "'}'";
  }
}

std::string quoted(std::string_view text) {
  return "'" + std::string(text) + "'";
}

//===----------------------------------------------------------------------===//
// 1. Characters of no token
//===----------------------------------------------------------------------===//

void reportUnknown(const SourceRange &range, DiagnosticSink &sink) {
  unsigned char c = range.getText().empty() ? 0 : range.getText().front();
  if (c < 0x20 || c == 0x7F) {
    sink.error(range, "a control character has no place here");
    return;
  }
  Diagnostic &error =
      sink.error(range, "unexpected character " + quoted(range.getText()));
  if (c >= 0x80)
    error.suggest("names are made of a-z, A-Z, 0-9 and '_'");
}

TokenList dropUnknown(TokenList raw, const Places &places, Layout &layout,
                      DiagnosticSink &sink) {
  TokenList known;
  for (auto &token : raw) {
    SourceRange range = places.of(*token);
    switch (token->getType()) {
    case MoeParser::UNKNOWN:
      reportUnknown(range, sink);
      layout.forgiveLine(range);
      break;
    case MoeParser::OPEN_STRING:
      sink.error(range, "this string is not closed on its line")
          .suggest("end it with '\"'");
      static_cast<antlr4::CommonToken &>(*token).setType(MoeParser::STRING);
      known.push_back(std::move(token));
      break;
    default:
      known.push_back(std::move(token));
    }
  }
  return known;
}

//===----------------------------------------------------------------------===//
// 2. Brackets
//===----------------------------------------------------------------------===//

class Balancer {
public:
  Balancer(Layout &layout, const Places &places, DiagnosticSink &sink)
      : layout(layout), places(places), sink(sink) {}

  void run(TokenList tokens) {
    for (size_t i = 0; i != tokens.size(); ++i) {
      size_t next = i + 1 < tokens.size() ? tokens[i + 1]->getType() : 0;
      // What is open there was left open.
      if (!stack.empty() && startsItem(*tokens[i], next))
        closeAllBefore(tokens[i].get());
      if (closerOf(tokens[i]->getType()))
        open(std::move(tokens[i]));
      else if (isCloser(tokens[i]->getType()))
        close(std::move(tokens[i]));
      else
        layout.tokens.push_back(std::move(tokens[i]));
      if (layout.tooDeep)
        return;
    }
    closeAllBefore(nullptr);
  }

private:
  struct Opener {
    size_t type;
    SourceRange range;
  };

  void open(std::unique_ptr<Token> token) {
    stack.push_back({token->getType(), places.of(*token)});
    if (stack.size() > maxNesting) {
      sink.error(stack.back().range, "brackets nest more than " +
                                         std::to_string(maxNesting) + " deep");
      layout.tooDeep = true;
    }
    layout.tokens.push_back(std::move(token));
  }

  void close(std::unique_ptr<Token> token) {
    size_t type = token->getType();
    SourceRange range = places.of(*token);
    size_t matching = stack.size();
    while (matching != 0 && closerOf(stack[matching - 1].type) != type)
      --matching;
    if (matching != 0) {
      while (stack.size() != matching)
        supplyCloser(token.get());
      stack.pop_back();
      layout.tokens.push_back(std::move(token));
    } else if (!stack.empty() && stack.back().type != MoeParser::LBRACE) {
      size_t wanted = closerOf(stack.back().type);
      sink.error(range, std::string("expected ") + spell(wanted) +
                            ", found " + spell(type))
          .note(stack.back().range,
                std::string(spell(stack.back().type)) + " opened here");
      stack.pop_back();
      static_cast<antlr4::CommonToken &>(*token).setType(wanted);
      layout.tokens.push_back(std::move(token));
    } else {
      sink.error(range, std::string("unmatched ") + spell(type));
      layout.forgiveLine(range);
    }
  }

  /// Closes the innermost bracket in front of `at` (null: the end of the file).
  void supplyCloser(const Token *at) {
    Opener opener = stack.back();
    stack.pop_back();
    Token &last = *layout.tokens.back();
    Diagnostic &error =
        sink.error(opener.range, std::string("unclosed ") + spell(opener.type) +
                                     " opened here");
    if (at)
      error.note(places.of(*at), std::string("expected ") +
                                     spell(closerOf(opener.type)) +
                                     " before this");
    uint32_t until = at ? places.of(*at).end.offset
                        : static_cast<uint32_t>(places.getFile().getText().size());
    layout.repaired.push_back({opener.range.begin.offset, until});

    // A copy, for ANTLR wants every token to know its source.
    auto closer = std::make_unique<antlr4::CommonToken>(&last);
    closer->setType(closerOf(opener.type));
    closer->setText(std::string(1, spell(closerOf(opener.type))[1]));
    layout.tokens.push_back(std::move(closer));
  }

  void closeAllBefore(const Token *at) {
    while (!stack.empty())
      supplyCloser(at);
  }

  Layout &layout;
  const Places &places;
  DiagnosticSink &sink;
  std::vector<Opener> stack;
};

//===----------------------------------------------------------------------===//
// 3. Line ends
//===----------------------------------------------------------------------===//

bool endsStatement(const TokenList &kept, const TokenList &tokens,
                   size_t next) {
  if (next == tokens.size() || startsAfresh()[tokens[next]->getType()])
    return true;
  size_t second = next + 1 < tokens.size() ? tokens[next + 1]->getType() : 0;
  if (startsItem(*tokens[next], second))
    return true;
  // `x.where` ends in a name, whatever the word means elsewhere.
  bool isMember = kept.size() > 1 &&
                  kept[kept.size() - 2]->getType() == MoeParser::DOT;
  bool goesOn = !kept.empty() && !isMember &&
                wantsMore()[kept.back()->getType()];
  return !goesOn && !infix()[tokens[next]->getType()];
}

TokenList keepStatementEnds(TokenList tokens) {
  TokenList kept;
  std::vector<size_t> stack;
  for (size_t i = 0; i != tokens.size(); ++i) {
    size_t type = tokens[i]->getType();
    if (type == MoeParser::NEWLINE) {
      bool inBrackets = !stack.empty() && stack.back() != MoeParser::LBRACE;
      if (!inBrackets && endsStatement(kept, tokens, i + 1))
        kept.push_back(std::move(tokens[i]));
      while (i + 1 != tokens.size() &&
             tokens[i + 1]->getType() == MoeParser::NEWLINE)
        ++i;
      continue;
    }
    if (closerOf(type))
      stack.push_back(type);
    else if (isCloser(type) && !stack.empty())
      stack.pop_back();
    if (type == MoeParser::RBRACE) {
      size_t before = kept.empty() ? 0 : kept.back()->getType();
      if (before != MoeParser::NEWLINE && before != MoeParser::SEMICOLON &&
          before != MoeParser::LBRACE) {
        auto end = std::make_unique<antlr4::CommonToken>(tokens[i].get());
        end->setType(MoeParser::NEWLINE);
        kept.push_back(std::move(end));
      }
    }
    kept.push_back(std::move(tokens[i]));
  }
  return kept;
}

//===----------------------------------------------------------------------===//
// 4. Prefix reductions
//===----------------------------------------------------------------------===//

void markReducers(TokenList &tokens) {
  auto type = [&](size_t i) {
    return i < tokens.size() ? tokens[i]->getType() : 0;
  };
  auto isReducer = [&](size_t i) {
    if (type(i) != MoeParser::NAME || type(i + 1) != MoeParser::LPAREN)
      return false;
    if (type(i + 2) == MoeParser::NAME && type(i + 3) == MoeParser::IN)
      return true;
    for (i += 2; type(i) == MoeParser::NAME; i += 2)
      if (type(i + 1) == MoeParser::RPAREN)
        return type(i + 2) < startsOperand().size() &&
               startsOperand()[type(i + 2)];
      else if (type(i + 1) != MoeParser::COMMA)
        return false;
    return false;
  };
  for (size_t i = 0; i != tokens.size(); ++i)
    if (isReducer(i))
      static_cast<antlr4::CommonToken &>(*tokens[i]).setType(MoeParser::REDUCER);
}

} // namespace

void Layout::forgiveLine(const SourceRange &range) {
  std::string_view line = range.file->getLine(range.begin.line);
  auto end = static_cast<uint32_t>(line.data() + line.size() -
                                   range.file->getText().data());
  repaired.push_back({range.begin.offset, end});
}

bool Layout::isRepaired(uint32_t offset) const {
  for (auto [begin, end] : repaired)
    if (begin <= offset && offset <= end)
      return true;
  return false;
}

bool parsing::startsItem(const Token &token, size_t next) {
  if (token.getCharPositionInLine() != 0 || !beginsItem()[token.getType()])
    return false;
  return token.getType() == MoeParser::TRAIN ? next == MoeParser::LBRACE
                                             : next == MoeParser::NAME;
}

Layout parsing::layOut(TokenList raw, const Places &places,
                       DiagnosticSink &sink) {
  Layout layout;
  Balancer(layout, places, sink).run(
      dropUnknown(std::move(raw), places, layout, sink));
  if (layout.tooDeep)
    return layout;
  layout.tokens = keepStatementEnds(std::move(layout.tokens));
  markReducers(layout.tokens);
  return layout;
}
